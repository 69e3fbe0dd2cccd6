import * as z from 'zod'
import {
  asOfSchema,
  eventFactsSchema,
  headerSchema,
  lineFiguresSchema,
  memberFactsSchema,
} from '../published.ts'
import { chainPlaceSchema, pointMetersSchema, settlementStates } from '../settlementRecord.ts'
import {
  address,
  count,
  epochMs,
  hex32,
  meterName,
  micros,
  microsUp,
  mwh,
  signature,
  whole,
} from '../wire.ts'

const intervalSchema = z.strictObject({
  startMs: epochMs,
  durationS: count,
  metered: mwh,
  baseline: mwh,
  ordered: mwh,
  delivered: mwh,
  deficiency: mwh,
  incentive: micros,
  fee: micros,
})

const proof = z.array(hex32).max(64).readonly()

export const proofBundleSchema = z.strictObject({
  format: z.literal('wattproof-bundle-1'),
  event: eventFactsSchema.readonly(),
  /** Known to this member only: no other bundle contains it. */
  meter: meterName,
  pseudonymSalt: hex32,
  /** The meters that a point adds up. */
  pointMeters: pointMetersSchema.optional(),
  /** The inputs of the line, with the leaf's salt. */
  member: memberFactsSchema.readonly(),
  line: lineFiguresSchema
    .extend({ index: count, intervals: z.array(intervalSchema.readonly()).readonly() })
    .readonly(),
  detail: hex32,
  /** Index, payee, cumulative entitlement, detail: the arguments of a claim. */
  leaf: z.tuple([count, address, microsUp, hex32]).readonly(),
  proofs: z
    .strictObject({ settlement: proof, inputs: proof, baselines: proof, speed: proof })
    .readonly(),
  header: headerSchema.readonly(),
  /** Missing in bundles from before settlements named it. */
  asOf: asOfSchema.readonly().optional(),
  period: count.nullable(),
  chain: chainPlaceSchema.readonly().nullable(),
  state: z.enum(settlementStates),
  attestations: z
    .array(z.strictObject({ validator: address, signature, stake: whole }).readonly())
    .max(1024)
    .readonly(),
})

/** One member of one event: everything needed to check its line without trusting anyone. */
export type ProofBundle = Readonly<z.infer<typeof proofBundleSchema>>
/** The same as `JSON.parse` gives it, unchecked. */
export type BundleBody = Parsed<z.input<typeof proofBundleSchema>>

/** JSON has no bigints. */
type Parsed<T> = T extends bigint
  ? never
  : T extends object
    ? { readonly [name in keyof T]: Parsed<T[name]> }
    : T
