import type { RegisterReset } from '../../../schemas/reading/register.ts'
import {
  type Exchange,
  findExchanges,
  type Register,
  spikeMax,
  sumOfParts,
} from './meterExchange.ts'

/** What a register shows. Places are those in the series. */
export type Difference =
  /** It is the first register. */
  | { readonly kind: 'first' }
  /** What was counted since the register at `from`: not always the one before. */
  | { readonly kind: 'grown'; readonly from: number; readonly energyMwh: bigint }
  /** The meter was exchanged: what each counted is not known. */
  | { readonly kind: 'exchange' }
  /** It is lower than the one before. */
  | { readonly kind: 'fallen' }
  /** The later one at `than` is lower, and so is what follows. */
  | { readonly kind: 'spike'; readonly than: number }

export type SeriesOptions = {
  readonly resets: readonly RegisterReset[]
  /** The value at which the register at a place rolls over to zero; null where it does not. */
  readonly capacityAt: (place: number) => bigint | null
  /** So many at the begin are known to count already. */
  readonly known?: number
}

export type Differenced = {
  /** `[place]` */
  readonly differences: readonly Difference[]
  /** Places of those that count. */
  readonly trusted: readonly number[]
}

/**
 * The differences of the registers of one meter, in the order of time.
 *
 * Where the meter was exchanged in its window, the energy is the sum of both parts if they are
 * known. Another register that falls is wrong unless it rolls over at its capacity; what follows is
 * counted from a register that fits to both sides, so that one wrong register, too high or too low,
 * costs its own intervals only. Nothing depends on more than a few registers to either side.
 */
export function differenceSeries(
  registers: readonly Register[],
  options: SeriesOptions,
): Differenced {
  const { resets, known = 0 } = options
  const exchanges = findExchanges(registers, resets)
  const differences: Difference[] = registers.map(() => ({ kind: 'first' }))
  const trusted = Array.from({ length: known }, (_, place) => place)
  const series = { registers, exchanges, options, differences, trusted, known }
  for (let place = known; place < registers.length; place++) {
    if (judge(series, place)) trusted.push(place)
  }
  return { differences, trusted }
}

type Series = {
  readonly registers: readonly Register[]
  readonly exchanges: readonly Exchange[]
  readonly options: SeriesOptions
  readonly differences: Difference[]
  readonly trusted: number[]
  readonly known: number
}

/** Whether a register counts. */
function judge(series: Series, place: number): boolean {
  const { differences, trusted } = series
  const from = trusted.at(-1)
  if (from === undefined) return true
  const energyMwh = energyBetween(series, from, place)
  if (energyMwh !== null) {
    differences[place] = { kind: 'grown', from, energyMwh }
    return true
  }
  if (exchangeBetween(series, from, place)) {
    differences[place] = { kind: 'exchange' }
    return true
  }
  return fall(series, place)
}

/**
 * A register lower than the one before it. Where the next one is not, this one is wrong; where a
 * few before it are a spike, they are; else the meter was exchanged. Whether it counts from here.
 */
function fall(series: Series, place: number): boolean {
  const { registers, differences, trusted, known } = series
  differences[place] = { kind: 'fallen' }
  const isDip =
    place + 1 < registers.length && energyBetween(series, trusted.at(-1)!, place + 1) !== null
  if (isDip) return false
  const near = Math.max(0, trusted.length - 1 - spikeMax)
  const fits = (from: number) => energyBetween(series, from, place) !== null
  const base = trusted.findLastIndex((from, at) => at >= near && fits(from))
  if (base < 0) return true
  for (const high of trusted.slice(base + 1)) {
    if (high >= known) differences[high] = { kind: 'spike', than: place }
  }
  trusted.length = base + 1
  const from = trusted[base]!
  differences[place] = { kind: 'grown', from, energyMwh: energyBetween(series, from, place)! }
  return true
}

function exchangeBetween(
  { registers, exchanges }: Series,
  from: number,
  place: number,
): Exchange | undefined {
  const [fromMs, toMs] = [registers[from]!.atMs, registers[place]!.atMs]
  return exchanges.find((each) => fromMs < each.toMs && each.fromMs < toMs)
}

/** The energy between two registers, or null where they do not say it. */
function energyBetween(series: Series, from: number, place: number): bigint | null {
  const { registers, options } = series
  const [before, now] = [registers[from]!.valueMwh, registers[place]!.valueMwh]
  const exchange = exchangeBetween(series, from, place)
  if (exchange) return exchange.parts && sumOfParts(exchange.parts, before, now)
  const sign = before < 0n || now < 0n ? -1n : 1n
  const grown = (now - before) * sign
  if (grown >= 0n) return grown * sign
  const capacity = options.capacityAt(place)
  if (capacity === null) return null
  const rolled = grown + capacity
  // More than a tenth of the register within one step is no rollover.
  return rolled >= 0n && rolled * 10n <= capacity ? rolled * sign : null
}
