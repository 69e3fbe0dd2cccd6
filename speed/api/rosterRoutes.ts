import type { FastifyInstance, FastifyRequest } from 'fastify'
import { NotJsonError } from '../../schemas/errors/request.ts'
import { NotFoundError } from '../../schemas/errors/wattproofError.ts'
import type { MeterId } from '../../schemas/ids.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { isoUtc } from '../../schemas/time.ts'
import { ingestLimits } from '../ingest/limits.ts'
import { describedRoster, describedRosterGiven, describedRosters } from './describeRosters.ts'
import { describedOnly } from './describeRoutes.ts'
import { readRoster, rosterBody } from './rosterBody.ts'
import type { Rosters } from './rosters.ts'

const bodyBytesMax = 2 << 20

export type RosterRoutesOptions = {
  readonly views: Pick<Views, 'query'>
  readonly rosters: Rosters
}

/** `POST /api/v1/rosters`, and what is registered: meters by name, so all of it needs the token. */
export function registerRosterRoutes(scope: FastifyInstance, options: RosterRoutesOptions): void {
  const { views, rosters } = options
  const problems = ['not-acknowledged', 'too-slow'] as const
  const given = { schema: describedRosterGiven(rosterBody), bodyLimit: bodyBytesMax }
  const config = { problems: ['conflict', ...problems] as const }
  scope.post('/api/v1/rosters', { ...given, config, ...describedOnly }, async (request) => {
    const meters = readBody(request)
    const { roster, isNew } = await rosters.register(meters)
    return { roster, meters: meters.length, isNew }
  })
  const asked = { config: { problems }, ...describedOnly }
  scope.get('/api/v1/rosters', { ...asked, schema: describedRosters }, async () => {
    const rows = await views.query('rosters', { limit: ingestLimits.rostersMax })
    return {
      rosters: rows.map(({ roster, size, registered_ms }) => {
        return { roster, meters: size, registered: isoUtc(registered_ms) }
      }),
    }
  })
  scope.get('/api/v1/rosters/:roster', { ...asked, schema: describedRoster }, async (request) => {
    const { roster } = request.params as { readonly roster: string }
    const isKnown = await rosters.learn(roster)
    const meters = isKnown ? rosters.of(roster) : undefined
    if (!meters) throw new NotFoundError('roster', roster)
    return { roster, meters }
  })
}

function readBody(request: FastifyRequest): readonly MeterId[] {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(request.body as Uint8Array))
  } catch (error) {
    throw new NotJsonError(error)
  }
  return readRoster(value)
}
