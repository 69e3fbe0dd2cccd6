import * as z from 'zod'
import { settlementStates } from '../settlement/settlementRecord.ts'
import { address, eventIdText, hex32, meterIdText, micros, mwh } from './common.ts'

const count = z.int().nonnegative()

/** What validators sign. */
const header = z.object({
  eventHash: hex32,
  revision: z.int(),
  root: hex32,
  inputsRoot: hex32,
  baselinesRoot: hex32,
  speedRoot: hex32,
  leafCount: count,
  totalPay: micros,
  totalFee: micros,
  termsHash: hex32,
})
export type HeaderBody = z.infer<typeof header>

/** One line of the invoice. */
const settlementLine = z.object({
  index: count,
  pseudonym: hex32,
  meter: meterIdText,
  account: address,
  deliveredMwh: mwh,
  deficiencyMwh: mwh,
  incentiveMicros: micros,
  feeMicros: micros,
  /** What the vault owes for this line once older fees are netted off. */
  payMicros: micros,
  debtAfterMicros: micros,
  /** The account's cumulative entitlement. */
  entitledMicros: micros,
  detailHash: hex32,
})
export type SettlementLineBody = z.infer<typeof settlementLine>

const places = z.array(count).readonly()

/** By partition of the log, the first offset that was not read. */
const asOf = z.object({ baselines: places, readings: places })

/** `GET /events/{id}/settlement`. */
export const settlement = z.object({
  id: eventIdText,
  revision: count,
  state: z.enum(settlementStates),
  isFinal: z.boolean(),
  period: count.nullable(),
  currency: z.string(),
  header,
  /** The places of the log that it was computed at. */
  asOf: asOf.readonly(),
  /** Null if so few meters take part that the token is needed. */
  totals: z
    .object({
      payees: count,
      deliveredMwh: mwh,
      deficiencyMwh: mwh,
      incentiveMicros: micros,
      feeMicros: micros,
      payMicros: micros,
      /** Fees that accounts carry to their next event. */
      debtAfterMicros: micros,
    })
    .nullable(),
  /**
   * With the token only. A claim on chain carries a line's index and hash beside the payee's
   * account, so the lines would reveal each account's energy, event by event.
   */
  lines: z.array(settlementLine).optional(),
})
export type SettlementBody = z.infer<typeof settlement>

/** `GET /events/{id}/settlement/rerun`. */
export const rerun = z.object({
  asOf: asOf.readonly(),
  root: hex32,
  rerunRoot: hex32,
  /** Null when all figures, inputs and roots are the same. */
  difference: z
    .object({ line: count.nullable(), field: z.string(), settled: z.string(), rerun: z.string() })
    .nullable(),
})

/** `POST /events/{id}/claims`. */
export const claimReport = z.object({
  eventId: eventIdText,
  claims: z.array(z.object({ account: address, amountMicros: micros, staked: z.boolean() })),
  refused: z.array(z.object({ index: count, account: address, reason: z.string() })).readonly(),
  sumMicros: micros,
  gasUsed: count,
})
export type ClaimReport = z.infer<typeof claimReport>

/** What validators recompute from; its form is `serving/settlement/published.ts`. */
export const published = z.looseObject({}).describe('PublishedSettlement of serving/settlement')

/** A proof bundle; its form is `serving/settlement/bundle`. */
export const bundle = z.looseObject({}).describe('ProofBundle, format wattproof-bundle-1')
