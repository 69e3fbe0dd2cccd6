import type { Jobs, Model, Status } from '../../shapes/status.ts'
import { clockTime, count, dayName, decimal } from './format.ts'
import type { Headline } from './headline.ts'

/** Do the counters balance? */
export function countersHeadline(status: Status): Headline {
  const { readings, speed, isBalanced } = status
  const behind = status.lag.reduce((sum, each) => sum + each.records, 0)
  const isAlike = readings.read === speed.read
  const word = !isBalanced
    ? 'The counters do not balance'
    : isAlike
      ? 'The counters balance'
      : 'Catching up'
  return {
    tone: !isBalanced ? 'trouble' : isAlike ? 'good' : 'quiet',
    word,
    figure: count(readings.read),
    unit: 'readings read',
    sentence:
      `${count(readings.accepted)} accepted + ${count(readings.duplicate)} duplicate + ` +
      `${count(readings.rejected)} rejected. ` +
      (behind === 0 ? 'Nothing waits in the log.' : `${count(behind)} records wait in the log.`),
  }
}

export type PartitionRow = Status['lag'][number] & {
  /** Records read per second since the last sample; null on the first. */
  readonly perSecond: number | null
}

export type StatusAt = { readonly atMs: number; readonly lag: Status['lag'] }

/** Throughput by partition from two samples of the log. */
export function partitionRows(before: StatusAt | null, now: StatusAt): PartitionRow[] {
  const seconds = before ? (now.atMs - before.atMs) / 1000 : 0
  return now.lag.map((each) => {
    const earlier = before?.lag.find(
      (old) =>
        old.group === each.group && old.topic === each.topic && old.partition === each.partition,
    )
    const perSecond =
      earlier && seconds > 0 ? Math.max(0, (each.committed - earlier.committed) / seconds) : null
    return { ...each, perSecond }
  })
}

/** The idle partitions, with the time since when; null if none is. */
export function idleSentence(
  { idlePartitions }: Pick<Status, 'idlePartitions'>,
  zone: string,
): string | null {
  if (idlePartitions.length === 0) return null
  const named = idlePartitions.map(({ partition, since }) => {
    return `${partition} since ${clockTime(since, zone, true)}`
  })
  return `Idle partitions do not block the schedule: ${named.join(', ')}.`
}

/** Up to when the published generation is complete, and since when it is behind or held there. */
export function batchTimes(
  { generation, dirtyDays }: Pick<Status, 'generation' | 'dirtyDays'>,
  zone: string,
): string {
  if (!generation) return ''
  const at = (instant: string) => clockTime(instant, zone, true)
  const parts = [`Complete up to ${at(generation.highWater)}`]
  if (dirtyDays) parts.push(`behind since ${at(dirtyDays.since)}`)
  if (generation.heldSince) parts.push(`held back by an operator since ${at(generation.heldSince)}`)
  return `${parts.join('; ')}.`
}

export type ReasonRow = { readonly reason: string; readonly rejected: number }

export function reasonRows(status: Status): ReasonRow[] {
  return Object.entries(status.rejectedByReason)
    .map(([reason, rejected]) => ({ reason, rejected: rejected ?? 0 }))
    .sort((left, right) => right.rejected - left.rejected || (left.reason < right.reason ? -1 : 1))
}

/** The original bytes as text; non-text bytes are shown as escapes. */
export function decodeSample(base64: string): string {
  const bytes = Uint8Array.from(atob(base64), (each) => each.charCodeAt(0))
  const text = new TextDecoder('utf-8').decode(bytes)
  // Control characters would hide the fault of the line.
  return [...text].map((each) => (each < ' ' && each !== '\n' ? escapeOf(each) : each)).join('')
}

function escapeOf(control: string): string {
  return `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`
}

/** A model's gain over seasonal naive: `0.25` is a quarter less error. */
export function gainOf({ metrics }: Pick<Model, 'metrics'>): number | null {
  return metrics.ratio === undefined ? null : 1 - metrics.ratio
}

export type Job = Jobs['jobs'][number]

/** `train up to 11 Feb 2013`: a job's id contains its high-water mark. */
export function jobTitle({ id, name }: Pick<Job, 'id' | 'name'>, zone: string): string {
  const found = /-(\d{13})(?:-|$)/.exec(id)
  return found ? `${name} up to ${dayName(Number(found[1]), zone)}` : id
}

/** The outcome of a job, in a few words. */
export function describeJob({ state, failure, result }: Job, zone: string): string {
  if (state === 'failed') return failure ?? 'failed without a reason'
  if (result === null || typeof result !== 'object') return ''
  return Object.entries(result)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .slice(0, 4)
    .map(([name, value]) => describeResult(name, value, zone))
    .join(' · ')
}

function describeResult(name: string, value: unknown, zone: string): string {
  const words = name
    .replace(/Ms$/, '')
    .replace(/[A-Z]/g, (deadLetter) => ` ${deadLetter.toLowerCase()}`)
  if (typeof value !== 'number') return `${words} ${shorten(value)}`
  return `${words} ${name.endsWith('Ms') ? clockTime(value, zone, true) : decimal(value, 3)}`
}

function shorten(value: unknown): string {
  const text = String(value)
  return text.length > 24 ? `${text.slice(0, 12)}…` : text
}
