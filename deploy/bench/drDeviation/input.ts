import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type MeterId, meterId } from '../../../schemas/ids.ts'
import type { LogRecord } from '../../../schemas/logRecord.ts'
import { memberOf } from '../../../schemas/meter/membership.ts'
import type { Meter } from '../../../schemas/meter/meter.ts'
import { firstStep } from '../../../schemas/meter/step.ts'
import { encodeColumns, noColumns } from '../../../schemas/reading/frame.ts'
import { frameRowsMax } from '../../../schemas/reading/frameColumns.ts'
import { quality, standing } from '../../../schemas/reading/reading.ts'
import { readingsTopic } from '../../../schemas/topics.ts'
import type { BaselineRow } from '../../../speed/microbatch/speedState.ts'

/** Slots of the job: quarter-hours. */
export const stepS = 900
const slotsOfDay = 96
/** Slot 0 begins a day of UTC. */
export const startMs = Date.UTC(2026, 0, 5)
/** mWh of a quarter-hour at a watt. */
export const mwhOfWatt = stepS / 3.6
const numbersOfRecord = 3
/** Readings of a micro-batch: what the layer reads at most (`readBatch.ts`). */
const readingsOfBatch = 60_000

/** The job's input as the product takes it. */
export type Input = {
  readonly meters: readonly Meter[]
  /** Bands, per mille of the baseline. `[meter]` */
  readonly bands: Int32Array
  /** Slots with readings. */
  readonly slots: number
  readonly readings: number
  /** Records of the log, in micro-batches. */
  readonly batches: readonly (readonly LogRecord[])[]
  baselinesOf(meter: number): BaselineRow[]
}

const files = ['meters.bin', 'baseline.bin', 'readings.p0of1.bin'] as const

/** The first file of the job's input that a folder does not have. */
export function missingInput(folder: string): string | null {
  return files.map((name) => path.join(folder, name)).find((file) => !existsSync(file)) ?? null
}

/**
 * Enrolments, baselines and readings of a folder. A micro-batch has readings that arrived one after
 * another, in that order, as frames of the meters of as few rosters as there can be.
 *
 * @throws RangeError for more slots than a day has: the layer's days depend on nothing before them.
 */
export function readInput(folder: string): Input {
  const [meterNumbers, baseline, rows] = files.map((name) => numbersOf(path.join(folder, name)))
  const count = meterNumbers!.length / 2
  const numbers = Array.from({ length: count }, (_, at) => at)
  const ids = numbers.map((at) => meterId(`meter-${1_000_000 + at}`))
  const slots = 1 + slotsIn(rows!)
  if (slots > slotsOfDay) throw new RangeError(`${slots} slots are more than a day.`)
  const [steps, memberships] = [firstStep(stepS), new Map<number, Meter['groups']>()]
  const meters = ids.map((meter, at): Meter => {
    const group = meterNumbers![2 * at]!
    const groups = memberships.get(group) ?? [memberOf(`${group}`)]
    memberships.set(group, groups)
    const own = { meter, site: meter, groups, intervalS: stepS, steps }
    return { ...own, kind: 'import', zone: 'UTC', account: null }
  })
  return {
    ...{ meters, slots, readings: rows!.length / numbersOfRecord },
    bands: Int32Array.from(numbers, (at) => meterNumbers![2 * at + 1]!),
    batches: batchesOf(rows!, rostersOf(ids)),
    baselinesOf: (at) =>
      Array.from({ length: slots }, (_, slot) => ({
        ...{ meter: ids[at]!, startMs: startMs + 1_000 * stepS * slot, durationS: stepS },
        ...{ baselineMwh: baseline![slot * count + at]! * mwhOfWatt, sigmaW: 50 },
      })),
  }
}

function numbersOf(file: string): Int32Array {
  return new Int32Array(new Uint8Array(readFileSync(file)).buffer)
}

function slotsIn(rows: Int32Array): number {
  let newest = -1
  for (let at = 1; at < rows.length; at += numbersOfRecord) newest = Math.max(newest, rows[at]!)
  return newest
}

function rostersOf(ids: readonly MeterId[]): MeterId[][] {
  const rosters: MeterId[][] = []
  for (let from = 0; from < ids.length; from += frameRowsMax) {
    rosters.push(ids.slice(from, from + frameRowsMax))
  }
  return rosters
}

function batchesOf(rows: Int32Array, rosters: readonly MeterId[][]): LogRecord[][] {
  const batches: LogRecord[][] = []
  let offset = 0
  const numbers = readingsOfBatch * numbersOfRecord
  for (let from = 0; from < rows.length; from += numbers) {
    const own = rows.subarray(from, from + numbers)
    const frames = rosters.flatMap((roster, at) => framesOf(own, roster, at * frameRowsMax))
    batches.push(frames.map((value) => recordOf(value, offset++)))
  }
  return batches
}

/** The frames of a roster's readings, in their order. */
function framesOf(rows: Int32Array, roster: readonly MeterId[], first: number): Uint8Array[] {
  const [meters, seconds, energies]: [number[], number[], number[]] = [[], [], []]
  for (let at = 0; at < rows.length; at += numbersOfRecord) {
    const meter = rows[at]! - first
    if (meter < 0 || meter >= roster.length) continue
    meters.push(meter)
    seconds.push(rows[at + 1]! * stepS)
    energies.push(rows[at + 2]! * mwhOfWatt)
  }
  const frames: Uint8Array[] = []
  for (let from = 0; from < meters.length; from += frameRowsMax) {
    const [own, to] = [meters.slice(from, from + frameRowsMax), from + frameRowsMax]
    const columns = {
      ...noColumns,
      ...{ rows: own.length, roster, meter: Uint32Array.from(own), t0Ms: startMs },
      ...{ dtS: Int32Array.from(seconds.slice(from, to)), durationS: Uint32Array.of(stepS) },
      energyMwh: Float64Array.from(energies.slice(from, to)),
      ...{ powerW: Float32Array.of(Number.NaN), reactiveVar: Float32Array.of(Number.NaN) },
      ...{ quality: Uint32Array.of(quality.measured), standing: Uint32Array.of(standing.stated) },
      ...{ revision: Uint32Array.of(0), saidAtMs: Float64Array.of(0), isVoid: Uint32Array.of(0) },
    }
    frames.push(encodeColumns(columns))
  }
  return frames
}

function recordOf(value: Uint8Array, offset: number): LogRecord {
  const position = { topic: readingsTopic, partition: 0, offset }
  return { position, loggedMs: startMs, key: new Uint8Array(), value }
}
