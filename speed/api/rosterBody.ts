import * as z from 'zod'
import { RequestShapeError } from '../../schemas/errors/request.ts'
import { RosterTwiceError } from '../../schemas/errors/roster.ts'
import { isMeterId, type MeterId } from '../../schemas/ids.ts'
import { frameRowsMax } from '../../schemas/reading/frameColumns.ts'

const meter = z.string().refine(isMeterId, 'an id of a meter')
/** The body of `POST /rosters`. */
export const rosterBody = z.strictObject({ meters: z.array(meter).min(1).max(frameRowsMax) })

/**
 * The meters of a body, each once: also what a dry run checks without a server.
 *
 * @throws RequestShapeError, RosterTwiceError.
 */
export function readRoster(body: unknown): readonly MeterId[] {
  const parsed = rosterBody.safeParse(body)
  if (!parsed.success) throw new RequestShapeError('body', parsed.error.issues)
  const meters = parsed.data.meters as MeterId[]
  const names = new Set<MeterId>()
  for (const each of meters) {
    if (names.has(each)) throw new RosterTwiceError({ meter: each })
    names.add(each)
  }
  return meters
}
