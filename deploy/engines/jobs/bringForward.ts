import type { Queue } from 'bullmq'
import { sentenceOf } from '../../../schemas/errors/wattproofError.ts'

/** Clocks of machines that share a store differ a little, ms. */
const aheadMsMin = 10_000
const everyMs = 15_000
/** How many are looked at in a turn; the others follow in the next ones. */
const jobsMax = 100

/**
 * BullMQ notes at which time a failed job is tried again, by the machine's clock. A job that was
 * tried while the clock was ahead would wait until the clock is there again: it is tried now.
 *
 * @returns what ends it.
 */
export function bringForwardRetries(queue: Queue, report: (sentence: string) => void): () => void {
  const look = async () => {
    for (const job of await queue.getDelayed(0, jobsMax - 1)) {
      if ((job.processedOn ?? 0) > Date.now() + aheadMsMin) await job.promote()
    }
  }
  const lookCarefully = () => {
    look().catch((error: unknown) => report(`jobs ${queue.name}: ${sentenceOf(error)}`))
  }
  lookCarefully()
  const timer = setInterval(lookCarefully, everyMs).unref()
  return () => clearInterval(timer)
}
