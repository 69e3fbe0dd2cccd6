import type { EpochMs } from '../time.ts'

/**
 * The time, and a way to wait.
 *
 * - `nowMs` never goes back within a process. On a simulated clock it is the time of the
 *   simulation, the same in every process that shares it.
 * - `sleep` waits in real time even on a simulated clock: it paces polling and is independent of
 *   `nowMs`. It rejects when the signal aborts.
 */
export interface Clock {
  nowMs(): EpochMs
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}
