import { RequestShapeError } from '../../schemas/errors/request.ts'
import { draftOf } from '../../serving/api/routes/eventRoutes.ts'
import { announceEvent } from '../../serving/programme/announceEvent.ts'
import type { EventDraft } from '../../serving/programme/commands.ts'
import { eventBody } from '../../serving/shapes/events.ts'

/**
 * Checks a body as `POST /events` would, without a server. It cannot check what needs one:
 * which meters are enrolled, how they are measured, and the current time.
 *
 * @throws InvalidArgumentError with the API's own message.
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
