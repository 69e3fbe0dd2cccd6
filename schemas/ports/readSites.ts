import type { Occupancy } from '../meter/occupancy.ts'
import type { Point } from '../meter/point.ts'
import { type EpochMs, epochMsMax } from '../time.ts'
import type { Views } from './views.ts'

export type SitesAsked = {
  /** Without it every site's. */
  readonly site?: string | undefined
  /** Those after this one. */
  readonly after?: { readonly site: string; readonly fromMs: EpochMs } | undefined
  /** At most so many; without it all. */
  readonly limit?: number
}

/** Settlement points by site, in order of time. */
export function readPoints(views: Pick<Views, 'query'>, asked: SitesAsked = {}): Promise<Point[]> {
  return views.query('points', valuesOf(asked))
}

/** Occupancies by site, in order of time. */
export function readOccupancies(
  views: Pick<Views, 'query'>,
  asked: SitesAsked = {},
): Promise<Occupancy[]> {
  return views.query('occupancies', valuesOf(asked))
}

const limitMax = 2 ** 32 - 1

function valuesOf({ site = '', after, limit = limitMax }: SitesAsked) {
  const { site: last = '', fromMs = epochMsMax } = after ?? {}
  return { site, after: last, after_ms: fromMs, limit }
}
