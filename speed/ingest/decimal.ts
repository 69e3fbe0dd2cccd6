import { scaleHalfEven } from '../../schemas/units.ts'

/** `digits * 10 ** exponent`, exactly the value of the text. */
export type Decimal = { readonly digits: bigint; readonly exponent: number }

export type Fraction = { readonly numerator: bigint; readonly denominator: bigint }

const pattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/
/** Longer than any number from a meter; keeps the arithmetic below bounded. */
const charsMax = 64

/** The exact value of a decimal text, or null when it is not a number. */
export function parseDecimal(text: string): Decimal | null {
  if (text.length > charsMax) return null
  const match = pattern.exec(text)
  if (!match) return null
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  if (whole === '' && fraction === '') return null
  const magnitude = BigInt(whole + fraction)
  return {
    digits: sign === '-' ? -magnitude : magnitude,
    exponent: Number(exponent) - fraction.length,
  }
}

/**
 * A decimal times a fraction as a whole number, rounded once, half to even.
 *
 * @example
 * toWholeHalfEven({ digits: 25n, exponent: -4 }, { numerator: 1000n, denominator: 1n }) // 2n
 */
export function toWholeHalfEven(decimal: Decimal, factor: Fraction): bigint {
  const { digits, exponent } = decimal
  const up = exponent > 0 ? 10n ** BigInt(exponent) : 1n
  const down = exponent < 0 ? 10n ** BigInt(-exponent) : 1n
  return scaleHalfEven(digits, factor.numerator * up, factor.denominator * down)
}
