import { chunk } from '../../schemas/chunk.ts'
import type { Generation } from '../../schemas/generation.ts'
import { areSameGrids } from '../../schemas/meter/groupGrid.ts'
import { readArchivePlaces } from '../../schemas/ports/readPlaces.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { ParametersOf, RowOf } from '../../schemas/sql/catalogue/catalogue.ts'
import { addDays, type EpochMs, localDayNamed, localDayOf } from '../../schemas/time.ts'

import type { GenerationInputs } from './generationInputs.ts'

export type FindChangedDaysParameters = {
  readonly published: Generation
  /** Inputs of the published generation; null if unknown. */
  readonly before: GenerationInputs | null
  readonly now: GenerationInputs
  readonly highWaterMs: EpochMs
  /** Meters of sites whose occupant changed. */
  readonly movedMeters?: readonly string[]
}

type Quarter = RowOf<'stored_quarters'>

/** Maximum number of meters in a query. */
const metersMax = 1_000

/**
 * Local dates before the high-water mark whose readings differ from those of the published
 * generation: with new versions, passed by the high-water mark since, or of meters whose
 * enrolment or whose site's occupant changed.
 */
export async function findChangedDays(
  views: Views,
  parameters: FindChangedDaysParameters,
): Promise<Set<string>> {
  const { published, before, now, highWaterMs: to_ms, movedMeters = [] } = parameters
  const all = { from_ms: 0, to_ms, meters: [] }
  if (before === null || isOtherwise(before, now)) {
    return datesOf(await views.query('stored_quarters', all))
  }
  const quarters: Quarter[] = []
  // In a partition without earlier readings everything is new.
  for (const [log_partition, end_offset] of now.places.entries()) {
    const log_offset = before.places[log_partition] ?? 0
    const asked = { log_partition, log_offset, end_offset, to_ms }
    for (const quarter of await readChangedQuarters(views, asked)) {
      quarters.push(quarter)
    }
  }
  const passed = { ...all, from_ms: published.highWaterMs }
  for (const quarter of await views.query('stored_quarters', passed)) {
    quarters.push(quarter)
  }
  const dates = datesOf(quarters)
  const moved = new Set([...(await changedMeters(views, before)), ...movedMeters])
  for (const meters of chunk([...moved], metersMax)) {
    const asked = { ...all, meters }
    for (const date of datesOf(await views.query('stored_quarters', asked))) {
      // Zones are up to 26 hours apart: in its former one a reading may be of a date two away.
      for (const near of [-2, -1, 0, 1, 2]) dates.add(dateAfter(date, near))
    }
  }
  return dates
}

/**
 * Quarters whose words changed between two places in the log: with new words, and those about whose
 * words an act decided.
 */
export async function readChangedQuarters(
  views: Views,
  asked: ParametersOf<'changed_quarters'>,
): Promise<Quarter[]> {
  const changed = await views.query('changed_quarters', asked)
  const decided = await views.query('decided_quarters', asked)
  // Both lists are in order of time within a zone; a date is looked up once for each of its runs.
  return changed.concat(decided)
}

/** Whether a change affects every day. */
function isOtherwise(before: GenerationInputs, now: GenerationInputs): boolean {
  const recipes = [before, now].map(({ method, zone, formula, deviation }) => {
    const options = Object.entries(deviation).sort(([left], [right]) => (left < right ? -1 : 1))
    return JSON.stringify([method, zone, formula, options])
  })
  const grids = new Map(now.grids)
  const isGridOther = before.grids.some(([group, grid]) => {
    return !areSameGrids(grids.get(group) ?? grid, grid)
  })
  return recipes[0] !== recipes[1] || isGridOther
}

/** The archive's progress and the meters' records; read before any reading. */
export async function readPlaces(
  views: Views,
): Promise<Pick<GenerationInputs, 'places' | 'metersVersion' | 'metersOfVersion'>> {
  const places = await readArchivePlaces(views)
  const [newest] = await views.query('newest_meters', { version: 0 })
  return { places, metersVersion: newest?.version ?? 0, metersOfVersion: newest?.records ?? 0 }
}

/** Enrolled after the generation read the meters, even within the same millisecond. */
async function changedMeters(views: Views, before: GenerationInputs): Promise<string[]> {
  const { metersVersion: version, metersOfVersion } = before
  const rows = await views.query('meter_versions', { version })
  const same = rows.filter((row) => row.version === version)
  const changed = same.length > metersOfVersion ? rows : rows.filter((row) => row.version > version)
  return changed.map(({ meter }) => meter)
}

/** The local dates of quarters, as the zone of each has them. */
export function datesOf(quarters: readonly Quarter[]): Set<string> {
  const dates = new Set<string>()
  let day = { zone: '', startMs: 0, endMs: 0 }
  for (const { zone, quarter_ms: ms } of quarters) {
    if (zone === day.zone && day.startMs <= ms && ms < day.endMs) continue
    const found = localDayOf(ms, zone)
    dates.add(found.date)
    day = { zone, startMs: found.startMs, endMs: found.endMs }
  }
  return dates
}

function dateAfter(date: string, days: number): string {
  return addDays(localDayNamed(date, 'UTC'), days, 'UTC').date
}
