/** How often a process tells its parent that its event loop turns, ms; rare enough to be free. */
export const beatEveryMs = 2_000

const beatMessage = { type: 'beat' }

export function isBeat(message: unknown): boolean {
  return (message as { readonly type?: unknown }).type === beatMessage.type
}

/**
 * Beats from the event loop, so that a process whose loop stands still falls silent.
 *
 * @returns what ends it.
 */
export function startBeating(): () => void {
  const beat = () => {
    // A parent that is gone is noticed by the end of the channel.
    if (process.connected) process.send?.(beatMessage, undefined, undefined, () => {})
  }
  const timer = setInterval(beat, beatEveryMs).unref()
  return () => clearInterval(timer)
}
