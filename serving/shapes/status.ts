import * as z from 'zod'
import { rejectReasons } from '../../schemas/reading/reading.ts'
import { instant } from './common.ts'

const count = z.int().nonnegative()

/** `read = accepted + duplicate + rejected`; late and corrected are within accepted. */
const counters = z.object({
  read: count,
  accepted: count,
  duplicate: count,
  rejected: count,
  late: count,
  corrected: count,
})

const generation = z.object({
  generation: z.int(),
  /** Batch rows come before it, speed rows from it on. */
  highWater: instant,
  /** Baselines and forecasts are published up to here. */
  horizon: instant,
  modelId: z.string().nullable(),
  created: instant,
  /**
   * An operator has taken a high-water mark back, and the daily schedule publishes no later one
   * since; `POST /jobs` with a later one ends that. Null while the schedule is free.
   */
  heldSince: instant.nullable(),
})

/** How far a group of readers is behind in one partition. */
const partitionLag = z.object({
  group: z.enum(['speed', 'archive']),
  topic: z.string(),
  partition: count,
  committed: count,
  end: count,
  /** Records that wait: end less committed. */
  records: count,
  /** Seconds in which records waited and none was committed, from 30 on: an alert; else null. */
  stalledS: count.nullable(),
  /** The process that it is assigned to, as machine and process id; null: none, for now. */
  reader: z.string().nullable(),
})

const layerState = z.object({
  state: z.enum(['ok', 'behind', 'stalled', 'waiting', 'failed', 'down']),
  /** What that means now, in a sentence. */
  sentence: z.string(),
})

const layerNames = ['speed', 'archive', 'batch', 'serving', 'chain'] as const

export const status = z.object({
  version: z.string(),
  /** The installation's clock; simulated in the demo. */
  now: instant,
  /** Null; or, while a store does not answer: all below but the log's lag is as it was then. */
  oldSince: instant.nullable(),
  /** Ingest counters of the archive: the master data set. */
  readings: counters,
  speed: counters,
  /** Whether the counters of both layers balance. */
  isBalanced: z.boolean(),
  /** Pending dead letters, without resolved ones. */
  rejectedByReason: z.partialRecord(z.enum(rejectReasons), count),
  /**
   * Event time that every partition which is not idle has reached in the speed layer; null before
   * the first reading.
   */
  watermark: instant.nullable(),
  watermarks: z.array(
    z.object({
      partition: count,
      watermark: instant,
      /**
       * The generation whose baselines live rows have: 0 before the first, and the former one until
       * the speed layer has caught up with a new one.
       */
      generation: count,
    }),
  ),
  /**
   * Partitions without a record for `WATTPROOF_IDLE_S`, all read: they do not hold the watermark
   * back.
   */
  idlePartitions: z.array(
    z.object({
      partition: count,
      /** When its last record was read; for an empty one, when waiting began. */
      since: instant,
    }),
  ),
  batchHighWaterMark: instant.nullable(),
  /**
   * More is open than the speed layer holds: readings from before it that arrive now may appear
   * with the next generation only. Null when all open days are held.
   */
  heldFrom: instant.nullable(),
  generation: generation.nullable(),
  /** Whether all that the speed layer shows follows the newest enrolments. */
  isEnrolmentShown: z.boolean(),
  /**
   * Days before the high-water mark with readings that came after the generation, which no view
   * shows yet; null where there are none.
   */
  dirtyDays: z.object({ days: count, meters: count, since: instant }).nullable(),
  /** Age of the watermark on the installation's clock, ms. */
  lagMs: z.number().nullable(),
  lag: z.array(partitionLag),
  chain: z
    .object({ head: count, finalized: count, timestamp: instant, chainId: z.int() })
    .nullable(),
  layers: z.record(z.enum(layerNames), layerState),
  /**
   * Processes that ended and were started again since `up` runs here: how often, when last, and
   * why. Empty for layers that run without it.
   */
  replaced: z.array(z.object({ process: z.string(), count, last: instant, reason: z.string() })),
})
export type Status = z.infer<typeof status>

export const rejected = z.object({
  rejected: z.array(
    z.object({
      /** Its place in `readings.v1.rejected`; names it in `from`. */
      offset: count,
      reason: z.enum(rejectReasons),
      detail: z.string(),
      /** File name or client. */
      source: z.string(),
      /** Row of the request, from 0. */
      index: count,
      /** Line of the file, from 1, header and blank lines counted; 0 where it has none. */
      line: count,
      /** Column or series of the cell, and its text; empty of a whole row. */
      column: z.string(),
      value: z.string(),
      received: instant,
      /** The original bytes, base64. */
      originalBase64: z.string(),
    }),
  ),
  /** What `from` continues with, or `before` where newest first; null at the end. */
  next: count.nullable(),
})
export type Rejected = z.infer<typeof rejected>

export const retryBody = z.strictObject({
  reason: z.enum(rejectReasons).optional(),
  from: count.optional(),
  limit: z.int().min(1).max(10_000).optional(),
  dryRun: z.boolean().optional(),
})

export const retryReport = z.object({
  tried: count,
  /** Valid now, and in the log (with `dryRun`: would be). */
  queued: count,
  /** Still refused, by reason. */
  stillRejected: z.partialRecord(z.enum(rejectReasons), count),
  isDryRun: z.boolean(),
  next: count.nullable(),
})
export type RetryReport = z.infer<typeof retryReport>

const job = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(['waiting', 'active', 'completed', 'failed', 'unknown']),
  attempts: count,
  /** With the token only, both: they may name meters. */
  result: z.unknown().optional(),
  failure: z.string().nullable().optional(),
})
export type Job = z.infer<typeof job>
export const jobs = z.object({ jobs: z.array(job) })
export type Jobs = z.infer<typeof jobs>

const jobNames = ['train', 'recompute'] as const
export const startJobBody = z.strictObject({
  name: z.enum(jobNames),
  /** Start of a local day: what is before it is history. */
  highWater: z.iso.datetime({ offset: true }),
  /** A later published high-water mark is replaced; without it there is nothing to do. */
  takesBack: z.boolean().optional(),
})
export const startedJob = z.object({
  name: z.enum(jobNames),
  /** Null when there is nothing to do. */
  id: z.string().nullable(),
  sentence: z.string(),
})

const dateRange = z.tuple([z.string(), z.string()])
export const model = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.string(),
  created: instant,
  split: z.object({ train: dateRange, validate: dateRange, test: dateRange }),
  hyperparameters: z.record(z.string(), z.union([z.number(), z.string()])),
  inputs: z.record(z.string(), z.array(z.union([z.number(), z.string()]))),
  outputs: z.record(z.string(), z.array(z.union([z.number(), z.string()]))),
  metrics: z.record(z.string(), z.number()),
  meters: count,
  notes: z.string(),
  /** True if its name points to it now. */
  isReleased: z.boolean(),
})
export type Model = z.infer<typeof model>
export const models = z.object({ models: z.array(model) })

export const readiness = z.object({
  isReady: z.boolean(),
  parts: z.record(
    z.enum(['views', 'log', 'chain']),
    z.object({ isReady: z.boolean(), sentence: z.string() }),
  ),
})
export type Readiness = z.infer<typeof readiness>
