import { DenominatorError, EnergyError } from './errors/number.ts'

/**
 * Settled energy, in whole milliwatt-hours.
 *
 * Meters count watt-hours. 2, 4, 5, 8 and 10 days divide a thousand, so in milliwatt-hours the mean
 * of a day-matching baseline is an integer and anyone gets the same one.
 */
export type EnergyMwh = number & { readonly unit: 'mWh' }

/** Money, in whole millionths of the programme's currency. */
export type MoneyMicros = bigint & { readonly unit: 'micros' }

const mwhPerKwh = 1_000_000n

/** @throws InvalidArgumentError unless `value` is a whole number that a double holds exactly. */
export function energyMwh(value: number): EnergyMwh {
  if (!Number.isSafeInteger(value)) throw new EnergyError({ value })
  return value as EnergyMwh
}

export function moneyMicros(value: bigint): MoneyMicros {
  return value as MoneyMicros
}

/**
 * The price of an energy, rounded towards zero: payments are never rounded up.
 *
 * @param priceMicrosPerKwh millionths of the currency for a kilowatt-hour.
 *
 * @example
 * valueMicrosDown(energyMwh(1_500_000), 200_000n) // 300_000n: 1.5 kWh at 0.20
 */
export function valueMicrosDown(energy: EnergyMwh, priceMicrosPerKwh: bigint): MoneyMicros {
  return ((BigInt(energy) * priceMicrosPerKwh) / mwhPerKwh) as MoneyMicros
}

/**
 * `value * numerator / denominator`, rounded once, half to even. All whole, denominator positive.
 *
 * @example
 * scaleHalfEven(5n, 1n, 2n) // 2n, and scaleHalfEven(7n, 1n, 2n) is 4n
 */
export function scaleHalfEven(value: bigint, numerator: bigint, denominator: bigint): bigint {
  if (denominator <= 0n) throw new DenominatorError()
  const product = value * numerator
  const floor = product / denominator - (product % denominator < 0n ? 1n : 0n)
  const twiceRest = 2n * (product - floor * denominator)
  if (twiceRest < denominator) return floor
  if (twiceRest > denominator) return floor + 1n
  return floor % 2n === 0n ? floor : floor + 1n
}

/** Mean power over a duration, W, of an energy. An estimate: a float. */
export function meanPowerW(energyMwhValue: number, durationS: number): number {
  return (energyMwhValue * 3.6) / durationS
}

/** The energy of a mean power over a duration, mWh: the inverse of `meanPowerW`, not rounded. */
export function energyOfPowerMwh(powerW: number, durationS: number): number {
  return (powerW * durationS) / 3.6
}

const roundsHalfEven = 1.5 * 2 ** 52

/** The nearest whole number of a double below 2^51, half to even, as vectors round. */
export function halfEven(value: number): number {
  return value + roundsHalfEven - roundsHalfEven
}

/**
 * A power, W, in whole milliwatts, half to even: sums of them are exact in any order, as long as
 * they stay below 2^53 mW (9 TW).
 */
export function wholeMilliwatts(powerW: number): number {
  return halfEven(powerW * 1000)
}

/** JSON text with integers beyond 2^53 as strings and every other bigint as a number. */
export function toJson(value: unknown, indent?: number): string {
  const replace = (_: string, each: unknown) => {
    if (typeof each !== 'bigint') return each
    const isSafe =
      each >= BigInt(Number.MIN_SAFE_INTEGER) && each <= BigInt(Number.MAX_SAFE_INTEGER)
    return isSafe ? Number(each) : each.toString()
  }
  return JSON.stringify(value, replace, indent)
}
