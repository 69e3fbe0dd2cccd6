import type { MeterId } from '../../schemas/ids.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { type Enrolled, openEnrolled } from '../../schemas/ports/enrolled.ts'
import type { Views } from '../../schemas/ports/views.ts'

/** The enrolled meters known to this process. */
export type MeterRegistry = {
  get(meter: MeterId): Meter | undefined
  all(): Iterable<Meter>
  /**
   * The version that the meters are of, all of it and nothing newer: it rises with each enrolment
   * and each change of one. 0 without any; `add` does not change it.
   */
  revision(): number
  /** Rises whenever a meter here is another one than before, also with `add`. */
  changes(): number
  /** Loads what changed since, at most once a second unless `force`. */
  refresh(force?: boolean): Promise<void>
  /** Adds meters that were just enrolled here, without a query. */
  add(meters: readonly Meter[]): void
}

const refreshMsMin = 1_000

/**
 * Loaded on the first `refresh`; callers refresh on a miss, at most once a second.
 *
 * @param enrolled what the process keeps already, if it does: a meter takes some 500 bytes.
 */
export function createMeterRegistry(
  views: Views,
  enrolled: Enrolled = openEnrolled(views),
): MeterRegistry {
  let refreshedMs = Number.NEGATIVE_INFINITY
  return {
    get: (meter) => enrolled.byId.get(meter),
    all: () => enrolled.byId.values(),
    revision: enrolled.revision,
    changes: enrolled.changes,
    add: enrolled.add,
    refresh: async (force = false) => {
      if (!force && performance.now() - refreshedMs < refreshMsMin) return
      // The time before the query, so that meters enrolled during it are queried again.
      const askedMs = performance.now()
      await enrolled.refresh()
      refreshedMs = askedMs
    },
  }
}
