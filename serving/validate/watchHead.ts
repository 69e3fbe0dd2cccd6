import type { Hex32 } from '../../schemas/ids.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { Notices } from '../../schemas/ports/notices.ts'

/**
 * The newest block, for all validators of a process that read the same chain: however many wait,
 * the node is asked once per pause, and not at all while none waits.
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
  /** Between two reads after a new block, and while somebody counts them, ms. */
  readonly pollMs?: number
  /** The pause doubles up to this while there is no new block, ms. */
  readonly pauseMsMax?: number
  /** Announces a new block; then it is read at once. */
  readonly notices?: Pick<Notices, 'seen' | 'wait'>
}

export function watchHead(options: WatchHeadOptions): HeadWatch {
  const { read, signal, pollMs = 150, pauseMsMax = pollMs } = options
  const watch = { head: null as Hex32 | null, reads: 0, wait }
  const rest = createRest(options)
  let reading: Promise<void> | null = null
  let pauseMs = pollMs
  /** Waits that count the reads. */
  let counting = 0
  const readOnce = async () => {
    await rest.begin(counting > 0 ? pollMs : pauseMs)
    if (signal.aborted) return
    const head = await read().catch(() => null)
    pauseMs = head === watch.head ? Math.min(2 * pauseMs, pauseMsMax) : pollMs
    watch.head = head
    watch.reads++
  }
  async function wait(known: Hex32 | null, readsMax = Number.POSITIVE_INFINITY) {
    const end = watch.reads + readsMax
    const isCounting = Number.isFinite(readsMax)
    // A long pause under way is not one of those it counts.
    if (isCounting && counting === 0 && pauseMs > pollMs) rest.end()
    if (isCounting) counting++
    while (watch.head === known && watch.reads < end && !signal.aborted) {
      reading ??= readOnce().finally(() => {
        reading = null
      })
      await reading
    }
    if (isCounting) counting--
  }
  return watch
}

/** A pause that a new block, `end` or the signal shortens. */
function createRest({ clock, signal, notices }: WatchHeadOptions) {
  let end = () => {}
  let seen = notices?.seen ?? 0
  signal.addEventListener('abort', () => end())
  return {
    end: () => end(),
    async begin(ms: number) {
      if (signal.aborted) return
      const stop = new AbortController()
      end = () => stop.abort()
      if (notices) await notices.wait(seen, { msMax: ms, signal: stop.signal })
      else await clock.sleep(ms, stop.signal).catch(() => {})
      // Before the read: a block that comes during it shortens the next pause.
      seen = notices?.seen ?? 0
    },
  }
}
