import * as z from 'zod'
import { JobDataError } from '../../schemas/errors/job.ts'
import type { Job } from '../../schemas/ports/jobs.ts'

/** The batch layer's jobs by name, with their data. No secrets: jobs are stored. */
const instant = z.number().int().nonnegative()
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/)

const trainSchema = z.strictObject({
  /** Start of a local day; nothing from then on is used. */
  highWaterMs: instant,
  /** Maximum days of history for training. */
  historyDays: z.number().int().min(1).max(3660).default(400),
})

const recomputeSchema = z.strictObject({
  /** Start of a local day in `zone`: batch rows before it, speed rows from it on. */
  highWaterMs: instant,
  zone: z.string().min(1),
  /** The generation published when this was added; 0 before the first. */
  after: z.number().int().nonnegative().default(0),
  /** Records archived when this was asked for; null for a new high-water mark. */
  archived: z.number().int().nonnegative().nullable().default(null),
  /** Whether a later published high-water mark is to be replaced by this one. */
  takesBack: z.boolean().default(false),
  /** An operator's hold on later high-water marks: `set` keeps them back, `lift` releases them. */
  hold: z.enum(['set', 'lift']).nullable().default(null),
  method: z.string().min(1).default('caiso-10-in-10'),
  excludedDates: z.array(date).default([]),
  holidays: z.array(date).default([]),
})

export type TrainData = z.output<typeof trainSchema>
export type RecomputeData = z.output<typeof recomputeSchema>
export const batchJobNames = ['train', 'recompute'] as const
export type BatchJobName = (typeof batchJobNames)[number]

/** One training per high-water mark. @throws InvalidArgumentError for data that does not fit. */
export function trainJob(data: z.input<typeof trainSchema>): Job {
  const parsed = readTrainData(data)
  return { name: 'train', id: `train-${parsed.highWaterMs}`, data: parsed }
}

/**
 * One recomputation per high-water mark and predecessor: adding it twice has no effect. At an
 * unchanged high-water mark the id also has what was archived by then: after such a job has found
 * nothing to do, later readings make another one.
 *
 * @throws InvalidArgumentError for data that does not fit.
 */
export function recomputeJob(data: z.input<typeof recomputeSchema>): Job {
  const parsed = readRecomputeData(data)
  const { highWaterMs, after, archived } = parsed
  const at = archived === null ? '' : `-at-${archived}`
  return { name: 'recompute', id: `recompute-${highWaterMs}-after-${after}${at}`, data: parsed }
}

export function readTrainData(data: unknown): TrainData {
  return read('train', trainSchema, data)
}

export function readRecomputeData(data: unknown): RecomputeData {
  return read('recompute', recomputeSchema, data)
}

function read<T>(name: string, schema: z.ZodType<T>, data: unknown): T {
  const parsed = schema.safeParse(data)
  if (parsed.success) return parsed.data
  throw new JobDataError({ job: name, issues: z.prettifyError(parsed.error) })
}
