import type { FastifyInstance } from 'fastify'
import type { Log } from '../../schemas/ports/log.ts'
import { readingsTopic } from '../../schemas/topics.ts'
import type { RegisterStore } from './registerStore.ts'
import type { Withdrawals } from './withdrawals.ts'

type Parts = {
  readonly log: Pick<Log, 'progress'>
  readonly withdrawals: Withdrawals
  readonly registerStore: Pick<RegisterStore, 'finish'>
  readonly everyMs?: number
}

/**
 * Completes what a kill has cut, once the archive has all that was in the log at the start: only
 * then does it show which partitions a withdrawal has reached.
 */
export function finishOnceArchived(app: FastifyInstance, parts: Parts): void {
  const { log, withdrawals, registerStore, everyMs = 1_000 } = parts
  let timer: NodeJS.Timeout | undefined
  let ends: readonly number[] | null = null
  const look = async () => {
    const places = await log.progress('archive', readingsTopic)
    ends ??= places.map(({ end }) => end)
    if (places.some(({ partition, committed }) => committed < ends![partition]!)) return false
    const finished = [...(await withdrawals.finish()), ...(await registerStore.finish())]
    if (finished.length > 0) app.log.warn({ ingests: finished }, 'completed withdrawals')
    return true
  }
  const plan = () => {
    timer = setTimeout(async () => {
      // Log and store may be away now; they are asked again.
      const isDone = await look().catch(() => false)
      if (!isDone && timer) plan()
    }, everyMs).unref()
  }
  // Not Fastify's `onListen`, which knows only of ports that Fastify opens itself.
  app.server.once('listening', plan)
  app.addHook('onClose', async () => {
    clearTimeout(timer)
    timer = undefined
  })
}
