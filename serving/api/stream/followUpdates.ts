import { setTimeout as sleep } from 'node:timers/promises'
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
  /**
   * Starts polling; called for each new client, before it is sent anything.
   *
   * Resolves when the loop knows what the views show, or after a second without that: later changes
   * are sent.
   */
  wake(): Promise<void>
  stop(): Promise<void>
}

/** How long the views are still polled after the last client has left, ms. */
const lingerMs = 30_000
const pauseMsMax = 10_000
/** A client is not kept waiting for a store that does not answer, ms. */
const firstLookMsMax = 1_000

/**
 * One loop for all clients: it runs while there are any, so that an idle installation polls
 * nothing.
 */
export function followUpdates(parameters: FollowUpdatesParameters): Follower {
  const stopped = new AbortController()
  let running: Promise<void> | null = null
  const firstLook = createFirstLook()
  return {
    async wake() {
      if (stopped.signal.aborted) return
      running ??= run(parameters, firstLook, stopped.signal).finally(() => {
        running = null
      })
      await firstLook.awaited()
    },
    async stop() {
      stopped.abort()
      await running
    },
  }
}

type FirstLook = ReturnType<typeof createFirstLook>

/** The first look takes what the views show as known: who came before it may miss some of it. */
function createFirstLook() {
  let isTaken = false
  let taken = () => {}
  const look = new Promise<void>((resolve) => {
    taken = resolve
  })
  return {
    /** False but for the first time. */
    take() {
      const isFirst = !isTaken
      isTaken = true
      taken()
      return isFirst
    },
    async awaited() {
      if (isTaken) return
      const stop = new AbortController()
      const tooLate = sleep(firstLookMsMax, null, { signal: stop.signal, ref: false })
      await Promise.race([look, tooLate.catch(ignoreAbort)])
      stop.abort()
    },
  }
}

async function run(
  parameters: FollowUpdatesParameters,
  firstLook: FirstLook,
  signal: AbortSignal,
): Promise<void> {
  const { updates, hub, clock, pollMs } = parameters
  let lastClientAt = performance.now()
  let pauseMs = pollMs
  while (!signal.aborted) {
    if (hub.count() > 0) lastClientAt = performance.now()
    if (performance.now() - lastClientAt > lingerMs) return
    try {
      const changed = await updates.read()
      if (firstLook.take() && hub.count() > 0) hub.reset()
      for (const each of changed) hub.publish(each.topic, each.updates)
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
