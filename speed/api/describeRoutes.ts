import type { FastifySchema, RouteShorthandOptions } from 'fastify'
import * as z from 'zod'
import { quality, rejectReasons } from '../../schemas/reading/reading.ts'
import { ingestLimits } from '../ingest/limits.ts'
import { gapKinds } from '../ingest/profile/reading.ts'

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
  register_wh: decimal.describe(
    'of a cumulative register: what it showed at `start`, Wh, instead of an energy; ' +
      'duration_s may be left out. It is differenced with those before and after it.',
  ),
  register_rule: z
    .looseObject({})
    .optional()
    .describe('{"capacity_mwh"}: where it rolls over; {"resets"}: when the meter was exchanged'),
})

/** The 202 response of `POST /readings`, sent once everything is durable. */
const readingsAnswer = z.object({
  read: count.describe('rows of the request: queued, repeated and refused ones'),
  queued: count.describe('readings that this request put into the log'),
  repeated: count.describe('those that an earlier one of the same Idempotency-Key had put there'),
  gaps: count.describe('cells of a table, or rows of a tidy one, that say nothing'),
  gapsByKind: z.partialRecord(z.enum(gapKinds), count),
  understood: z
    .array(z.object({ field: z.string(), value: z.string(), why: z.string() }))
    .readonly()
    .optional()
    .describe('of a body read by a profile: each field, its value, and how it was found'),
  position: z
    .record(z.string(), count)
    .describe(
      'last offset by partition: the ingest counters include the request once a layer has read it',
    ),
  rejectedPosition: count.nullable(),
  rejectedCount: count,
  rejectedByReason: z.partialRecord(z.enum(rejectReasons), count),
  rejected: z
    .array(
      z.object({
        index: count.describe('row of the request, from 0'),
        line: count.describe('from 1, header and blank lines counted; of JSON the element'),
        column: z.string().describe('column or series of the cell; empty of a whole row'),
        value: z.string(),
        reason: z.enum(rejectReasons),
        detail: z.string(),
      }),
    )
    .describe(`the first ${ingestLimits.rejectionsListedMax} of them`),
})
export type ReadingsAnswer = Readonly<z.infer<typeof readingsAnswer>>

const said = z.string().optional()

/** Fields within fields have a dot: `columns.start`, `register.digits`, `quality.S`. */
const query = z.looseObject({
  file: said.describe('name of the file, for its dead letters; the client when absent'),
  source: said.describe('source of the readings; each source is kept separately'),
  ingest: said.describe('the ingest that brings it, which can be taken back as a whole'),
  restate: z
    .enum(['allow', 'refuse'])
    .optional()
    .describe(
      'whether it may change over 500 closed intervals and 5 % of those it covers; by ' +
        'default CSV, XML and workbooks may not, and what programs send, JSON and frames, may',
    ),
  profile: said.describe('name of a built-in profile; each field of a profile is a parameter'),
  layout: z.enum(['tidy', 'wide', 'days']).optional().describe('shape of the table'),
  unit: said.describe('of values: kWh, Wh, MWh, W, kW, MW'),
  step: said.describe('length of an interval, s, where the stamps do not show it'),
  zone: said.describe(
    'zone of stamps without an offset; when absent that of their meters, or else UTC',
  ),
  format: said,
  encoding: said,
  delimiter: said,
  headerRow: said,
  sheet: said,
  dateFormat: said,
  stamp: said,
  repeatedHour: said,
  decimal: said,
  thousands: said,
  quantity: said,
  sign: said,
  missing: said.describe('words that say nothing, separated by commas'),
  void: said.describe('words that say: this interval has no value'),
  durationUnit: said,
  meter: said.describe('where no column names it'),
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
      'text/csv': { schema: z.string().describe('tidy, or any other by a profile') },
      'application/xml': { schema: z.string().describe('Green Button') },
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': {
        schema: { type: 'string', format: 'binary' },
      },
      'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
      'application/vnd.wattproof.frame': {
        schema: { type: 'string', contentMediaType: 'application/vnd.wattproof.frame' },
      },
    },
  },
  response: { 202: readingsAnswer },
} satisfies FastifySchema

const comparisonAnswer = z.object({
  closed: count.describe('intervals of it for which a stated or held value counts'),
  restated: count.describe('those for which another value would count'),
  meters: z.array(
    z.object({
      meter: z.string(),
      closed: count,
      restated: count,
      countedMwh: z.int().describe('sum over its closed intervals'),
      newMwh: z.int().describe('the same, were this sent'),
    }),
  ),
})
export type ComparisonAnswer = z.infer<typeof comparisonAnswer>

/** Compares the readings of a body with those that count. */
export const describedComparison = {
  ...describedReadings,
  operationId: 'compareReadings',
  summary: 'What readings would change, without storing anything',
  response: { 200: comparisonAnswer },
} satisfies FastifySchema

export const describedRejected = (body: z.ZodType) =>
  ({
    operationId: 'addRejected',
    tags: ['readings'],
    summary: 'Keeps cells that the reader of a file could not read, as dead letters',
    querystring: z.strictObject({ file: said.describe('name of the file') }),
    headers,
    body,
    response: { 202: z.object({ rejectedCount: count, rejectedPosition: count.nullable() }) },
  }) satisfies FastifySchema

/** The response of `POST /meters`. */
const metersAnswer = z.object({ enrolled: count, unchanged: count })

export const describedMeters = (body: z.ZodType) =>
  ({
    operationId: 'enrolMeters',
    tags: ['readings'],
    summary: 'Enrols meters, or changes what is said of them; idempotent',
    body,
    response: { 200: metersAnswer },
  }) satisfies FastifySchema

/** The response of `POST /groups`. */
const groupsAnswer = z.object({
  changed: count,
  unchanged: count,
  meters: count.describe('meters whose groups it changed'),
})

export const describedGroups = (body: z.ZodType) =>
  ({
    operationId: 'setGroups',
    tags: ['readings'],
    summary: 'Makes groups part of others, such as a feeder of a substation; idempotent',
    body,
    response: { 200: groupsAnswer },
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
