import type { Hex32 } from '../../schemas/ids.ts'
import { type EpochMs, isoUtc } from '../../schemas/time.ts'

/** What `BaselineCommitment.commitmentOf` returns. */
export type Commitment = {
  readonly root: Hex32
  readonly startS: number
  readonly committedAtS: number
}

/**
 * Why a commitment does not bind an event, or null when it does. The contract accepts any start,
 * so an operator who commits to a later one could choose baselines after the fact.
 */
export function refuseCommitment(commitment: Commitment | null, startMs: EpochMs): string | null {
  if (commitment === null) return 'No baselines of this event were committed.'
  const { startS, committedAtS } = commitment
  if (startS * 1000 !== startMs) {
    return (
      `The baselines were committed for a start at ${isoUtc(startS * 1000)}; ` +
      `the event started at ${isoUtc(startMs)}.`
    )
  }
  if (committedAtS < startS) return null
  return `The baselines were committed at ${isoUtc(committedAtS * 1000)}, after the start.`
}
