import os from 'node:os'
import v8 from 'node:v8'
import vm from 'node:vm'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import { invariant } from '../../schemas/errors/wattproofError.ts'
import { type MeterId, meterId, partitionOf } from '../../schemas/ids.ts'
import type { LogRecord } from '../../schemas/logRecord.ts'
import { memberOf } from '../../schemas/meter/membership.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { firstStep } from '../../schemas/meter/step.ts'
import { encodeColumns, encodeFrame, noColumns } from '../../schemas/reading/frame.ts'
import { quality, type Reading, standing } from '../../schemas/reading/reading.ts'
import type { ReadingColumns } from '../../schemas/reading/readingColumns.ts'
import { energyMwh } from '../../schemas/units.ts'
import { cellBytes } from '../../speed/deviation/speedDay.ts'
import { advanceChanges, computeChanges } from '../../speed/microbatch/advanceChanges.ts'
import { decodeRecord } from '../../speed/microbatch/decodeRecord.ts'
import { processRecords } from '../../speed/microbatch/processRecords.ts'
import {
  type BaselineRow,
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
    const measuredBytes = measureBytes(job)
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
    const bytes = `${measuredBytes} B a meter measured, counted as ${middle.countedBytes}`
    print(`  correction ${middle.correctionMs.toFixed(2)} ms; ${bytes}`)
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
    const record = recordOf(encodeFrame([changed]), changed.meter, 1e6 + at)
    const beganUs = cpuUs()
    takeBatch(state, { ...spent }, [record])
    return (cpuUs() - beganUs) / 1_000
  })
  const countedBytes = Math.round((state.cells * cellBytes + state.sums.sites * 17) / meters)
  return { spent, replay, correctionMs: corrections.sort((a, b) => a - b)[10]!, countedBytes }
}

/** What the state of a job takes of the heap and of array buffers once all slots are in it. */
export function measureBytes(job: Job): number {
  const before = usedBytes()
  const state = openState(job)
  for (let slot = 0; slot < job.slots; slot++) {
    takeBatch(state, nothingSpent(), recordsOfSlot(job, slot))
  }
  const taken = usedBytes() - before
  invariant(state.cells > 0, 'The state is used until here.')
  return Math.round(taken / job.meters)
}

function usedBytes(): number {
  // The first one frees array buffers that only the second one counts.
  for (let time = 0; time < 2; time++) collectGarbage()
  // Array buffers and the memories of the kernel.
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

v8.setFlagsFromString('--expose-gc')
const collectGarbage = vm.runInNewContext('gc') as () => void

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

export function openState(job: Job): SpeedState {
  const options = { ...deviationDefaults, latenessS: 3_600, cellsMax: 60_000_000 }
  const given = { generation: 1, revision: 1, highWaterMs: startMs, partitions: 1, options }
  if (fleet?.job !== job) fleet = fleetOf(job)
  const state = createSpeedState({ ...given, meters: fleet.meters })
  for (let at = 0; at < job.meters; at++) setBaselines(state, baselinesOf(job, at))
  return state
}

/** The meters of the latest job: all its rounds have the same. */
let fleet: { readonly job: Job; readonly meters: readonly Meter[] } | null = null

function fleetOf(job: Job) {
  const { meters: count, stepS } = job
  const steps = firstStep(stepS)
  const memberships = Array.from({ length: groups }, (_, group) => [memberOf(`group-${group}`)])
  const meters = Array.from({ length: count }, (_, at): Meter => {
    const meter = idOf(at)
    const own = { meter, site: meter, groups: memberships[at % groups]!, intervalS: stepS, steps }
    return { ...own, kind: 'import', zone: 'UTC', account: null }
  })
  return { job, meters }
}

function baselinesOf({ slots, stepS }: Job, at: number): BaselineRow[] {
  const meter = idOf(at)
  const baselineMwh = 100_000 + (at % 977)
  return Array.from({ length: slots }, (_, slot) => {
    const slotMs = startMs + slot * stepS * 1000
    return { meter, startMs: slotMs, durationS: stepS, baselineMwh, sigmaW: 90 }
  })
}

function idOf(at: number) {
  return meterId(`meter-${1_000_000 + at}`)
}

let offset = 0

/** As gateways send them: each its own meters again and again. */
export function recordsOfSlot(job: Job, slot: number): LogRecord[] {
  const { meters, stepS } = job
  return Array.from({ length: Math.ceil(meters / rowsOfFrame) }, (_, frame) => {
    const from = frame * rowsOfFrame
    const roster = rosterFrom(from, Math.min(rowsOfFrame, meters - from))
    const t0Ms = startMs + slot * stepS * 1000
    const columns: ReadingColumns = {
      ...noColumns,
      ...{ rows: roster.length, roster, meter: Uint32Array.from(roster.keys()), t0Ms },
      ...{ dtS: Int32Array.of(0), durationS: Uint32Array.of(stepS) },
      energyMwh: Float64Array.from(roster, (_, row) => energyAt(from + row, slot)),
      ...{ powerW: Float32Array.of(Number.NaN), reactiveVar: Float32Array.of(Number.NaN) },
      ...{ quality: Uint32Array.of(quality.measured), standing: Uint32Array.of(standing.stated) },
      ...{ revision: Uint32Array.of(0), saidAtMs: Float64Array.of(0), isVoid: Uint32Array.of(0) },
    }
    return recordOf(encodeColumns(columns), roster[0]!, offset++)
  })
}

const rosters = new Map<string, readonly MeterId[]>()

function rosterFrom(from: number, rows: number): readonly MeterId[] {
  const name = `${from} ${rows}`
  const known = rosters.get(name) ?? Array.from({ length: rows }, (_, row) => idOf(from + row))
  rosters.set(name, known)
  return known
}

export function recordOf(value: Uint8Array, meter: MeterId, at: number): LogRecord {
  const position = { topic: 'readings.v1', partition: partitionOf(meter, 1) }
  return { position: { ...position, offset: at }, loggedMs: startMs, key: new Uint8Array(), value }
}

function energyAt(at: number, slot: number): number {
  return 50_000 + ((at * 7919 + slot * 104_729) % 200_000)
}

export function readingAt({ stepS }: Job, { at, slot }: { at: number; slot: number }): Reading {
  return {
    ...{ meter: idOf(at), startMs: startMs + slot * stepS * 1000, durationS: stepS },
    energyMwh: energyMwh(energyAt(at, slot)),
    ...{ powerW: null, reactiveVar: null, quality: quality.measured, revision: 0 },
    ...{ standing: standing.stated, saidAtMs: null, isVoid: false, source: '', ingest: '' },
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
