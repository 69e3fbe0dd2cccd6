import { counted } from '../../schemas/errors/counted.ts'
import type { SettlementBody } from '../../serving/shapes/settlement.ts'
import { table } from './output.ts'

/**
 * A settlement as `settle` prints it: two sentences, that of its event's warning, and the invoice
 * line by line.
 */
export function describeSettlement(settlement: SettlementBody, warning: string | null): string {
  const { id, state, currency, header, totals, lines } = settlement
  const { period: settlementNumber } = settlement
  const paid = `${moneyOf(header.totalPay)} ${currency} in ${counted(header.leafCount, 'line')}`
  const energy = totals
    ? `; ${kwhOf(totals.deliveredMwh)} kWh delivered, ${kwhOf(totals.deficiencyMwh)} kWh short`
    : ''
  const place =
    settlementNumber === null ? 'Not yet on chain' : `Settlement ${settlementNumber} on chain`
  const root = `${place}; its root is ${header.root}.`
  const warned = warning === null ? [] : [warning]
  const sentences = [`${id} is ${state}: it pays ${paid}${energy}.`, root, ...warned]
  if (lines === undefined) {
    return [...sentences, 'The lines need the token: give --token or --dir.'].join('\n')
  }
  const columns = ['meter', 'delivered kWh', 'short kWh', `fee ${currency}`, `pay ${currency}`]
  const rows = lines.map((line) => [
    ...[line.meter, kwhOf(line.deliveredMwh), kwhOf(line.deficiencyMwh)],
    ...[moneyOf(line.feeMicros), moneyOf(line.payMicros), line.account],
  ])
  return [...sentences, '', table([...columns, 'account'], rows)].join('\n')
}

function kwhOf(energyMwh: number): string {
  return (energyMwh / 1e6).toFixed(3)
}

/** Millionths as a decimal fraction, exact at any size. */
export function moneyOf(micros: string | number): string {
  const digits = String(micros).padStart(7, '0')
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`
}
