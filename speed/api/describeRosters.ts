import type { FastifySchema } from 'fastify'
import * as z from 'zod'

const count = z.int().nonnegative()
const roster = z
  .string()
  .regex(/^[0-9a-f]{16}$/)
  .describe('by its content: in hexadecimal the `roster_id` of frames')

const rosterAnswer = z.object({ roster, meters: count, isNew: z.boolean() })
export type RosterAnswer = z.infer<typeof rosterAnswer>

export const describedRosterGiven = (body: z.ZodType) =>
  ({
    operationId: 'addRoster',
    tags: ['readings'],
    summary: 'Registers a list of meters, which frames then name by its id; idempotent',
    body,
    response: { 200: rosterAnswer },
  }) satisfies FastifySchema

const rostersAnswer = z.object({
  rosters: z.array(z.object({ roster, meters: count, registered: z.iso.datetime() })),
})
export type ListedRosters = z.infer<typeof rostersAnswer>

export const describedRosters = {
  operationId: 'listRosters',
  tags: ['readings'],
  summary: 'Registered lists of meters, the latest first',
  response: { 200: rostersAnswer },
} satisfies FastifySchema

const rosterMeters = z.object({ roster, meters: z.array(z.string()) })
export type RosterMeters = z.infer<typeof rosterMeters>

export const describedRoster = {
  operationId: 'getRoster',
  tags: ['readings'],
  summary: 'The meters of a registered list, in their order',
  params: z.object({ roster }),
  response: { 200: rosterMeters },
} satisfies FastifySchema
