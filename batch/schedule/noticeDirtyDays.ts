import type { Generation } from '../../schemas/generation.ts'
import { readArchivePlaces } from '../../schemas/ports/readPlaces.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { datesOf, readChangedQuarters } from '../recompute/findChangedDays.ts'
import { readInputs } from '../recompute/generationInputs.ts'
import type { DirtyDays } from './dirtyJob.ts'

/** What was noticed of a published generation, up to some places in the log. */
export type Noticed = DirtyDays & {
  readonly generation: number
  /** By partition, the offset up to which the master data set was looked at. */
  readonly places: readonly number[]
}

/**
 * Looks at what was archived since the last look for readings before the high-water mark: their
 * days are dirty, and no merged view shows the readings until a recompute. Each record is looked at
 * once, so that a look costs what arrived since, not what arrived since the generation.
 *
 * Stores the totals for `status`. After a restart the generation's records are looked at again; it
 * is stored since when the first day is dirty.
 */
export async function noticeDirtyDays(
  views: Views,
  known: Noticed | null,
  { published, nowMs }: { readonly published: Generation; readonly nowMs: EpochMs },
): Promise<Noticed> {
  const { generation, highWaterMs: to_ms } = published
  const places = await readArchivePlaces(views)
  const before = known?.generation === generation ? known : await begin(views, generation, places)
  const dates = new Set(before.dates)
  const meters = new Set(before.meters)
  let isLate = false
  for (const [log_partition, end_offset] of places.entries()) {
    const log_offset = before.places[log_partition] ?? 0
    if (end_offset <= log_offset) continue
    const asked = { log_partition, log_offset, end_offset, to_ms }
    const quarters = await readChangedQuarters(views, asked)
    if (quarters.length === 0) continue
    isLate = true
    for (const date of datesOf(quarters)) dates.add(date)
    for (const { meter } of await views.query('changed_meters', asked)) meters.add(meter)
    for (const { meter } of await views.query('decided_meters', asked)) meters.add(meter)
  }
  if (!isLate) return { ...before, places }
  const sinceMs = Math.min(before.sinceMs ?? nowMs, nowMs)
  const version = places.reduce((sum, place) => sum + place, 0)
  const totals = { days: dates.size, meters: meters.size, since: sinceMs }
  await views.insert('dirty_days', [{ generation, version, ...totals }])
  return { generation, places, dates, meters, sinceMs, latestMs: nowMs }
}

/** All that is known of a new generation is what its inputs record. */
async function begin(views: Views, generation: number, now: readonly number[]): Promise<Noticed> {
  const inputs = await readInputs(views, generation)
  const [stored] = await views.query('dirty_days', { generation })
  return {
    generation,
    // Where the inputs are unknown, everything is computed again anyway.
    places: inputs?.places ?? now,
    ...{ dates: new Set(), meters: new Set(), latestMs: null },
    sinceMs: stored?.since_ms ?? null,
  }
}
