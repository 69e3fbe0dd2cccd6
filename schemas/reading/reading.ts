import type { MeterId } from '../ids.ts'
import type { EpochMs } from '../time.ts'
import type { EnergyMwh } from '../units.ts'

/** Origin of the value. It is kept and shown, and never decides which word counts. */
export const quality = { estimated: 0, substituted: 1, measured: 2 } as const
export type Quality = (typeof quality)[keyof typeof quality]

/**
 * How firmly a source says a value: a machine's estimate, a statement, or one held by the operator
 * (or final). A firmer word counts before any other.
 */
export const standing = { fill: 0, stated: 1, held: 2 } as const
export type Standing = (typeof standing)[keyof typeof standing]

/**
 * What a source says of one meter in one interval `[startMs, startMs + durationS)`: its energy, or
 * that it has none (`isVoid`). Of several words one counts: `word.ts`.
 */
export type Reading = {
  readonly meter: MeterId
  readonly startMs: EpochMs
  readonly durationS: number
  /** Signed: negative was fed in. 0 of a void word. */
  readonly energyMwh: EnergyMwh
  /** Mean active power, W, if the meter reports it separately. */
  readonly powerW: number | null
  /** Mean reactive power, var. */
  readonly reactiveVar: number | null
  readonly quality: Quality
  readonly standing: Standing
  /** The source's number of this version; 0 when it numbers none. */
  readonly revision: number
  /** When the source said it, if it tells. */
  readonly saidAtMs: EpochMs | null
  /** The source says that the interval has no value. */
  readonly isVoid: boolean
  /** The source that reports it; '' for a gateway without a name. */
  readonly source: string
  /** The ingest it came with, which can be withdrawn as a whole; '' for none. */
  readonly ingest: string
}

/** The standing of a word that does not say its own. */
export function standingOf(quality: number): Standing {
  return quality === 0 ? standing.fill : standing.stated
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
  'mixed-said-at',
  'withdrawn-ingest',
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
