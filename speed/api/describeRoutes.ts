import type { FastifySchema, RouteShorthandOptions } from 'fastify'
import * as z from 'zod'
import { quality, rejectReasons } from '../../schemas/reading/reading.ts'
import { wideUnits } from '../ingest/format.ts'
import { ingestLimits } from '../ingest/limits.ts'

const count = z.int().nonnegative()
const decimal = z.union([z.number(), z.string()]).nullable().optional()

/** A reading as JSON, an element of an array or a line of NDJSON; tidy CSV has the same columns. */
const jsonReading = z.strictObject({
  meter: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/),
  start: z.string().describe('ISO 8601; without an offset it is read in `zone`'),
  duration_s: z.int().min(1).max(ingestLimits.durationSMax),
  energy_wh: decimal.describe('Wh; read exactly, also as text. Without it power_w is wanted.'),
  power_w: decimal.describe('mean active power, W'),
  reactive_var: decimal.describe('mean reactive power, var'),
  quality: z
    .union([z.enum(Object.keys(quality) as (keyof typeof quality)[]), z.int().min(0).max(2)])
    .optional(),
  revision: z.int().min(0).max(ingestLimits.revisionMax).optional(),
})

/** The 202 response of `POST /readings`, sent once everything is durable. */
const readingsAnswer = z.object({
  read: count.describe('rows of the request: queued and refused ones'),
  queued: count,
  gaps: count.describe('empty cells of a wide file, rows of a tidy one without a value'),
  position: z
    .record(z.string(), count)
    .describe(
      'last offset by partition: the ingest counters include the request once a layer has read it',
    ),
  rejectedPosition: count.nullable(),
  rejectedCount: count,
  rejectedByReason: z.partialRecord(z.enum(rejectReasons), count),
  rejected: z
    .array(z.object({ index: count, reason: z.enum(rejectReasons), detail: z.string() }))
    .describe(`the first ${ingestLimits.rejectionsListedMax} of them`),
})
export type ReadingsAnswer = Readonly<z.infer<typeof readingsAnswer>>

const query = z.strictObject({
  layout: z.enum(['tidy', 'wide']).optional().describe('shape of CSV'),
  unit: z.enum(wideUnits).optional().describe('of the values of a wide file'),
  step: z.string().optional().describe('length of the intervals of a wide file, s'),
  zone: z.string().optional().describe('zone of stamps without an offset; UTC when absent'),
})

const headers = z.object({
  'idempotency-key': z
    .string()
    .max(ingestLimits.keyCharsMax)
    .optional()
    .describe('sent again with the same outcome, nothing is appended twice'),
})

export const describedReadings = {
  operationId: 'addReadings',
  tags: ['readings'],
  summary: 'Accepts readings as JSON, NDJSON, tidy or wide CSV, or frames',
  querystring: query,
  headers,
  body: {
    content: {
      'application/json': { schema: z.array(jsonReading) },
      'application/x-ndjson': { schema: z.string().describe('a reading a line, as JSON') },
      'text/csv': { schema: z.string().describe('tidy, or wide with layout=wide') },
      'application/vnd.wattproof.frame': {
        schema: { type: 'string', contentMediaType: 'application/vnd.wattproof.frame' },
      },
    },
  },
  response: { 202: readingsAnswer },
} satisfies FastifySchema

/** The response of `POST /meters`. */
const metersAnswer = z.object({ enrolled: count, unchanged: count })

export const describedMeters = (body: z.ZodType) =>
  ({
    operationId: 'enrolMeters',
    tags: ['readings'],
    summary: 'Enrols meters with site, group and payee; idempotent',
    body,
    response: { 200: metersAnswer },
  }) satisfies FastifySchema

/**
 * These schemas are documentation only: bodies arrive as bytes, and the routes themselves report
 * invalid rows one by one.
 */
export const describedOnly: Pick<
  RouteShorthandOptions,
  'validatorCompiler' | 'serializerCompiler'
> = {
  validatorCompiler: () => () => true,
  serializerCompiler: () => (data) => JSON.stringify(data),
}
