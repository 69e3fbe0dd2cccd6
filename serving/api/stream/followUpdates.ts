import { sentenceOf } from '../../../schemas/errors/wattproofError.ts'
import type { Clock } from '../../../schemas/ports/clock.ts'
import type { UpdateReader } from './pollUpdates.ts'
import type { StreamHub } from './streamHub.ts'

export type FollowUpdatesParameters = {
  readonly updates: UpdateReader
  readonly hub: StreamHub
  readonly clock: Clock
  readonly pollMs: number
  warn(sentence: string): void
}

export type Follower = {
  /** Starts polling; called for each new client. */
  wake(): void
  stop(): Promise<void>
}

/** How long the views are still polled after the last client has left, ms. */
const lingerMs = 30_000
const pauseMsMax = 10_000

/**
 * One loop for all clients: it runs while there are any, so that an idle installation polls
 * nothing.
 */
export function followUpdates(parameters: FollowUpdatesParameters): Follower {
  const stopped = new AbortController()
  let running: Promise<void> | null = null
  return {
    wake() {
      if (stopped.signal.aborted) return
      running ??= run(parameters, stopped.signal).finally(() => {
        running = null
      })
    },
    async stop() {
      stopped.abort()
      await running
    },
  }
}

async function run(parameters: FollowUpdatesParameters, signal: AbortSignal): Promise<void> {
  const { updates, hub, clock, pollMs } = parameters
  let lastClientAt = performance.now()
  let pauseMs = pollMs
  while (!signal.aborted) {
    if (hub.count() > 0) lastClientAt = performance.now()
    if (performance.now() - lastClientAt > lingerMs) return
    try {
      for (const each of await updates.read()) hub.publish(each.topic, each.updates)
      pauseMs = pollMs
    } catch (error) {
      pauseMs = Math.min(pauseMs * 2, pauseMsMax)
      parameters.warn(`The stream has no updates: ${sentenceOf(error)}`)
    }
    await clock.sleep(pauseMs, signal).catch(ignoreAbort)
  }
}

/** The loop's condition ends it. */
function ignoreAbort(): void {}
