import type { Occupancy } from '../meter/occupancy.ts'
import type { Point } from '../meter/point.ts'
import type { Views } from './views.ts'

/** Settlement points of a site, or of every site for an empty one: by site, in order of time. */
export function readPoints(views: Pick<Views, 'query'>, site = ''): Promise<Point[]> {
  return views.query('points', { site })
}

/** Occupancies of a site, or of every site for an empty one: by site, in order of time. */
export function readOccupancies(views: Pick<Views, 'query'>, site = ''): Promise<Occupancy[]> {
  return views.query('occupancies', { site })
}
