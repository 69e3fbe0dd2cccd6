import * as z from 'zod'
import { eventStates, type Terms } from '../../schemas/event.ts'
import { instantText } from '../../schemas/instantText.ts'
import { address, eventIdText, hex32, instant, meterIdText, micros, mwh } from './common.ts'

const count = z.int().nonnegative()
const wholeMicros = z.union([z.int().nonnegative(), z.string().regex(/^\d{1,30}$/)])
const localDate = z.iso.date('a date, such as 2013-02-11')

/** A shape has exactly the fields of the terms; what may be in them depends on who sends it. */
type TermsShape = Readonly<Record<keyof Terms, z.ZodType>>

/** Terms as a client sends them; whole micros as numbers or, beyond 2^53, strings. */
const termsBody = z.strictObject({
  programme: z.string().min(1).max(64),
  version: z.int().min(1).max(1_000_000),
  currency: z.string().regex(/^[A-Z]{3}$/),
  priceMicrosPerKwh: wholeMicros,
  penaltyMicrosPerKwh: wholeMicros,
  orderPpm: z.int().min(0).max(1_000_000),
  baselineMethod: z.string().min(1).max(64),
  bandWh: z.int().min(0).max(1_000_000_000),
  commitLeadS: z
    .int()
    .min(0)
    .max(7 * 86_400),
  latenessS: z
    .int()
    .min(0)
    .max(90 * 86_400),
} satisfies TermsShape)

/**
 * `POST /events`. Those that take part are enrolled meters with an account, or sites, by the point
 * that is enrolled for them in the programme.
 */
export const eventBody = z.strictObject({
  id: eventIdText,
  terms: termsBody,
  start: instantText,
  end: instantText,
  participants: z.array(meterIdText).min(1).max(20_000),
  controls: z.array(meterIdText).max(20_000).default([]),
  excludedDates: z.array(localDate).max(1_000).default([]),
  holidays: z.array(localDate).max(1_000).default([]),
})

const terms = z.object({
  programme: z.string(),
  version: z.int(),
  currency: z.string(),
  priceMicrosPerKwh: micros,
  penaltyMicrosPerKwh: micros,
  orderPpm: z.int(),
  baselineMethod: z.string(),
  bandWh: z.number(),
  commitLeadS: z.int(),
  latenessS: z.int(),
} satisfies TermsShape)

const verification = z.object({
  method: z.string(),
  orderedMwh: mwh,
  deliveredMwh: mwh,
  deficiencyMwh: mwh,
  placeboRrmse: z.number().nullable(),
  placeboBias: z.number().nullable(),
})

/** One event and its state. */
export const event = z.object({
  id: eventIdText,
  state: z.enum(eventStates),
  start: instant,
  end: instant,
  zone: z.string(),
  intervalS: z.int(),
  terms,
  announced: instant,
  /** When each state was reached, on the installation's clock. */
  reached: z.partialRecord(z.enum(eventStates), instant),
  /** Numbers of meters; their ids need the token. */
  participants: count,
  controls: count,
  excludedDates: z.array(localDate),
  holidays: z.array(localDate),
  /** True if its figures need the token, because few meters take part; they are null then. */
  isWithheld: z.boolean(),
  orderedMwh: mwh.nullable(),
  /** Provisional: what the speed layer showed when the event ended. */
  speedDeliveredMwh: mwh.nullable(),
  /** Settled. */
  deliveredMwh: mwh.nullable(),
  deficiencyMwh: mwh.nullable(),
  verifications: z.array(verification),
  baselinesRoot: hex32.nullable(),
  speedRoot: hex32.nullable(),
  /** Settlement of the anchor; null until it is proposed. */
  period: count.nullable(),
  /** What of its settlement was not measured, in a sentence; null where all was. */
  warning: z.string().nullable(),
  /** True if something blocks its progress. */
  isStuck: z.boolean(),
  /** The reason, in a sentence; with the token only, since it may name a meter. */
  problem: z.string().nullable().optional(),
  /** With the token only. */
  members: z.array(z.object({ meter: meterIdText, account: address })).optional(),
  controlMeters: z.array(meterIdText).optional(),
})
export type Event = z.infer<typeof event>
export const events = z.object({
  events: z.array(event),
  /** What `page` continues with; null at the end. */
  next: z.string().nullable(),
})
export type Events = z.infer<typeof events>

/** `adjustment`: an interval the same-day adjustment is computed from. */
const phases = ['before', 'adjustment', 'event', 'after'] as const

const comparedInterval = z.object({
  start: instant,
  durationS: z.int(),
  phase: z.enum(phases),
  loadW: z.number(),
  baselineW: z.number().nullable(),
  /** Load minus baseline: negative if less was used. */
  deviationW: z.number().nullable(),
})

/** `GET /events/{id}/deviations`: load against adjusted baseline, from hours before to after. */
export const eventDeviations = z.object({
  id: eventIdText,
  from: instant,
  to: instant,
  start: instant,
  end: instant,
  /** First and last end of the adjustment window; null for a method without. */
  adjustment: z.object({ start: instant, end: instant }).nullable(),
  /** Totals of the intervals below: ordered, and delivered so far. */
  orderedMwh: mwh,
  deliveredMwh: mwh,
  /** Sums over participants with both a reading and a baseline; over few with the token only. */
  intervals: z.array(
    comparedInterval.extend({
      members: count,
      /** Order over the same members, W; 0 outside the event. */
      orderedW: z.number(),
      /** Less used than the baseline, up to the order, member by member, W. */
      deliveredW: z.number(),
      orderedMwh: mwh,
      deliveredMwh: mwh,
      origin: z.enum(['batch', 'speed', 'mixed']),
    }),
  ),
  /** Settled once the event was verified. */
  isProvisional: z.boolean(),
  /** With the token only. */
  members: z
    .array(
      z.object({
        meter: meterIdText,
        orderedMwh: mwh,
        deliveredMwh: mwh,
        intervals: z.array(comparedInterval),
      }),
    )
    .optional(),
})
export type EventDeviations = z.infer<typeof eventDeviations>

/** `GET /events/{id}/reconciliation`: the speed layer's figure against the settled one. */
export const reconciliation = z.object({
  id: eventIdText,
  orderedMwh: mwh.nullable(),
  speedDeliveredMwh: mwh.nullable(),
  deliveredMwh: mwh.nullable(),
  /** Settled minus speed; null until both are known. */
  differenceMwh: mwh.nullable(),
  /** Where the difference comes from, in a sentence. */
  sentence: z.string(),
  /** With the token only. */
  members: z
    .array(
      z.object({
        meter: meterIdText,
        pseudonym: hex32,
        speedDeliveredMwh: mwh.nullable(),
        deliveredMwh: mwh,
        differenceMwh: mwh.nullable(),
        /** Intervals without a reading or a baseline. */
        missing: count,
      }),
    )
    .optional(),
})
export type Reconciliation = z.infer<typeof reconciliation>
