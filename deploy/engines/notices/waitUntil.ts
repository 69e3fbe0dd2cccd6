import type { Notices, WaitOptions } from '../../../schemas/ports/notices.ts'

/** Between two looks of a wait, should something not have been announced. */
const lookMs = 1_000

/** Resolves when something is there, after the time, or with the signal; it looks when notified. */
export async function waitUntil(
  isThere: () => boolean,
  notices: Pick<Notices, 'seen' | 'wait'>,
  { msMax, signal }: WaitOptions,
): Promise<void> {
  const until = performance.now() + msMax
  for (;;) {
    const { seen } = notices
    if (isThere()) return
    const leftMs = until - performance.now()
    if (leftMs <= 0 || signal.aborted) return
    await notices.wait(seen, { msMax: Math.min(leftMs, lookMs), signal })
  }
}
