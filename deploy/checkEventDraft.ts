import { RequestShapeError } from '../schemas/errors/request.ts'
import { draftOf } from '../serving/api/routes/eventRoutes.ts'
import { eventBody } from '../serving/api/shapes/events.ts'
import { announceEvent } from '../serving/programme/announceEvent.ts'
import type { EventDraft } from '../serving/programme/commands.ts'

/**
 * What `POST /events` would make of a body, without asking anybody: all of its own checks but
 * those of which meters are enrolled, how they are measured, and what time it is.
 *
 * @throws InvalidArgumentError in the API's own words.
 */
export function checkEventDraft(body: unknown): EventDraft {
  const parsed = eventBody.safeParse(body)
  if (!parsed.success) {
    throw new RequestShapeError('body', parsed.error.issues)
  }
  const draft = draftOf(parsed.data)
  const meters = [...draft.participants, ...draft.controls].map((meter) => {
    return { meter, zone: 'UTC', group: '', intervalS: 1, account: anyAccount }
  })
  announceEvent({ draft, meters, nowMs: Number.NEGATIVE_INFINITY })
  return draft
}

const anyAccount = `0x${'00'.repeat(20)}` as const
