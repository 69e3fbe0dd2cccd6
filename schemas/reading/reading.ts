import type { MeterId } from '../ids.ts'
import type { EpochMs } from '../time.ts'
import type { EnergyMwh } from '../units.ts'

/** Origin of the value. A larger quality takes precedence. */
export const quality = { estimated: 0, substituted: 1, measured: 2 } as const
export type Quality = (typeof quality)[keyof typeof quality]

/** Energy of one meter in one interval `[startMs, startMs + durationS)`. */
export type Reading = {
  readonly meter: MeterId
  readonly startMs: EpochMs
  readonly durationS: number
  readonly energyMwh: EnergyMwh
  /** Mean active power, W, if the meter reports it separately. */
  readonly powerW: number | null
  /** Mean reactive power, var. */
  readonly reactiveVar: number | null
  readonly quality: Quality
  /** The source's revision number of this interval. */
  readonly revision: number
}

/** Why a reading was rejected. One reason each; the first that applies, in this order. */
export const rejectReasons = [
  'too-large',
  'unparsable',
  'missing-field',
  'unknown-field',
  'bad-meter-id',
  'bad-timestamp',
  'bad-duration',
  'not-a-number',
  'negative-energy',
  'out-of-range',
  'in-the-future',
  'unknown-meter',
  'wrong-interval',
  'overlap',
] as const
export type RejectReason = (typeof rejectReasons)[number]

/** A rejected reading with its original bytes. */
export type Rejection = {
  readonly reason: RejectReason
  /** Which value was wrong and why, as a message. */
  readonly detail: string
  /** The line, row or JSON value as it arrived. */
  readonly original: Uint8Array
  /** File name or client. */
  readonly source: string
  /** The row of the request, from 0. */
  readonly index: number
  /** Line of the file or body, from 1, header and blank lines counted; 0 where it has none. */
  readonly line: number
  /** The column or series of the cell, and its text; empty of a whole row. */
  readonly column: string
  readonly value: string
  /** How a retry reads it again (`speed/ingest/readAs.ts`). */
  readonly readAs: string
}

/**
 * Ingest counters: `read = accepted + duplicate + rejected`; late and corrected readings are part
 * of accepted.
 */
export type IngestCounters = {
  readonly read: number
  readonly accepted: number
  readonly duplicate: number
  readonly rejected: number
  readonly late: number
  readonly corrected: number
}

export const emptyCounters: IngestCounters = {
  read: 0,
  accepted: 0,
  duplicate: 0,
  rejected: 0,
  late: 0,
  corrected: 0,
}

export function addCounters(left: IngestCounters, right: IngestCounters): IngestCounters {
  return {
    read: left.read + right.read,
    accepted: left.accepted + right.accepted,
    duplicate: left.duplicate + right.duplicate,
    rejected: left.rejected + right.rejected,
    late: left.late + right.late,
    corrected: left.corrected + right.corrected,
  }
}

export function isBalanced(counters: IngestCounters): boolean {
  return counters.read === counters.accepted + counters.duplicate + counters.rejected
}

/**
 * Which of two versions of one meter and interval counts: positive when `left` does.
 *
 * Quality first, then the source's revision, then the larger energy, power, reactive power and
 * duration. It never depends on the order of arrival. `sql/queries/counting_readings.sql`
 * implements the same order in SQL.
 */
export function compareVersions(left: Reading, right: Reading): number {
  return (
    left.quality - right.quality ||
    left.revision - right.revision ||
    left.energyMwh - right.energyMwh ||
    compareOptional(left.powerW, right.powerW) ||
    compareOptional(left.reactiveVar, right.reactiveVar) ||
    left.durationS - right.durationS
  )
}

/** Same meter, interval and value: the second one adds nothing. */
export function isSameVersion(left: Reading, right: Reading): boolean {
  return compareVersions(left, right) === 0
}

/** Equal for two versions of one meter and interval exactly when `isSameVersion`. */
export function versionKey(reading: Reading): string {
  const { quality, revision, energyMwh, powerW, reactiveVar, durationS } = reading
  return `${quality} ${revision} ${energyMwh} ${powerW ?? ''} ${reactiveVar ?? ''} ${durationS}`
}

/** A missing value ranks below every value. */
function compareOptional(left: number | null, right: number | null): number {
  return (left ?? Number.NEGATIVE_INFINITY) === (right ?? Number.NEGATIVE_INFINITY)
    ? 0
    : (left ?? Number.NEGATIVE_INFINITY) - (right ?? Number.NEGATIVE_INFINITY)
}
