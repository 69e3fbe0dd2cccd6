import type { Hex32 } from '../../schemas/ids.ts'
import type { EpochMs } from '../../schemas/time.ts'
import type { Refusal } from './refusal.ts'

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
export function refuseCommitment(commitment: Commitment | null, startMs: EpochMs): Refusal | null {
  if (commitment === null) return { code: 'not-committed' }
  const { startS, committedAtS } = commitment
  const committedMs = startS * 1000
  if (committedMs !== startMs) return { code: 'committed-start', committedMs, startMs }
  return committedAtS < startS
    ? null
    : { code: 'committed-late', committedAtMs: committedAtS * 1000 }
}
