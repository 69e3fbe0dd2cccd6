import type { Fraction } from '../decimal.ts'
import { type Unit, units } from './profileShape.ts'

export type Quantity = 'energy' | 'power'

const scales: Readonly<Record<Unit, { readonly quantity: Quantity; readonly milli: bigint }>> = {
  mWh: { quantity: 'energy', milli: 1n },
  Wh: { quantity: 'energy', milli: 1_000n },
  kWh: { quantity: 'energy', milli: 1_000_000n },
  MWh: { quantity: 'energy', milli: 1_000_000_000n },
  W: { quantity: 'power', milli: 1_000n },
  kW: { quantity: 'power', milli: 1_000_000n },
  MW: { quantity: 'power', milli: 1_000_000_000n },
}

export function quantityOf(unit: Unit): Quantity {
  return scales[unit].quantity
}

/** Milliwatt-hours of one unit over an interval. */
export function mwhPerUnit(unit: Unit, durationS: number): Fraction {
  const { quantity, milli } = scales[unit]
  if (quantity === 'energy') return { numerator: milli, denominator: 1n }
  return { numerator: milli * BigInt(durationS), denominator: 3600n }
}

/** `kWh`, `KWH` and `kwh`; `mwh` may be milli or mega, which is a billion times more. */
export function unitNamed(text: string): Unit | null {
  const exact = units.find((unit) => unit === text.trim())
  if (exact) return exact
  const lower = spelledOut(text.trim().toLowerCase())
  if (lower === 'mwh' || lower === 'mw') return null
  return units.find((unit) => unit.toLowerCase() === lower) ?? null
}

/** `kWhs`, `kWatts` and `watts`. */
function spelledOut(lower: string): string {
  return lower.replace(/^(k?w)(?:att)?(h?)s$/, '$1$2')
}

const inBrackets = /[([]\s*(?:en\s|in\s)?\s*([kKmM]?[wW][hH]?|[kK]?[wW](?:att|h)s)\s*[)\]]/
const atTheEnd = /(?:^|[\s_,.])([kKM]?[wW][hH]?)\s*$/

/** The unit in a name such as `Consumption (kwh)`, `Valeur (en Kw)` or, of a value, `energy_wh`. */
export function unitOfHeader(name: string, isSeries: boolean): Unit | null {
  const text = inBrackets.exec(name)?.[1] ?? (isSeries ? null : atTheEnd.exec(name.trim())?.[1])
  return text ? unitNamed(text) : null
}

/** Without a unit in brackets: a series may end like a unit. */
export function withoutUnit(name: string): string {
  return name
    .replace(inBrackets, '')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[,;:]$/, '')
    .trim()
}

/** Lower case without accents; other characters than letters and digits are one space. */
export function plainName(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim()
}
