import * as z from 'zod'
import { NotPublishedError } from '../../schemas/errors/settlement.ts'
import type { DrEvent, Terms } from '../../schemas/event.ts'
import type { AnonymousLine } from '../../schemas/settlement.ts'
import {
  address,
  count,
  date,
  epochMs,
  eventName,
  hex32,
  micros,
  microsUp,
  mwh,
  sentenceOfIssues,
  text,
  whole,
} from './wire.ts'

/** Terms as in `schemas/event.ts`. */
export const termsSchema = z.strictObject({
  programme: text,
  version: count,
  currency: text,
  priceMicrosPerKwh: whole.refine((value) => value >= 0n, 'below zero'),
  penaltyMicrosPerKwh: whole.refine((value) => value >= 0n, 'below zero'),
  orderPpm: z.int().min(0).max(1_000_000),
  baselineMethod: text,
  bandWh: z.int(),
  commitLeadS: count,
  latenessS: count,
} satisfies Readonly<Record<keyof Terms, z.ZodType>>)

/** What all lines of an event share. */
export const eventFactsSchema = z.strictObject({
  eventId: eventName,
  revision: count,
  terms: termsSchema.readonly(),
  zone: text,
  startMs: epochMs,
  endMs: epochMs,
  intervalS: z.int().min(1).max(3600),
  excludedDates: z.array(date).readonly(),
  holidays: z.array(date).readonly(),
})

const readingsSchema = z
  .array(z.strictObject({ startMs: epochMs, durationS: count, energyMwh: mwh }))
  .readonly()

const adjustmentSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('scalar'), numerator: whole, denominator: whole }),
  z.strictObject({ kind: z.literal('additive'), numerator: whole, denominator: whole }),
  z.strictObject({ kind: z.literal('none') }),
])

const termsBaselineSchema = z.strictObject({
  intervals: z.array(z.strictObject({ startMs: epochMs, baselineMwh: mwh })).readonly(),
  days: z.array(date).readonly(),
  adjustment: adjustmentSchema,
  flags: z.array(text).readonly(),
  used: readingsSchema,
  /** For a point, the readings of `used` by term. */
  terms: z.array(readingsSchema).readonly().optional(),
})

export const baselineSchema = termsBaselineSchema.extend({
  boundary: termsBaselineSchema.readonly().optional(),
})

const termSchema = z
  .strictObject({
    /** A pseudonym. */
    meter: hex32,
    sign: z.union([z.literal(1), z.literal(-1)]),
    readings: readingsSchema,
  })
  .readonly()

/** The point of a member that is not one meter which cannot be negative. */
const pointSchema = z.strictObject({
  mayBeNegative: z.boolean(),
  terms: z.array(termSchema).min(1).readonly(),
  boundary: z.array(termSchema).readonly(),
})

/** The inputs of a line. */
export const memberFactsSchema = z.strictObject({
  account: address,
  /** Salt of the leaves; the pseudonym has its own, which only its member gets. */
  salt: hex32,
  before: z.strictObject({ entitled: microsUp, debt: microsUp }),
  settledBefore: micros,
  readings: readingsSchema,
  baseline: baselineSchema,
  point: pointSchema.readonly().optional(),
  speedDeliveredMwh: z.int().nullable(),
})

/** The figures of a line. */
export const lineFiguresSchema = z.strictObject({
  delivered: mwh,
  deficiency: mwh,
  missing: z.array(epochMs).readonly(),
  incentive: microsUp,
  fee: microsUp,
  net: micros,
  pay: microsUp,
  debtAfter: microsUp,
  entitled: microsUp,
  payPrefix: microsUp,
})

export const headerSchema = z.strictObject({
  eventHash: hex32,
  revision: count,
  root: hex32,
  inputsRoot: hex32,
  baselinesRoot: hex32,
  speedRoot: hex32,
  leafCount: count,
  totalPay: microsUp,
  totalFee: microsUp,
  termsHash: hex32,
})

export const placesSchema = z.array(z.int().min(0)).min(1).max(4_096).readonly()

/** `SettledAsOf`. */
export const asOfSchema = z.strictObject({ baselines: placesSchema, readings: placesSchema })

export const publishedSettlementSchema = z.strictObject({
  format: z.literal('wattproof-period-1'),
  event: eventFactsSchema.readonly(),
  members: z
    .array(
      memberFactsSchema
        .extend({ pseudonym: hex32, line: lineFiguresSchema.readonly(), detail: hex32 })
        .readonly(),
    )
    .readonly(),
  header: headerSchema.readonly(),
  /** In no leaf: it tells the operator, and who may read the log, what to recompute from. */
  asOf: asOfSchema.readonly(),
})

/** Everything that validators recompute a settlement from; it contains no meter id. */
export type PublishedSettlement = Readonly<z.infer<typeof publishedSettlementSchema>>
export type PublishedMember = PublishedSettlement['members'][number]
export type EventFacts = Readonly<z.infer<typeof eventFactsSchema>>
export type MemberFacts = Readonly<z.infer<typeof memberFactsSchema>>
export type PointFacts = Readonly<z.infer<typeof pointSchema>>
export type LineFigures = Readonly<z.infer<typeof lineFiguresSchema>>

/** The published fields of an event. */
export function factsOf(event: DrEvent, revision: number): EventFacts {
  const { id: eventId, terms, zone, startMs, endMs, intervalS } = event
  return {
    eventId,
    revision,
    terms,
    zone,
    startMs,
    endMs,
    intervalS,
    excludedDates: [...event.excludedDates].sort(),
    holidays: [...event.holidays].sort(),
  }
}

/** The published figures of a line: its intervals follow from readings and baseline. */
export function figuresOf(line: AnonymousLine): LineFigures {
  const { delivered, deficiency, missing, incentive, fee, net, pay, debtAfter } = line
  const { entitled, payPrefix } = line
  const figures = { delivered, deficiency, missing, incentive, fee, net, pay, debtAfter }
  return { ...figures, entitled, payPrefix }
}

/** @throws NotPublishedError naming the first invalid field. */
export function parsePublishedSettlement(json: unknown): PublishedSettlement {
  const parsed = publishedSettlementSchema.safeParse(json)
  if (parsed.success) return parsed.data
  throw new NotPublishedError({ issues: sentenceOfIssues(parsed.error) })
}
