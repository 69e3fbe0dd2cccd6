import { type Occupancy, occupancyAt } from '../../schemas/meter/occupancy.ts'
import { hashPoint, type Point, pointAt, writeTerms } from '../../schemas/meter/point.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { EpochMs } from '../../schemas/time.ts'

/** Settlement points and occupancies of sites, over the `Views` port. */
export type SiteStore = ReturnType<typeof openSiteStore>

export type SiteAt = { readonly site: string; readonly ms: EpochMs }

export function openSiteStore(views: Views) {
  return {
    /** Of a site, or of all ('') in the order of their ids; each site's in order of time. */
    points: (site = '') => views.query('points', { site }),

    occupancies: (site = '') => views.query('occupancies', { site }),

    /** What is settled of a site at an instant; null: nothing. */
    pointAt: async ({ site, ms }: SiteAt) => pointAt(await views.query('points', { site }), ms),

    occupancyAt: async ({ site, ms }: SiteAt) =>
      occupancyAt(await views.query('occupancies', { site }), ms),

    /** Of two for one site and instant, the larger version counts. */
    putPoints: (points: readonly Point[], version: number) =>
      views.insert(
        'points',
        points.map((point) => {
          const { site, programme, fromMs: start, terms } = point
          return {
            site,
            start,
            version,
            programme,
            terms: writeTerms(terms),
            hash: hashPoint(point),
          }
        }),
      ),

    putOccupancies: (occupancies: readonly Occupancy[], version: number) =>
      views.insert(
        'occupancies',
        occupancies.map(({ site, fromMs: start, account }) => {
          return { site, start, version, account: account ?? '' }
        }),
      ),
  }
}
