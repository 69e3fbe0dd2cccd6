import { InvariantError } from '../../schemas/errors/wattproofError.ts'
import type { DrEvent, EventProgress } from '../../schemas/event.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import { toJson } from '../../schemas/units.ts'
import { termsSchema } from '../settlement/published.ts'

/** A row of the row set `events`: the whole record as JSON, and columns for dashboards. */
export function encodeProgress(progress: EventProgress): InsertRow<'events'> {
  const { event } = progress
  return {
    event_id: event.id,
    version: progress.version,
    state: progress.state,
    start: event.startMs,
    end: event.endMs,
    ordered_mwh: progress.orderedMwh,
    delivered_mwh: progress.deliveredMwh,
    deficiency_mwh: progress.deficiencyMwh,
    speed_delivered_mwh: progress.speedDeliveredMwh,
    body: toJson(progress),
  }
}

/** The record in `body`. We wrote it, so a body that cannot be decoded is our own mistake. */
export function decodeProgress(body: string): EventProgress {
  const progress = JSON.parse(body) as EventProgress
  if (!progress.event?.terms) throw new InvariantError('The body of an event holds no event.')
  return {
    ...progress,
    event: { ...progress.event, terms: termsSchema.parse(progress.event.terms) },
  }
}

/** True when two events are equal except for the time they were announced. */
export function isSameEvent(left: DrEvent, right: DrEvent): boolean {
  const textOf = (event: DrEvent) => toJson({ ...event, announcedMs: 0 })
  return textOf(left) === textOf(right)
}
