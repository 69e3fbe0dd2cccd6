import {
  address,
  emptyAsNull,
  energy,
  eventId,
  hash,
  meter,
  money,
  nullable,
  text,
  uint32,
  whole,
} from '../columns.ts'
import { defineQuery } from '../defineQuery.ts'

const verdict = {
  validator: address,
  signature: emptyAsNull(hash),
  refusal: emptyAsNull(text),
}

/** Settlements, their lines, and the verdicts of validators. */
export const settlementQueries = {
  settlement_body: defineQuery({
    parameters: { event_id: 'String', revision: 'UInt32' },
    columns: { revision: whole, version: whole, state: text, body: text },
  }),

  settlement_by_number: defineQuery({
    parameters: { period: 'UInt64' },
    columns: { event_id: eventId, revision: uint32, row_version: whole, body: text },
  }),

  account_balances: defineQuery({
    parameters: {},
    columns: { account: address, entitled_micros: money, debt_micros: money },
  }),

  verdicts_of: defineQuery({
    parameters: { period: 'UInt64' },
    columns: verdict,
  }),

  view_attestations: defineQuery({
    parameters: { period: 'UInt64', limit: 'UInt32', after: 'String' },
    columns: { period: whole, validator: address, signature: text, refusal: text },
  }),

  view_settlements: defineQuery({
    parameters: { event: 'String', limit: 'UInt32', after: 'String' },
    columns: {
      event_id: eventId,
      revision: uint32,
      row_version: whole,
      period: nullable(whole),
      root: text,
      leaf_count: uint32,
      pay_micros: money,
      fee_micros: money,
      state: text,
    },
  }),

  view_settlement_lines: defineQuery({
    parameters: {
      ...{ event: 'String', revision: 'UInt32', meter: 'String', limit: 'UInt32', after: 'String' },
    },
    columns: {
      event_id: eventId,
      revision: uint32,
      line_index: uint32,
      meter,
      account: address,
      delivered_mwh: energy,
      deficiency_mwh: energy,
      incentive_micros: money,
      fee_micros: money,
      pay_micros: money,
      debt_after_micros: money,
      entitled_micros: money,
      detail_hash: text,
    },
  }),
}
