import type { MeterId } from '../../schemas/ids.ts'
import type { Meter } from '../../schemas/meter.ts'
import type { Views } from '../../schemas/ports/views.ts'

/** The meters that are enrolled, as far as this process knows. */
export type MeterRegistry = {
  get(meter: MeterId): Meter | undefined
  all(): Iterable<Meter>
  /** Reads them again; unless `force`, not when that was done within the last second. */
  refresh(force?: boolean): Promise<void>
  /** What was just enrolled here is known here at once. */
  add(meters: readonly Meter[]): void
}

const refreshMsMin = 1_000

/** Loaded on the first `refresh`; a miss is a reason to call it, at most once a second. */
export function createMeterRegistry(views: Views): MeterRegistry {
  const known = new Map<MeterId, Meter>()
  let refreshedMs = Number.NEGATIVE_INFINITY
  let running: Promise<void> | null = null

  const load = async () => {
    // The moment of asking, so that what is enrolled during the query is asked for again.
    const askedMs = performance.now()
    const rows = await views.query('meters')
    for (const row of rows) known.set(row.meter, row)
    refreshedMs = askedMs
  }
  return {
    get: (meter) => known.get(meter),
    all: () => known.values(),
    add: (meters) => {
      for (const each of meters) known.set(each.meter, each)
    },
    refresh: async (force = false) => {
      if (running && !force) return running
      if (!force && performance.now() - refreshedMs < refreshMsMin) return
      running = load().finally(() => {
        running = null
      })
      return running
    },
  }
}
