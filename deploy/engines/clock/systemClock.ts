import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '../../../schemas/ports/clock.ts'

/** The machine's clock. When it is set back, `nowMs` does not move until it has caught up. */
export function systemClock(): Clock {
  let latestMs = 0
  return {
    nowMs: () => {
      latestMs = Math.max(latestMs, Date.now())
      return latestMs
    },
    sleep,
  }
}

/** Waits in real time; rejects with the signal's reason when it aborts. */
export async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await wait(milliseconds, undefined, signal ? { signal } : {})
}
