import type { DrEvent } from '../../schemas/event.ts'
import type { Generation } from '../../schemas/generation.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { readEnrolled } from '../../schemas/ports/enrolled.ts'
import { readArchivePlaces } from '../../schemas/ports/readPlaces.ts'
import { readPublished } from '../../schemas/ports/readPublished.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { localDayOf } from '../../schemas/time.ts'
import { readInputs } from '../recompute/generationInputs.ts'
import type { JobFacts } from './nextJobs.ts'

/** The fields of an event that say which days are not ordinary. */
export type DatedEvent = Pick<DrEvent, 'zone' | 'startMs' | 'excludedDates' | 'holidays'>

/**
 * Parameters of a batch job besides its high-water mark. Events are serving's: who wires the layers
 * gives them.
 */
export async function readJobFacts(
  views: Views,
  readEvents: () => Promise<readonly { readonly event: DatedEvent }[]>,
): Promise<JobFacts & { readonly published: Generation | null }> {
  const [published, events, places] = await Promise.all([
    readPublished(views),
    readEvents(),
    readArchivePlaces(views),
  ])
  const inputs = published ? await readInputs(views, published.generation) : null
  const excluded = events.flatMap(({ event }) => [
    ...event.excludedDates,
    localDayOf(event.startMs, event.zone).date,
  ])
  return {
    zone: inputs?.zone ?? mostCommonZone(await readEnrolled(views)),
    published,
    excludedDates: [...new Set(excluded)].sort(),
    holidays: [...new Set(events.flatMap(({ event }) => event.holidays))].sort(),
    archived: places.reduce((sum, place) => sum + place, 0),
  }
}

/**
 * The zone of the first high-water mark. Later ones keep it: in another zone every day would be
 * computed again, only because a meter was enrolled.
 */
function mostCommonZone(meters: readonly Meter[]): string {
  const counts = new Map<string, number>()
  for (const { zone } of meters) counts.set(zone, (counts.get(zone) ?? 0) + 1)
  const most = Math.max(...counts.values())
  return [...counts].filter(([, count]) => count === most).sort()[0]?.[0] ?? 'UTC'
}
