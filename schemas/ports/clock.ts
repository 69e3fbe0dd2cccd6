import type { EpochMs } from '../time.ts'

/**
 * The time, and a way to wait.
 *
 * - `nowMs` never goes back by 10 s or less within a process, so readers need not order what they
 *   read at nearly the same time. By more it does, when the machine's clock was ahead and was set
 *   right: a time in the future is then one of a wrong clock, which nobody may wait for. On a
 *   simulated clock it is the time of the simulation, the same in every process that shares it, and
 *   never goes back.
 * - `elapsedMs` is the real time since some moment of this process, also on a simulated clock. It
 *   never goes back nor leaps: by it pauses, time limits and lag are measured, and nothing that is
 *   published.
 * - `sleep` waits in real time even on a simulated clock: it paces polling and is independent of
 *   `nowMs`. It rejects when the signal aborts.
 */
export interface Clock {
  nowMs(): EpochMs
  elapsedMs(): number
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}
