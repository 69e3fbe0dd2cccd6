import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '../../../schemas/ports/clock.ts'

/** Largest step back of a clock under adjustment; one set back by more was wrong before, ms. */
const heldMsMax = 10_000

/**
 * The machine's clock. While it is set back by up to 10 s, `nowMs` does not move until it has
 * caught up; one that goes back further is followed at once, since that may take days.
 */
export function systemClock(): Clock {
  let latestMs = 0
  return {
    nowMs: () => {
      const machineMs = Date.now()
      const isHeld = machineMs < latestMs && latestMs - machineMs <= heldMsMax
      if (!isHeld) latestMs = machineMs
      return latestMs
    },
    elapsedMs,
    sleep,
  }
}

export function elapsedMs(): number {
  return performance.now()
}

/** Waits in real time; rejects with the signal's reason when it aborts. */
export async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await wait(milliseconds, undefined, signal ? { signal } : {})
}
