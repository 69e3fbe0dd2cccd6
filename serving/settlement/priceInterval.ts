import { NegativeOrderError } from '../../schemas/errors/settlement.ts'
import { invariant } from '../../schemas/errors/wattproofError.ts'
import {
  type EnergyMwh,
  energyMwh,
  type MoneyMicros,
  valueMicrosDown,
} from '../../schemas/units.ts'

export type PriceIntervalParameters = {
  readonly baseline: EnergyMwh
  readonly metered: EnergyMwh
  /** Reduction that was ordered; 0 outside an order. */
  readonly ordered: EnergyMwh
  /** The most that counts as delivered: what the site's boundary is reduced by, at least 0. */
  readonly deliveredMax?: EnergyMwh
  readonly priceMicrosPerKwh: bigint
  readonly penaltyMicrosPerKwh: bigint
}

export type PriceIntervalReturnType = {
  readonly delivered: EnergyMwh
  readonly deficiency: EnergyMwh
  readonly incentive: MoneyMicros
  readonly fee: MoneyMicros
}

/**
 * What one interval of one order is worth (UFTP, settle phase; METHODS §2).
 *
 * Delivery counts up to the order only. Deficiency counts from the ordered level up, so a meter
 * above its baseline is charged for the excess too. What the boundary did not show is neither
 * delivered nor deficient: the meter behind it did what was ordered. Incentive and fee are each
 * rounded down.
 *
 * @throws NegativeOrderError when the order is negative.
 */
export function priceInterval(interval: PriceIntervalParameters): PriceIntervalReturnType {
  const { baseline, metered, ordered } = interval
  if (ordered < 0) throw new NegativeOrderError({ orderedMwh: ordered })

  const own = Math.min(Math.max(baseline - metered, 0), ordered)
  const deficiency = energyMwh(Math.max(metered - (baseline - ordered), 0))
  invariant(own === 0 || own + deficiency === ordered, 'An order splits in two.')
  const delivered = energyMwh(Math.min(own, Math.max(interval.deliveredMax ?? own, 0)))

  const incentive = valueMicrosDown(delivered, interval.priceMicrosPerKwh)
  const fee = valueMicrosDown(deficiency, interval.penaltyMicrosPerKwh)
  return { delivered, deficiency, incentive, fee }
}

/**
 * The reduction ordered from a baseline, rounded down: never more than the agreed share. Who feeds
 * in is asked for a share of that: more of it.
 */
export function orderOfMwhDown(baseline: EnergyMwh, orderPpm: number): EnergyMwh {
  return energyMwh(Number((BigInt(Math.abs(baseline)) * BigInt(orderPpm)) / 1_000_000n))
}
