import type { MeterId } from '../../schemas/ids.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import type { Views } from '../../schemas/ports/views.ts'

/** The enrolled meters known to this process. */
export type MeterRegistry = {
  get(meter: MeterId): Meter | undefined
  all(): Iterable<Meter>
  /**
   * The largest version of the records loaded: it rises with each enrolment and each change of one.
   * 0 without any; `add` does not change it.
   */
  revision(): number
  /** Reloads them, at most once a second unless `force`. */
  refresh(force?: boolean): Promise<void>
  /** Adds meters that were just enrolled here, without a query. */
  add(meters: readonly Meter[]): void
}

const refreshMsMin = 1_000

/** Loaded on the first `refresh`; callers refresh on a miss, at most once a second. */
export function createMeterRegistry(views: Views): MeterRegistry {
  const known = new Map<MeterId, Meter>()
  let refreshedMs = Number.NEGATIVE_INFINITY
  let revision = 0
  let running: Promise<void> | null = null

  const load = async () => {
    // The time before the query, so that meters enrolled during it are queried again.
    const askedMs = performance.now()
    const rows = await views.query('enrolments')
    for (const { meter, version } of rows) {
      known.set(meter.meter, meter)
      revision = Math.max(revision, version)
    }
    refreshedMs = askedMs
  }
  return {
    get: (meter) => known.get(meter),
    all: () => known.values(),
    revision: () => revision,
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
