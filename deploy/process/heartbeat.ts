/** How often a process tells its parent that its event loop turns, ms; rare enough to be free. */
export const beatEveryMs = 2_000

/** Beats from the event loop, so that a process whose loop stands still falls silent. */
export function startBeating(): void {
  const beat = () => {
    // A parent that is gone is noticed by the end of the channel.
    if (process.connected) process.send?.({ type: 'beat' }, undefined, undefined, () => {})
  }
  setInterval(beat, beatEveryMs).unref()
}
