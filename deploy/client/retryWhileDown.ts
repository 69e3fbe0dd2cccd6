import { setTimeout as sleep } from 'node:timers/promises'
import { RetryableError } from '../../schemas/errors/wattproofError.ts'

const waitMsMax = 30_000
const pauseMs = 100

/**
 * Retries while nobody answers, for half a minute: a killed engine is restarted
 * within seconds. `work` must be safe to repeat.
 *
 * @throws what `work` threw, once it is not a failure to connect or the time is up.
 */
export async function retryWhileDown<T>(work: () => Promise<T>): Promise<T> {
  const end = performance.now() + waitMsMax
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isDown(error) || performance.now() > end) throw error
      await sleep(pauseMs)
    }
  }
}

/** `fetch` throws a TypeError when it cannot connect; ethers an error with a network code. */
function isDown(error: unknown): boolean {
  if (error instanceof RetryableError || error instanceof TypeError) return true
  const { code, name } = error as { code?: string; name?: string }
  return (
    name === 'TimeoutError' ||
    ['ECONNREFUSED', 'ECONNRESET', 'NETWORK_ERROR', 'SERVER_ERROR', 'TIMEOUT'].includes(code ?? '')
  )
}
