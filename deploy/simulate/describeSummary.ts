import { counted } from '../../schemas/errors/counted.ts'
import type { Settled } from './collectSettled.ts'
import type { DemoSummary } from './summary.ts'

/** The summary as text. */
export function describeSummary(summary: DemoSummary): string {
  const { readings, forecast, solar } = summary
  return [
    `Readings: ${readings.read} read = ${readings.accepted} accepted + ${readings.duplicate} ` +
      `duplicate + ${readings.rejected} rejected (${readings.late} late, ` +
      `${readings.corrected} corrected).`,
    `Forecast: ${forecast.maeWh.toFixed(1)} Wh mean error against ` +
      `${forecast.naiveMaeWh.toFixed(1)} for last week's (ratio ${forecast.ratio.toFixed(3)}).`,
    ...describeSettled(summary, '£'),
    `Beside them ${solar.sites} homes with PV: ${solar.readings.stored} hourly readings of ` +
      `${solar.readings.sent} sent, ${solar.readings.negative} of them below zero (fed in).`,
    ...describeSettled(solar, '$'),
    `Seconds: ${Object.entries(summary.seconds)
      .map(([name, seconds]) => `${name} ${seconds}`)
      .join(', ')}.`,
  ].join('\n')
}

function describeSettled({ events, settlements, claims, proofs }: Settled, sign: string): string[] {
  const money = (micros: number | string | bigint) => `${sign}${(Number(micros) / 1e6).toFixed(2)}`
  const kwh = (mwh: number | null) => `${((mwh ?? 0) / 1e6).toFixed(3)} kWh`
  const lines = events.map((event, index) => {
    const settlement = settlements[index]!
    return (
      `  ${event.id}: ${kwh(event.deliveredMwh)} of ${kwh(event.orderedMwh)} delivered ` +
      `(live figure ${kwh(event.speedDeliveredMwh)}); ${money(settlement.payMicros)} in ` +
      `${counted(settlement.leaves, 'line')} under ${settlement.root.slice(0, 10)}…; attested by ` +
      `${counted(settlement.validators, 'validator')}, ` +
      `${Math.round(settlement.earnedStakeShare * 100)} % of the stake was earned.`
    )
  })
  return [
    ...lines,
    `Paid: ${money(claims.sumMicros)} in ${counted(claims.count, 'claim')}; ` +
      `${proofs.verified} of ${proofs.bundles} proofs verify against the chain.`,
  ]
}
