import type { Views } from '../../schemas/ports/views.ts'
import type { EpochMs } from '../../schemas/time.ts'

/** When the occupant of each site changed, in order of time; of sites that have occupancies. */
export type OccupiedFrom = ReadonlyMap<string, readonly EpochMs[]>

export type OccupancyStarts = {
  readonly occupiedFrom: OccupiedFrom
  /** The newest change; 0 without any. */
  readonly version: number
  /** Sites with a change after a version. */
  readonly changedSince: (version: number) => ReadonlySet<string>
}

export async function readOccupancyStarts(views: Pick<Views, 'query'>): Promise<OccupancyStarts> {
  const rows = await views.query('occupancy_starts')
  const occupiedFrom = new Map<string, EpochMs[]>()
  for (const { site, start_ms: ms } of rows) {
    const own = occupiedFrom.get(site)
    if (own) own.push(ms)
    else occupiedFrom.set(site, [ms])
  }
  return {
    occupiedFrom,
    version: rows.reduce((newest, row) => Math.max(newest, row.version), 0),
    changedSince: (version) =>
      new Set(rows.filter((row) => row.version > version).map(({ site }) => site)),
  }
}

/** When the occupant of a site at an instant moved in; -Infinity before the first change. */
export function occupiedSince(starts: readonly EpochMs[] | undefined, ms: EpochMs): EpochMs {
  return starts?.findLast((fromMs) => fromMs <= ms) ?? Number.NEGATIVE_INFINITY
}
