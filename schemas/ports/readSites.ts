import type { Occupancy } from '../meter/occupancy.ts'
import type { Point } from '../meter/point.ts'
import type { Views } from './views.ts'

/** What is settled of a site, or of every site for an empty one: by site, in order of time. */
export function readPoints(views: Pick<Views, 'query'>, site = ''): Promise<Point[]> {
  return views.query('points', { site })
}

/** Who a site, or every site for an empty one, is settled with: by site, in order of time. */
export function readOccupancies(views: Pick<Views, 'query'>, site = ''): Promise<Occupancy[]> {
  return views.query('occupancies', { site })
}
