import { ChainTimeError } from '../../schemas/errors/embeddedAnvil.ts'
import type { EpochMs } from '../../schemas/time.ts'

/** The clock of the machine beside the time since it was started, which nobody sets. */
export type ClockMark = { readonly clockMs: EpochMs; readonly upMs: number }

export type ChainTime = {
  /** @throws ChainTimeError for a time that is not there yet, or only by a clock that jumped. */
  check(timestampS: number): void
  /** Why nothing is sent now; null: nothing prevents it. */
  waits(): string | null
}

export type FollowTimeOptions = {
  readonly read: () => ClockMark
  /** Believed; null: a simulated clock, which its driver moves as far as it likes. */
  readonly believed: ClockMark | null
}

/** Allowed for a clock under adjustment, and for the time since a sender read its own, ms. */
const slackMs = 15_000
/** A clock that jumps ahead by more is not trusted at first, ms. */
export const jumpMsMax = 10 * 60_000
/** How long it must then run steadily to be trusted, ms. */
export const heldMsMin = 10 * 60_000

/**
 * How far the time of the embedded chain may go: never beyond the clock, and not with one that
 * jumped ahead until it has held that for a while. The time of a chain never goes back, and one
 * block of next month would refuse the baselines of every event until then.
 */
export function followTime({ read, believed }: FollowTimeOptions): ChainTime {
  let offsetMs = believed && offsetOf(believed)
  let doubted: { readonly offsetMs: number; readonly sinceMs: number } | null = null
  const look = (): { readonly latestMs: EpochMs; readonly aheadMs: number } => {
    const now = read()
    const nowOffsetMs = offsetOf(now)
    if (offsetMs === null || nowOffsetMs - offsetMs <= jumpMsMax) {
      if (offsetMs !== null) offsetMs = nowOffsetMs
      doubted = null
      return { latestMs: now.clockMs, aheadMs: 0 }
    }
    if (doubted === null || Math.abs(nowOffsetMs - doubted.offsetMs) > jumpMsMax) {
      doubted = { offsetMs: nowOffsetMs, sinceMs: now.upMs }
    }
    if (now.upMs - doubted.sinceMs >= heldMsMin) {
      offsetMs = nowOffsetMs
      doubted = null
      return { latestMs: now.clockMs, aheadMs: 0 }
    }
    return { latestMs: now.upMs + offsetMs, aheadMs: nowOffsetMs - offsetMs }
  }
  const refusal = (beyondMs: number, aheadMs: number) =>
    new ChainTimeError({ beyondS: Math.ceil(beyondMs / 1000), aheadS: Math.round(aheadMs / 1000) })
  return {
    check(timestampS) {
      const { latestMs, aheadMs } = look()
      const beyondMs = timestampS * 1000 - latestMs
      if (beyondMs > slackMs) throw refusal(beyondMs, aheadMs)
    },
    waits() {
      const { aheadMs } = look()
      return aheadMs === 0 ? null : refusal(aheadMs, aheadMs).message
    },
  }
}

function offsetOf({ clockMs, upMs }: ClockMark): number {
  return clockMs - upMs
}
