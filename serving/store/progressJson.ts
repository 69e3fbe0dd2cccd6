import * as z from 'zod'
import { refusedKinds } from '../../schemas/errors/eventProblem.ts'
import { StoredRecordError } from '../../schemas/errors/views.ts'
import { type DrEvent, type EventProgress, eventStates } from '../../schemas/event.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import { toJson } from '../../schemas/units.ts'
import { termsSchema } from '../settlement/published.ts'
import {
  address,
  count,
  date,
  epochMs,
  eventName,
  hex32,
  meterName,
  parseJson,
  sentenceOfIssues,
  text,
} from '../settlement/wire.ts'

const termSchema = z.strictObject({
  meter: meterName,
  sign: z.union([z.literal(1), z.literal(-1)]),
})

const pointSchema = z.strictObject({
  mayBeNegative: z.boolean(),
  terms: z.array(termSchema).min(1),
  boundary: z.array(termSchema),
})

const eventSchema = z.strictObject({
  id: eventName,
  terms: termsSchema,
  zone: text,
  startMs: epochMs,
  endMs: epochMs,
  intervalS: z.int().min(1),
  participants: z.array(
    z.strictObject({
      meter: meterName,
      account: address,
      occupiedFromMs: epochMs.optional(),
      point: pointSchema.optional(),
    }),
  ),
  controls: z.array(meterName),
  excludedDates: z.array(date),
  holidays: z.array(date),
  announcedMs: epochMs,
})

const verificationSchema = z.strictObject({
  method: text,
  orderedMwh: z.number(),
  deliveredMwh: z.number(),
  deficiencyMwh: z.number(),
  placeboRrmse: z.number().nullable(),
  placeboBias: z.number().nullable(),
})

const problemSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('not-committed') }),
  z.strictObject({ kind: z.literal('archive-behind'), before: z.string() }),
  z.strictObject({ kind: z.literal('settles-after'), event: eventName }),
  z.strictObject({ kind: z.literal('objected') }),
  z.strictObject({
    kind: z.literal('refused'),
    error: z.enum(refusedKinds),
    data: z.record(z.string(), z.unknown()),
    sentence: z.string(),
  }),
  z.strictObject({ kind: z.enum(['internal', 'configuration']), logId: text }),
])

/** `EventProgress`, as `encodeProgress` writes it. */
const progressSchema = z.strictObject({
  event: eventSchema,
  version: count,
  state: z.enum(eventStates),
  reachedMs: z.partialRecord(z.enum(eventStates), z.number()),
  orderedMwh: z.number().nullable(),
  speedDeliveredMwh: z.number().nullable(),
  deliveredMwh: z.number().nullable(),
  deficiencyMwh: z.number().nullable(),
  verifications: z.array(verificationSchema),
  baselinesRoot: hex32.nullable(),
  speedRoot: hex32.nullable(),
  unmeasured: z
    .strictObject({ sites: count, ofSites: count, intervals: count, ofIntervals: count })
    .nullish(),
  problem: problemSchema.nullish(),
})

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

/** The record in `body`. @throws StoredRecordError naming the event and the first wrong field. */
export function decodeProgress(id: string, body: string): EventProgress {
  const parsed = progressSchema.safeParse(parseJson(body))
  if (!parsed.success) {
    throw new StoredRecordError({ record: `event ${id}`, issues: sentenceOfIssues(parsed.error) })
  }
  const { problem, unmeasured, ...progress } = parsed.data
  return {
    ...progress,
    ...(unmeasured === undefined ? {} : { unmeasured }),
    ...(problem === undefined ? {} : { problem }),
  }
}

/** True when two events are equal except for the time they were announced. */
export function isSameEvent(left: DrEvent, right: DrEvent): boolean {
  const textOf = (event: DrEvent) => toJson({ ...event, announcedMs: 0 })
  return textOf(left) === textOf(right)
}
