import type { LogRecord } from '../../schemas/logRecord.ts'
import { encodeFrame } from '../../schemas/reading/frame.ts'
import { energyMwh } from '../../schemas/units.ts'
import { computeChanges } from '../../speed/microbatch/advanceChanges.ts'
import { decodeRecord } from '../../speed/microbatch/decodeRecord.ts'
import { processRecords } from '../../speed/microbatch/processRecords.ts'
import {
  cpuUs,
  type Job,
  nothingSpent,
  openState,
  readingAt,
  recordOf,
  recordsOfSlot,
  takeBatch,
} from './layerBench.ts'

const job: Job = { meters: 2_000, slots: 48, stepS: 1_800 }
const slots = [0, 12, 24, 36, 47] as const
const rounds = 21

export type LayerCorrections = {
  /** By slot of the day: of one alone, ms of CPU of each round. */
  readonly aloneMs: Rounds
  /** So many a CPU-second where one micro-batch has one of each meter. */
  readonly togetherPerS: Rounds
  /** The same of computing alone, by the kernel: without placing, rows and sums. */
  readonly computedPerS: Rounds
}

type Rounds = ReadonlyMap<number, readonly number[]>

/** Corrections in the speed layer of a whole half-hourly day: records of the log to rows. */
export function measureCorrections(): LayerCorrections {
  const state = openState(job)
  for (let slot = 0; slot < job.slots; slot++) {
    takeBatch(state, nothingSpent(), recordsOfSlot(job, slot))
  }
  let revision = 0
  const recordsOf = (meters: number, slot: number) => {
    revision += 1
    const restated = Array.from({ length: meters }, (_, at) => ({
      ...readingAt(job, { at, slot }),
      ...{ revision, energyMwh: energyMwh(1_000 + revision) },
    }))
    const records: ReturnType<typeof recordOf>[] = []
    for (let from = 0; from < meters; from += 1_000) {
      const own = restated.slice(from, from + 1_000)
      records.push(recordOf(encodeFrame(own), own[0]!.meter, 1e6 + 1e3 * revision + from / 1_000))
    }
    return records
  }
  const take = (records: readonly LogRecord[]) => {
    const beganUs = cpuUs()
    takeBatch(state, nothingSpent(), records)
    return cpuUs() - beganUs
  }
  const compute = (records: readonly LogRecord[]) => {
    const { changes } = processRecords(state, records.map(decodeRecord))
    const beganUs = cpuUs()
    computeChanges(state, changes)
    return cpuUs() - beganUs
  }
  const spentUs = (meters: number, slot: number, spend = take) =>
    Array.from({ length: rounds }, () => spend(recordsOf(meters, slot)))
  const perS = (us: readonly number[]) => us.map((each) => (1e6 * job.meters) / each)
  const ofSlots = (found: (slot: number) => number[]): Rounds =>
    new Map(slots.map((at) => [at, found(at)]))
  // Those at once first: they compile what one alone then runs, as in a layer that was running.
  const togetherPerS = ofSlots((slot) => perS(spentUs(job.meters, slot)))
  const computedPerS = ofSlots((slot) => perS(spentUs(job.meters, slot, compute)))
  const aloneMs = ofSlots((slot) => spentUs(1, slot).map((us) => us / 1_000))
  return { aloneMs, togetherPerS, computedPerS }
}
