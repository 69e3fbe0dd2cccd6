import { deviationDefaults } from '../schemas/deviation/options.ts'
import type { Clock } from '../schemas/ports/clock.ts'
import type { JoinOptions, Log } from '../schemas/ports/log.ts'
import type { Notices } from '../schemas/ports/notices.ts'
import type { Views } from '../schemas/ports/views.ts'
import { readingsTopic, rejectedTopic } from '../schemas/topics.ts'
import { advance, createFollower } from './advance.ts'
import { createMeterRegistry } from './api/registry.ts'
import { type Shell, speedGroup } from './following.ts'
import type { SpeedOptions } from './microbatch/speedState.ts'
import { reportStalled } from './reportStalled.ts'
import { gather, rest } from './waitForWork.ts'

export type RunSpeedParameters = {
  readonly log: Log
  readonly views: Views
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly partitions: number
  /** Which of the processes of the layer this is, and how long it may be silent. */
  readonly member?: Pick<JoinOptions, 'name' | 'leaseMs'>
  /** Announces generations and enrolments; without it the store is polled four times a second. */
  readonly notices?: Notices
  readonly options?: Partial<SpeedOptions>
  /** Called with a message when a temporary fault occurs. */
  readonly report?: (sentence: string) => void
}

const latenessSDefault = 3_600
const cellsMaxDefault = 6_000_000
const memberDefault = { name: 'speed', leaseMs: 10_000 }

/**
 * The speed layer: follows the published generation and the log until the signal aborts.
 *
 * It stores no state: on start, on a new generation and on other enrolments it computes a state of
 * its own from the baselines of the generation and the log from the high-water mark on, and
 * publishes that when it has caught up. Row versions are made of generation and log offset, so that
 * writing a row twice has no effect. While a store is unreachable it keeps what it has.
 *
 * Several processes share the partitions (`shares.ts`): with others than before it replays.
 *
 * @throws InvariantError when the counters do not balance; then nothing of the batch is committed.
 */
export async function runSpeed(parameters: RunSpeedParameters): Promise<void> {
  const { signal } = parameters
  const defaults = { ...deviationDefaults, latenessS: latenessSDefault, cellsMax: cellsMaxDefault }
  const membership = await parameters.log.join(speedGroup, {
    ...{ topics: [readingsTopic, rejectedTopic] },
    ...(parameters.member ?? memberDefault),
  })
  const shell: Shell = {
    ...{ ...parameters, membership },
    options: { ...defaults, ...parameters.options },
    registry: createMeterRegistry(parameters.views),
    report: parameters.report ?? (() => {}),
  }
  const ended = new AbortController()
  await Promise.all([
    follow(shell).finally(() => ended.abort()),
    reportStalled(shell, AbortSignal.any([signal, ended.signal])),
  ])
  await membership.leave()
}

async function follow(shell: Shell): Promise<void> {
  const { signal } = shell
  const follower = createFollower()
  while (!signal.aborted) {
    const sinceMs = shell.clock.elapsedMs()
    const isBusy = await advance(shell, follower)
    if (signal.aborted) break
    await (isBusy ? gather(shell, follower, sinceMs) : rest(shell, follower))
  }
  // The caller closes the ports; what is being written ends first.
  await Promise.all([follower.current?.outbox.writing, follower.next?.outbox.writing])
  await follower.preparing?.done
}
