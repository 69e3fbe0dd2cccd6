import type { BundleBody } from '../../settlement/bundle/proofBundle.ts'
import type { SettlementBody, SettlementLineBody } from '../../shapes/settlement.ts'
import { clockTime, dayName, kwh, money, price } from './format.ts'

/** Sorts lines by index, by pay or by debt. */
export type LineOrder = 'index' | 'pay' | 'delivered'

export function sortLines(lines: readonly SettlementLineBody[], order: LineOrder) {
  if (order === 'index') return [...lines].sort((left, right) => left.index - right.index)
  const size = (line: SettlementLineBody) =>
    order === 'pay' ? Number(line.payMicros) : line.deliveredMwh
  return [...lines].sort((left, right) => size(right) - size(left) || left.index - right.index)
}

/** Whether the page's own sum of the lines equals the header's, exactly. */
export function linesAddUp(
  lines: readonly SettlementLineBody[],
  { totalPay }: SettlementBody['header'],
): boolean {
  const sum = lines.reduce((total, line) => total + BigInt(line.payMicros), 0n)
  return sum === BigInt(totalPay)
}

export type ArithmeticStep = {
  readonly label: string
  readonly formula: string
  readonly value: string
}

/** The derivation of a line's pay, with its numbers. */
export function describeArithmetic({ event, line, member }: BundleBody): ArithmeticStep[] {
  const { currency, priceMicrosPerKwh, penaltyMicrosPerKwh } = event.terms
  const cash = (micros: number | string) => money(micros, currency)
  const each = line.intervals.length
  const [incentive, fee] = [priceMicrosPerKwh, penaltyMicrosPerKwh].map(
    (micros) => `${price(micros, currency)} a kWh`,
  )
  return [
    {
      label: 'Incentive',
      formula: `${kwh(line.delivered)} delivered × ${incentive}, rounded down ${each} times`,
      value: cash(line.incentive),
    },
    {
      label: 'Fee',
      formula: `${kwh(line.deficiency)} missing × ${fee}, rounded down per interval`,
      value: cash(line.fee),
    },
    {
      label: 'Net',
      formula: `${cash(line.incentive)} − ${cash(line.fee)}`,
      value: cash(line.net),
    },
    {
      label: 'Pay',
      formula: `the net minus older fees of ${cash(member.before.debt)}`,
      value: cash(line.pay),
    },
    {
      label: 'Ever entitled to',
      formula: `${cash(member.before.entitled)} before + ${cash(line.pay)}`,
      value: cash(line.entitled),
    },
  ]
}

/** The derivation of one interval's baseline, order and delivery. */
export function describeInterval(
  interval: BundleBody['line']['intervals'][number],
  bundle: BundleBody,
): string {
  const { zone, terms } = bundle.event
  const { baseline, metered, ordered, delivered } = interval
  const share = `${terms.orderPpm / 10_000} %`
  return (
    `${clockTime(interval.startMs, zone)}: ${share} of ${kwh(baseline)} is ${kwh(ordered)} ` +
    'ordered; ' +
    `${kwh(baseline)} − ${kwh(metered)} used = ${kwh(baseline - metered)}, ` +
    `of which ${kwh(delivered)} counts.`
  )
}

/** Describes how the committed baseline was computed. */
export function describeBaseline({ member, event }: BundleBody): string {
  const { days, adjustment, flags } = member.baseline
  if (days.length === 0) {
    return `No ordinary day was found (${flags.map(describeFlag).join('; ')}).`
  }
  const moved = describeAdjustment(adjustment)
  const said = flags.length > 0 ? ` (${flags.map(describeFlag).join('; ')})` : ''
  return `Mean of ${days.length} similar days by ${event.terms.baselineMethod}, ${moved}${said}.`
}

function describeAdjustment(adjustment: BundleBody['member']['baseline']['adjustment']): string {
  if (adjustment.kind === 'none') return 'not adjusted'
  const ratio = Number(adjustment.numerator) / Number(adjustment.denominator)
  if (adjustment.kind === 'additive') {
    const sign = ratio < 0 ? '−' : '+'
    const wh = (Math.abs(ratio) / 1000).toFixed(1)
    return `moved by ${sign}${wh} Wh an interval, the flow earlier that day against those days`
  }
  return `multiplied by ${ratio.toFixed(3)}, the use earlier that day against those days`
}

/** What was unusual about a baseline; see `computeBaseline.ts` for what there is. */
function describeFlag(flag: string): string {
  const [name, what = ''] = flag.split(':')
  if (name === 'adjustment-clipped') return 'limited to the largest adjustment'
  if (name === 'no-adjustment') return 'that day has no readings to adjust by'
  if (name === 'few-days') return `only ${what.replace('-of-', ' of ')} days`
  if (name === 'passed-over') return `without ${dayName(`${what}T12:00:00Z`, 'UTC')}`
  return flag
}
