import { RetryableError } from '../schemas/errors/wattproofError.ts'
import { readingsTopic, rejectedTopic } from '../schemas/topics.ts'
import { createLagWatch } from '../schemas/watchLag.ts'
import { type Shell, speedGroup } from './following.ts'

const lookMs = 5_000

type Looking = Pick<Shell, 'log' | 'report'>

/**
 * Reports lag that stands still, and that it moves again, each once. It runs beside the layer's
 * turns: one of them may hang in a store that does not answer.
 */
export async function reportStalled(shell: Shell, signal: AbortSignal): Promise<void> {
  const look = createStalledReporter(shell, () => shell.clock.elapsedMs())
  while (!signal.aborted) {
    await shell.clock.sleep(lookMs, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
    if (!signal.aborted) await look()
  }
}

/** A look at the log, which reports what has changed since the last one. */
export function createStalledReporter(
  { log, report }: Looking,
  elapsedMs: () => number,
): () => Promise<void> {
  const watch = createLagWatch(elapsedMs)
  let isStalled = false
  return async () => {
    let stalledMs = 0
    let records = 0
    try {
      for (const topic of [readingsTopic, rejectedTopic]) {
        for (const progress of await log.progress(speedGroup, topic)) {
          const stalled = watch.stalledMs({ group: speedGroup, topic, ...progress })
          stalledMs = Math.max(stalledMs, stalled ?? 0)
          records += progress.end - progress.committed
        }
      }
    } catch (error) {
      if (error instanceof RetryableError) return
      throw error
    }
    if (stalledMs > 0 === isStalled) return
    isStalled = stalledMs > 0
    const seconds = Math.round(stalledMs / 1000)
    report(
      isStalled
        ? `The speed layer has committed nothing for ${seconds} s; ${records} records wait.`
        : 'The speed layer commits records again.',
    )
  }
}
