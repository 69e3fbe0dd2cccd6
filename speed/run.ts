import { deviationDefaults } from '../schemas/deviation/options.ts'
import { RetryableError, sentenceOf } from '../schemas/errors/wattproofError.ts'
import type { Clock } from '../schemas/ports/clock.ts'
import type { Log } from '../schemas/ports/log.ts'
import type { Views } from '../schemas/ports/views.ts'
import { createMeterRegistry } from './api/registry.ts'
import { type Following, followGeneration, hasMoved, type Shell } from './followGeneration.ts'
import type { SpeedOptions } from './microbatch/speedState.ts'
import { processBatch, processRejected } from './processBatch.ts'

export type RunSpeedParameters = {
  readonly log: Log
  readonly views: Views
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly partitions: number
  readonly options?: Partial<SpeedOptions>
  /** Called with a message when a temporary fault occurs. */
  readonly report?: (sentence: string) => void
}

const latenessSDefault = 3_600
const idleMs = 60
const retryMs = 500

/**
 * The speed layer: follows the published generation and the log until the signal aborts.
 *
 * It stores no state: on start, on a new generation and after a store was unreachable it drops its
 * state, loads the baselines of the generation and replays the log from the high-water mark. Row
 * versions are made of generation and log offset, so that writing a row twice has no effect.
 *
 * @throws InvariantError when the counters do not balance; then nothing of the batch is committed.
 */
export async function runSpeed(parameters: RunSpeedParameters): Promise<void> {
  const { signal, clock } = parameters
  const shell: Shell = {
    ...parameters,
    options: { ...deviationDefaults, latenessS: latenessSDefault, ...parameters.options },
    registry: createMeterRegistry(parameters.views),
    report: parameters.report ?? (() => {}),
  }
  let following: Following | null = null
  while (!signal.aborted) {
    try {
      if (!following || (await hasMoved(shell, following)))
        following = await followGeneration(shell)
      const readings = await processBatch(shell, following)
      const rejected = await processRejected(shell, following)
      if (readings + rejected === 0) await clock.sleep(idleMs, signal)
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof RetryableError)) throw error
      shell.report(`The speed layer starts again: ${sentenceOf(error)}`)
      following = null
      await clock.sleep(retryMs, signal).catch(() => {})
    }
  }
}
