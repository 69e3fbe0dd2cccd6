import os from 'node:os'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import { invariant } from '../../schemas/errors/wattproofError.ts'
import { meterId, partitionOf } from '../../schemas/ids.ts'
import type { LogRecord } from '../../schemas/logRecord.ts'
import { memberOf } from '../../schemas/meter/membership.ts'
import { firstStep } from '../../schemas/meter/step.ts'
import { encodeFrame } from '../../schemas/reading/frame.ts'
import { quality, type Reading, standing } from '../../schemas/reading/reading.ts'
import { energyMwh } from '../../schemas/units.ts'
import { cellBytes } from '../../speed/deviation/speedDay.ts'
import { advanceChanges, computeChanges } from '../../speed/microbatch/advanceChanges.ts'
import { decodeRecord } from '../../speed/microbatch/decodeRecord.ts'
import { processRecords } from '../../speed/microbatch/processRecords.ts'
import {
  createSpeedState,
  type SpeedState,
  setBaselines,
} from '../../speed/microbatch/speedState.ts'
import { deviationRows, groupRows } from '../../speed/publish/speedRows.ts'

/**
 * What the speed layer itself costs, without log and store: records of the log to the rows that a
 * store takes, on one thread. Meters in ten groups, a baseline in each slot, frames of 1,000
 * readings in the order of time; and a correction of one reading half of the slots ago.
 */
const startMs = Date.UTC(2026, 0, 5)
const rowsOfFrame = 1_000
const framesOfBatch = 20
const groups = 10
const rounds = 5

const stages = ['decode', 'process', 'advance', 'rows'] as const
type Stage = (typeof stages)[number] | 'compute'
export type Spent = Record<Stage, number> & { readings: number; cpuUs: number }

export function nothingSpent(): Spent {
  return { decode: 0, process: 0, compute: 0, advance: 0, rows: 0, readings: 0, cpuUs: 0 }
}

export type Job = { readonly meters: number; readonly slots: number; readonly stepS: number }

/** The first three have the same slots, so that they compare: opening a day is part of each. */
const jobs: readonly Job[] = [
  { meters: 1_000, slots: 6, stepS: 1_800 },
  { meters: 10_000, slots: 6, stepS: 1_800 },
  { meters: 100_000, slots: 6, stepS: 1_800 },
  { meters: 10_000, slots: 12, stepS: 1_800 },
  { meters: 100_000, slots: 3, stepS: 900 },
]

/** `numbers`: meters, slots and the length of one, s, of a single job instead of those. */
export function printLayer(numbers: readonly number[] = []): void {
  const [meters = 10_000, slots = 12, stepS = 1_800] = numbers
  for (const job of numbers.length > 0 ? [{ meters, slots, stepS }] : jobs) {
    const { meters, slots, stepS } = job
    const found = Array.from({ length: rounds }, () => runRound(job))
    found.sort((left, right) => rateOf(left.spent) - rateOf(right.spent))
    const [least, most] = [found[0]!, found.at(-1)!]
    const middle = found[Math.floor(rounds / 2)]!
    const perS = ({ spent }: typeof middle) => Math.round(rateOf(spent)).toLocaleString('en')
    const spread = `${perS(middle)} (${perS(least)} … ${perS(most)})`
    const name = `${meters.toLocaleString('en')} meters of ${stepS} s, ${slots} slots`
    const timesReal = Math.round((rateOf(middle.spent) * stepS) / meters)
    print(`${name}: ${spread} readings a CPU-second, ${timesReal} × real time`)
    const us = ({ spent }: typeof middle, stage: Stage) => spent[stage] / spent.readings
    const perReading = stages.map((stage) => `${stage} ${us(middle, stage).toFixed(2)}`)
    print(`  µs a reading: ${perReading.join(', ')}`)
    const replays = found.map(({ replay }) => us({ ...middle, spent: replay }, 'compute'))
    replays.sort((left, right) => left - right)
    const [low, mid, high] = [0, Math.floor(rounds / 2), rounds - 1].map((at) => {
      return replays[at]!.toFixed(3)
    })
    print(`  in a replay, without rows and sums: compute ${mid} (${low} … ${high})`)
    print(
      `  correction ${middle.correctionMs.toFixed(2)} ms; at most ${middle.bytesOfMeter} B a meter`,
    )
  }
  const { model } = os.cpus()[0]!
  print(`${model}, Node ${process.version}, load ${os.loadavg()[0]!.toFixed(1)}`)
}

function rateOf({ readings, cpuUs }: Spent): number {
  return (1e6 * readings) / cpuUs
}

