import type { Hex32 } from '../../schemas/ids.ts'
import type { Clock } from '../../schemas/ports/clock.ts'

/**
 * The newest block, for all validators of a process that read the same chain: however many wait,
 * the node is asked once per interval, and not at all while none waits.
 */
export type HeadWatch = {
  /**
   * Hash of the newest block when it was last read; it also changes with a reorganisation. Null
   * before that, and while the chain cannot be read: its readers then learn the reason themselves.
   */
  readonly head: Hex32 | null
  /** How often it was read; a validator counts its pauses by it. */
  readonly reads: number
  /** Resolves when `head` is not `known` any more, after `readsMax` reads, or at the end. */
  wait(known: Hex32 | null, readsMax?: number): Promise<void>
}

export type WatchHeadOptions = {
  readonly read: () => Promise<Hex32>
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly pollMs?: number
}

export function watchHead({ read, clock, signal, pollMs = 150 }: WatchHeadOptions): HeadWatch {
  const watch = { head: null as Hex32 | null, reads: 0, wait }
  let reading: Promise<void> | null = null
  const readOnce = async () => {
    await clock.sleep(pollMs, signal).catch(() => {})
    if (signal.aborted) return
    watch.head = await read().catch(() => null)
    watch.reads++
  }
  async function wait(known: Hex32 | null, readsMax = Number.POSITIVE_INFINITY) {
    const end = watch.reads + readsMax
    while (watch.head === known && watch.reads < end && !signal.aborted) {
      reading ??= readOnce().finally(() => {
        reading = null
      })
      await reading
    }
  }
  return watch
}
