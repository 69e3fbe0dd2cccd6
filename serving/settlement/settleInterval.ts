import { NegativeOrderError } from '../../schemas/errors/settlement.ts'
import { invariant } from '../../schemas/errors/wattproofError.ts'
import {
  type EnergyMwh,
  energyMwh,
  type MoneyMicros,
  valueMicrosDown,
} from '../../schemas/units.ts'

type DeliveredOfParameters = {
  readonly baseline: EnergyMwh
  readonly metered: EnergyMwh
  /** Reduction that was ordered; 0 outside an order. */
  readonly ordered: EnergyMwh
}

export type SettleIntervalParameters = DeliveredOfParameters & {
  readonly priceMicrosPerKwh: bigint
  readonly penaltyMicrosPerKwh: bigint
}

export type SettleIntervalReturnType = {
  readonly delivered: EnergyMwh
  readonly deficiency: EnergyMwh
  readonly incentive: MoneyMicros
  readonly fee: MoneyMicros
}

/**
 * What one interval of one order is worth (UFTP, settle phase; METHODS §2).
 *
 * Delivery counts up to the order only. Deficiency counts from the ordered level up, so a meter
 * above its baseline is charged for the excess too. Incentive and fee are each rounded down.
 *
 * @throws NegativeOrderError when the order is negative.
 */
export function settleInterval(interval: SettleIntervalParameters): SettleIntervalReturnType {
  const { baseline, metered, ordered } = interval
  if (ordered < 0) throw new NegativeOrderError({ orderedMwh: ordered })

  const delivered = deliveredOf(interval)
  const deficiency = energyMwh(Math.max(metered - (baseline - ordered), 0))
  invariant(delivered === 0 || delivered + deficiency === ordered, 'An order splits in two.')

  const incentive = valueMicrosDown(delivered, interval.priceMicrosPerKwh)
  const fee = valueMicrosDown(deficiency, interval.penaltyMicrosPerKwh)
  return { delivered, deficiency, incentive, fee }
}

/** The reduction below the baseline that counts: up to the order and no further. */
export function deliveredOf({ baseline, metered, ordered }: DeliveredOfParameters): EnergyMwh {
  return energyMwh(Math.min(Math.max(baseline - metered, 0), ordered))
}

/** The reduction ordered from a baseline, rounded down: never more than the agreed share. */
export function orderOfMwhDown(baseline: EnergyMwh, orderPpm: number): EnergyMwh {
  return energyMwh(Number((BigInt(baseline) * BigInt(orderPpm)) / 1_000_000n))
}