function runRound(job: Job) {
  const { slots, meters } = job
  const state = openState(job)
  const [spent, replay] = [nothingSpent(), nothingSpent()]
  const again = openState(job)
  for (let slot = 0; slot < slots; slot++) {
    const records = recordsOfSlot(job, slot)
    for (let from = 0; from < records.length; from += framesOfBatch) {
      const batch = records.slice(from, from + framesOfBatch)
      takeBatch(state, spent, batch)
      replayBatch(again, replay, batch)
    }
  }
  const restated = { ...readingAt(job, { at: 0, slot: Math.floor(slots / 2) }), revision: 1 }
  const corrections = Array.from({ length: 21 }, (_, at) => {
    const changed = { ...restated, revision: 1 + at, energyMwh: energyMwh(1_000 + at) }
    const beganMs = performance.now()
    takeBatch(state, { ...spent }, [recordOf([changed], 1e6 + at)])
    return performance.now() - beganMs
  })
  const bytesOfMeter = Math.round((state.cells * cellBytes + state.sums.sites * 17) / meters)
  return { spent, replay, correctionMs: corrections.sort((a, b) => a - b)[10]!, bytesOfMeter }
}

function replayBatch(state: SpeedState, spent: Spent, records: readonly LogRecord[]): void {
  const { counters, changes } = processRecords(state, records.map(decodeRecord))
  const beganUs = cpuUs()
  computeChanges(state, changes)
  spent.compute += cpuUs() - beganUs
  for (const { counters: each } of counters) spent.readings += each.accepted
}

export function takeBatch(state: SpeedState, spent: Spent, records: readonly LogRecord[]): void {
  const first = cpuUs()
  let beganUs = first
  const lap = (stage: (typeof stages)[number]) => {
    const nowUs = cpuUs()
    spent[stage] += nowUs - beganUs
    beganUs = nowUs
  }
  const read = records.map(decodeRecord)
  lap('decode')
  const { counters, changes } = processRecords(state, read)
  lap('process')
  const { deviations, groups: sums } = advanceChanges(state, changes)
  lap('advance')
  const rows = deviationRows(state, deviations)
  groupRows(state, sums)
  lap('rows')
  spent.cpuUs += beganUs - first
  for (const { counters: each } of counters) spent.readings += each.accepted
  invariant(rows.rows >= counters.length, 'A record left no row.')
}

/** CPU of all threads of this process; other programs do not count. */
export function cpuUs(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

export function openState({ meters, slots, stepS }: Job): SpeedState {
  const options = { ...deviationDefaults, latenessS: 3_600, cellsMax: 20_000_000 }
  const given = { generation: 1, revision: 1, highWaterMs: startMs, partitions: 1, options }
  const steps = firstStep(stepS)
  const state = createSpeedState({
    ...given,
    meters: Array.from({ length: meters }, (_, at) => ({
      ...{ meter: idOf(at), site: idOf(at), kind: 'import' as const, zone: 'UTC', account: null },
      ...{ groups: [memberOf(`group-${at % groups}`)], intervalS: stepS, steps },
    })),
  })
  for (let at = 0; at < meters; at++) {
    const rows = Array.from({ length: slots }, (_, slot) => ({
      ...{ meter: idOf(at), startMs: startMs + slot * stepS * 1000, durationS: stepS },
      ...{ baselineMwh: 100_000 + (at % 977), sigmaW: 90 },
    }))
    setBaselines(state, rows)
  }
  return state
}

function idOf(at: number) {
  return meterId(`meter-${1_000_000 + at}`)
}

let offset = 0

export function recordsOfSlot(job: Job, slot: number): LogRecord[] {
  return Array.from({ length: job.meters / rowsOfFrame }, (_, frame) => {
    const rows = Array.from({ length: rowsOfFrame }, (_, row) => frame * rowsOfFrame + row)
    return recordOf(
      rows.map((at) => readingAt(job, { at, slot })),
      offset++,
    )
  })
}

export function recordOf(readings: readonly Reading[], at: number): LogRecord {
  const position = { topic: 'readings.v1', partition: partitionOf(readings[0]!.meter, 1) }
  const value = encodeFrame(readings)
  return { position: { ...position, offset: at }, loggedMs: startMs, key: new Uint8Array(), value }
}

export function readingAt({ stepS }: Job, { at, slot }: { at: number; slot: number }): Reading {
  return {
    ...{ meter: idOf(at), startMs: startMs + slot * stepS * 1000, durationS: stepS },
    energyMwh: energyMwh(50_000 + ((at * 7919 + slot * 104_729) % 200_000)),
    ...{ powerW: null, reactiveVar: null, quality: quality.measured, revision: 0 },
    ...{ standing: standing.stated, saidAtMs: null, isVoid: false, source: '', ingest: '' },
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
