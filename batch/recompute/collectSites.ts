import type { MeterId } from '../../schemas/ids.ts'
import type { EpochMs } from '../../schemas/time.ts'

/** The intervals in which a meter adds to the sums of one group. */
export type MeterIntervals = {
  readonly group: string
  readonly site: string
  readonly meter: MeterId
  readonly startMs: Float64Array
}

export type SiteCollector<Part extends MeterIntervals> = {
  /** Parts come in the order of their sites, those of one site in the order of their meters. */
  add(part: Part): void
  /** Gives up what is kept of the last sites. */
  flush(): void
}

/**
 * Puts the parts of one site together, which may come from several tasks: `take` is called once for
 * each site of a group, when the next one begins.
 */
export function collectSites<Part extends MeterIntervals>(
  take: (parts: readonly Part[]) => void,
): SiteCollector<Part> {
  const kept = new Map<string, Part[]>()
  return {
    add(part) {
      const before = kept.get(part.group)
      if (before?.[0]?.site === part.site) {
        before.push(part)
        return
      }
      if (before) take(before)
      kept.set(part.group, [part])
    },
    flush() {
      for (const parts of kept.values()) take(parts)
      kept.clear()
    },
  }
}

/** Every interval that one of the parts has, with the index in each that has it. */
export function indexesByStart(
  parts: readonly MeterIntervals[],
): Map<EpochMs, ReadonlyMap<MeterId, number>> {
  const byStart = new Map<EpochMs, Map<MeterId, number>>()
  for (const { meter, startMs } of parts) {
    for (const [index, start] of startMs.entries()) {
      const indexes = byStart.get(start) ?? new Map<MeterId, number>()
      byStart.set(start, indexes.set(meter, index))
    }
  }
  return byStart
}
