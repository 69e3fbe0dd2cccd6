/**
 * A decimal text times a power of ten, without an exponent: exact, as only the point moves. Null
 * for what is no number, and where the answer would be absurdly long.
 */
export function plainDecimal(text: string, powerOfTen = 0): string | null {
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,4}))?$/i.exec(text.trim())
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts ?? []
  const digits = whole + fraction
  if (digits === '') return null
  const point = whole.length + Number(exponent) + powerOfTen
  // Also for a power that is no whole number: NaN is no distance.
  if (!(Math.abs(point) <= digitsMax) || digits.length > digitsMax) return null
  const padded = digits.padEnd(point, '0').padStart(digits.length - Math.min(0, point) + 1, '0')
  const at = padded.length - Math.max(digits.length, point) + point
  const integer = padded.slice(0, at).replace(/^0+(?=\d)/, '') || '0'
  const decimals = padded.slice(at).replace(/0+$/, '')
  const isZero = /^0*$/.test(integer + decimals)
  return `${sign === '-' && !isZero ? '-' : ''}${integer}${decimals && `.${decimals}`}`
}

const digitsMax = 400
