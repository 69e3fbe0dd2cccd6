import type { SettlementRecord } from '../settlement/settlementRecord.ts'
import type { SettlementBody, SettlementLineBody } from '../shapes/settlement.ts'
import { isOpenSum } from './isOpenSum.ts'
import { wholeNumber } from './toCells.ts'

export type DescribeSettlementParameters = {
  readonly record: SettlementRecord
  /** Whether lines may be shown, and totals of few meters. */
  readonly isTrusted: boolean
}

/** The invoice of an event: the header on chain, its totals, and one line per member. */
export function describeSettlement(parameters: DescribeSettlementParameters): SettlementBody {
  const { record, isTrusted } = parameters
  const { published, state, period: settlementNumber } = record
  const { event, header, members } = published
  return {
    id: event.eventId,
    revision: event.revision,
    state,
    isFinal: state === 'final',
    period: settlementNumber,
    currency: event.terms.currency,
    header: {
      ...header,
      totalPay: wholeNumber(header.totalPay),
      totalFee: wholeNumber(header.totalFee),
    },
    asOf: published.asOf,
    totals: isTrusted || isOpenSum(members.length) ? addUp(record) : null,
    ...(isTrusted ? { lines: describeLines(record) } : {}),
  }
}

function addUp({ published }: SettlementRecord): SettlementBody['totals'] {
  const { header, members } = published
  const figures = members.map(({ line }) => line)
  // The last line of an account has what is left of its debt.
  const debts = new Map(members.map(({ account, line }) => [account, line.debtAfter]))
  return {
    payees: figures.filter((line) => line.pay > 0n).length,
    deliveredMwh: figures.reduce((sum, line) => sum + line.delivered, 0),
    deficiencyMwh: figures.reduce((sum, line) => sum + line.deficiency, 0),
    incentiveMicros: wholeNumber(figures.reduce((sum, line) => sum + line.incentive, 0n)),
    feeMicros: wholeNumber(header.totalFee),
    payMicros: wholeNumber(header.totalPay),
    debtAfterMicros: wholeNumber([...debts.values()].reduce((sum, debt) => sum + debt, 0n)),
  }
}

function describeLines({ published, members }: SettlementRecord): SettlementLineBody[] {
  return published.members.map(({ line, pseudonym, account, detail }, index) => ({
    index,
    pseudonym,
    meter: members[index]!.meter,
    account,
    deliveredMwh: line.delivered,
    deficiencyMwh: line.deficiency,
    incentiveMicros: wholeNumber(line.incentive),
    feeMicros: wholeNumber(line.fee),
    payMicros: wholeNumber(line.pay),
    debtAfterMicros: wholeNumber(line.debtAfter),
    entitledMicros: wholeNumber(line.entitled),
    detailHash: detail,
  }))
}
