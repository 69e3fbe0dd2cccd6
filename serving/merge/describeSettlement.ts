import type { SettlementBody, SettlementLineBody } from '../api/shapes/settlement.ts'
import type { SettlementRecord } from '../settlement/settlementRecord.ts'
import { wholeNumber } from './toCells.ts'

export type DescribeSettlementParameters = {
  readonly record: SettlementRecord
  /** Whether meters, accounts and entitlements may be named. */
  readonly isTrusted: boolean
}

/** The invoice of an event: header, totals, and a line a member, by pseudonym to strangers. */
export function describeSettlement(parameters: DescribeSettlementParameters): SettlementBody {
  const { published, state, period } = parameters.record
  const { event, header } = published
  const figures = published.members.map(({ line }) => line)
  const incentive = figures.reduce((sum, line) => sum + line.incentive, 0n)
  return {
    id: event.eventId,
    revision: event.revision,
    state,
    isFinal: state === 'final',
    period,
    currency: event.terms.currency,
    header: {
      ...header,
      totalPay: wholeNumber(header.totalPay),
      totalFee: wholeNumber(header.totalFee),
    },
    totals: {
      payees: figures.filter((line) => line.pay > 0n).length,
      deliveredMwh: figures.reduce((sum, line) => sum + line.delivered, 0),
      deficiencyMwh: figures.reduce((sum, line) => sum + line.deficiency, 0),
      incentiveMicros: wholeNumber(incentive),
      feeMicros: wholeNumber(header.totalFee),
      payMicros: wholeNumber(header.totalPay),
    },
    lines: describeLines(parameters),
  }
}

function describeLines({ record, isTrusted }: DescribeSettlementParameters): SettlementLineBody[] {
  return record.published.members.map((member, index) => {
    const { line, pseudonym, account, detail } = member
    const meter = record.members[index]!.meter
    const named = { meter, account, entitledMicros: wholeNumber(line.entitled) }
    return {
      index,
      pseudonym,
      deliveredMwh: line.delivered,
      deficiencyMwh: line.deficiency,
      incentiveMicros: wholeNumber(line.incentive),
      feeMicros: wholeNumber(line.fee),
      payMicros: wholeNumber(line.pay),
      debtAfterMicros: wholeNumber(line.debtAfter),
      detailHash: detail,
      ...(isTrusted ? named : {}),
    }
  })
}
