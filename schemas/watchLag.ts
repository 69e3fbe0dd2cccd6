/** A partition of a topic as a group of readers sees it. */
export type WatchedLag = {
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly committed: number
  readonly end: number
}

/** For so long nothing may be committed while records wait, ms. */
const stalledMsMin = 30_000

export type LagWatch = {
  /**
   * Since when nothing was committed while records waited, as far as this watch has seen, ms; null
   * when that is less than `stalledMsMin`.
   */
  stalledMs(lag: WatchedLag): number | null
}

/**
 * Notices lag that stands still. It counts elapsed time and not the installation's clock: a
 * simulated clock passes half a minute between two looks, and a clock that is set forward would
 * raise a false alarm.
 *
 * @param elapsedMs a time that only passes, such as `Clock.elapsedMs`.
 */
export function createLagWatch(elapsedMs: () => number): LagWatch {
  const since = new Map<string, { readonly committed: number; readonly atMs: number }>()
  return {
    stalledMs({ group, topic, partition, committed, end }) {
      const name = `${group} ${topic} ${partition}`
      const nowMs = elapsedMs()
      const known = since.get(name)
      if (end <= committed || known?.committed !== committed) {
        // Records that wait from now on count from now, not from the last commit.
        if (end <= committed) since.delete(name)
        else since.set(name, { committed, atMs: nowMs })
        return null
      }
      const stalledMs = nowMs - known.atMs
      return stalledMs < stalledMsMin ? null : stalledMs
    },
  }
}
