import * as z from 'zod'
import { NoSettlementRecordError } from '../../schemas/errors/settlement.ts'
import { toJson } from '../../schemas/units.ts'
import { headerSchema, publishedSettlementSchema } from './published.ts'
import {
  address,
  count,
  hex32,
  meterName,
  parseJson,
  sentenceOfIssues,
  signature,
  whole,
} from './wire.ts'

/** The contracts of a settlement. */
export const chainPlaceSchema = z.strictObject({
  chainId: z.int().min(0),
  anchor: address,
  vault: address,
  registry: address,
})

/** A settlement's state on chain. */
export const settlementStates = ['settled', 'proposed', 'attested', 'final', 'rejected'] as const

/** A meter, and the salt of its pseudonym in one event. */
const namedSchema = z.strictObject({ meter: meterName, pseudonymSalt: hex32 })

/** For a point, the meters of its terms and then those of its boundary. */
export const pointMetersSchema = z.array(namedSchema.readonly()).readonly()

const settlementRecordSchema = z.strictObject({
  format: z.literal('wattproof-settlement-1'),
  published: publishedSettlementSchema.readonly(),
  header: headerSchema.readonly(),
  state: z.enum(settlementStates),
  /** The anchor's number; null before it is proposed. */
  period: count.nullable(),
  chain: chainPlaceSchema.readonly().nullable(),
  /** The meter of each line. Never published. */
  members: z.array(namedSchema.extend({ pointMeters: pointMetersSchema.optional() })).readonly(),
  verdicts: z
    .array(
      z.strictObject({
        validator: address,
        signature: signature.nullable(),
        refusal: z.string().nullable(),
        /** In the settlement's snapshot, as the registry counts it. */
        stake: whole,
      }),
    )
    .readonly(),
})

/** The record of a settlement in `settlements.body`. */
export type SettlementRecord = Readonly<z.infer<typeof settlementRecordSchema>>

export function encodeSettlementRecord(record: SettlementRecord): string {
  return toJson(record)
}

/** @throws NoSettlementRecordError naming the first invalid field. */
export function decodeSettlementRecord(body: string): SettlementRecord {
  const parsed = settlementRecordSchema.safeParse(parseJson(body))
  if (parsed.success) return parsed.data
  throw new NoSettlementRecordError({ issues: sentenceOfIssues(parsed.error) })
}
