import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import type { Clock } from '../../schemas/ports/clock.ts'

/** One of several that share a process. */
export type Part = {
  readonly name: string
  /** Resolves, once it is open, with what runs it until the end. */
  open(): Promise<() => Promise<void>>
}

export type RunEachOptions = {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Called once, when at least one part is open and each other one has failed to open. */
  whenOpen(): void
  warn(sentence: string, error: unknown): void
}

const pauseMsMax = 30_000

/**
 * Runs several parts until the signal aborts. One that fails is reported by name and opened again
 * after a pause, which doubles with each failure; the others do not notice.
 *
 * @throws the reason of the first, if none can be opened.
 */
export async function runEach(parts: readonly Part[], options: RunEachOptions): Promise<void> {
  const { signal, whenOpen } = options
  const opened = await Promise.allSettled(parts.map((part) => part.open()))
  const failed = opened.filter((each) => each.status === 'rejected')
  if (failed.length === parts.length && failed[0] && !signal.aborted) throw failed[0].reason
  whenOpen()
  const firsts = opened.map((each) =>
    each.status === 'fulfilled' ? each.value : () => Promise.reject(each.reason),
  )
  await Promise.all(parts.map((part, at) => keepRunning(part, firsts[at]!, options)))
}

async function keepRunning(
  part: Part,
  first: () => Promise<void>,
  { clock, signal, warn }: RunEachOptions,
): Promise<void> {
  let run = async () => first()
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      await run()
    } catch (error) {
      if (signal.aborted) return
      warn(`${part.name} failed and is opened again: ${sentenceOf(error)}`, error)
    }
    await clock.sleep(Math.min(100 * 2 ** failures, pauseMsMax), signal).catch(() => {})
    run = async () => (await part.open())()
  }
}
