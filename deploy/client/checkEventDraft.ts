import { RequestShapeError } from '../../schemas/errors/request.ts'
import { bareMeter } from '../../schemas/meter/bareMeter.ts'
import { draftOf } from '../../serving/api/routes/eventRoutes.ts'
import { announceEvent } from '../../serving/programme/announceEvent.ts'
import type { EventDraft } from '../../serving/programme/commands.ts'
import { eventBody } from '../../serving/shapes/events.ts'

/**
 * Checks a body as `POST /events` would, without a server. It cannot check what needs one:
 * which meters are enrolled, how they are measured, other events, and the current time.
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
    return { ...bareMeter({ meter, intervalS: longestIntervalS(draft) }), account: anyAccount }
  })
  announceEvent({ draft, meters, others: [], nowMs: Number.NEGATIVE_INFINITY })
  return draft
}

/** The longest that fits the times: what is too large with it is too large with any. */
function longestIntervalS({ startMs, endMs }: EventDraft): number {
  const fits = (seconds: number) => [startMs, endMs].every((ms) => ms % (seconds * 1000) === 0)
  for (let seconds = 3600; seconds > 1; seconds--) if (fits(seconds)) return seconds
  return 1
}

const anyAccount = `0x${'00'.repeat(20)}` as const
