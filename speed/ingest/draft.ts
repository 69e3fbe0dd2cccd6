import { quality as qualities, standing as standings } from '../../schemas/reading/reading.ts'
import { noRule, type RegisterRule, ruleOfText } from '../../schemas/reading/register.ts'
import { type Decimal, type Fraction, parseDecimal, toWholeHalfEven } from './decimal.ts'
import { type InstantOutcome, isLocalStamp } from './readInstant.ts'

/** A row as it arrived: field name to text, number or any other JSON value. */
export type RowFields = Readonly<Record<string, unknown>>

/** The content of a row before it is validated (`judgeDraft.ts`). */
export type Draft = {
  /** The first required field that is missing. */
  readonly missing: string | null
  /** The first field that no reading has; null of a row without one. */
  readonly unknown: string | null
  /** The first cell beyond the columns of the header. */
  readonly extraCell: string | null
  readonly meter: string
  readonly start: InstantOutcome
  /** NaN when it is not a number. */
  readonly durationS: number
  /** The first numeric field that does not contain a number, and what it contains. */
  readonly malformed: Malformed | null
  readonly energyMwh: bigint
  readonly powerW: number | null
  readonly reactiveVar: number | null
  readonly quality: number
  /** Null: that of its quality. */
  readonly standing: number | null
  readonly revision: number
  readonly saidAt: InstantOutcome | null
  readonly isVoid: boolean
  /**
   * Set for a cumulative register: `start` is its instant and `energyMwh` what it showed.
   * `durationS` is that of the interval that it ends, NaN where nothing says it.
   */
  readonly register?: RegisterRule
}

export type Malformed = { readonly field: string; readonly value: string | number }

const mwhPerWh: Fraction = { numerator: 1000n, denominator: 1n }

const required = ['meter', 'start', 'duration_s'] as const
/** The columns of a tidy file, and the members of a JSON reading. */
export const knownFields: readonly string[] = [
  ...required,
  'energy_wh',
  'power_w',
  'reactive_var',
  'quality',
  'standing',
  'revision',
  'said_at',
  'void',
]
/** For an element of JSON, which may be a register and say where it is from (`rowsOfJson.ts`). */
export const knownMembers: ReadonlySet<string> = new Set([
  ...knownFields,
  ...['register_wh', 'register_rule', 'place'],
])

/** Reads the fields of a tidy row. Never throws: errors are noted in the draft. */
export function draftOfFields(
  fields: RowFields,
  readInstant: (text: string) => InstantOutcome,
): Draft {
  const draft = readingOfFields(fields, readInstant)
  return isAbsent(fields.register_wh) || draft.isVoid ? draft : registerOf(draft, fields)
}

/** A register has an instant and no length. */
function registerOf(draft: Draft, fields: RowFields): Draft {
  const value = optionalDecimal(fields.register_wh)
  const rule = isAbsent(fields.register_rule) ? '' : JSON.stringify(fields.register_rule)
  const register = ruleOfText(rule)
  const own = { register_wh: value, register_rule: register ?? ('malformed' as const) }
  return {
    ...draft,
    missing: (['meter', 'start'] as const).find((name) => isAbsent(fields[name])) ?? null,
    malformed: draft.malformed ?? firstMalformed(fields, own),
    energyMwh: isDecimal(value) ? toWholeHalfEven(value, mwhPerWh) : 0n,
    register: register ?? noRule,
  }
}

function readingOfFields(fields: RowFields, readInstant: (text: string) => InstantOutcome): Draft {
  const durationText = textOf(fields.duration_s)
  const duration = parseDecimal(durationText)
  const durationS = duration ? toNumber(duration) : Number.NaN
  const energy = optionalDecimal(fields.energy_wh)
  const power = optionalDecimal(fields.power_w)
  const reactive = optionalDecimal(fields.reactive_var)
  const quality = readWord(fields.quality, qualities) ?? qualities.measured
  const ownStanding = readWord(fields.standing, standings)
  const isVoid = readFlag(fields.void)
  const revision = optionalDecimal(fields.revision)
  return {
    missing: firstMissing(fields, isVoid === true),
    unknown: Object.keys(fields).find((name) => !knownMembers.has(name)) ?? null,
    extraCell: null,
    meter: textOf(fields.meter),
    start: readInstant(textOf(fields.start)),
    durationS,
    malformed: firstMalformed(fields, {
      energy_wh: energy,
      power_w: power,
      reactive_var: reactive,
      quality,
      standing: ownStanding,
      revision,
      void: isVoid,
    }),
    energyMwh: isVoid === true ? 0n : energyOf(energy, power, durationS),
    powerW: floatOf(power),
    reactiveVar: floatOf(reactive),
    quality: quality === 'malformed' ? Number.NaN : quality,
    standing: ownStanding === 'malformed' ? null : ownStanding,
    revision: isDecimal(revision) ? toNumber(revision) : 0,
    saidAt: isAbsent(fields.said_at) ? null : readInstant(textOf(fields.said_at)),
    isVoid: isVoid === true,
  }
}

type Optional = Decimal | null | 'malformed'

function energyOf(energy: Optional, power: Optional, durationS: number): bigint {
  if (isDecimal(energy)) return toWholeHalfEven(energy, mwhPerWh)
  if (!isDecimal(power) || !Number.isSafeInteger(durationS)) return 0n
  return toWholeHalfEven(power, mwhPerWatt(durationS))
}

/** A watt over `durationS` seconds is durationS * 1000 / 3600 milliwatt-hours. */
export function mwhPerWatt(durationS: number): Fraction {
  return { numerator: BigInt(durationS) * 5n, denominator: 18n }
}

function firstMissing(fields: RowFields, isVoid: boolean): string | null {
  const missing = required.find((name) => isAbsent(fields[name]))
  if (missing) return missing
  if (isVoid) return null
  return isAbsent(fields.energy_wh) && isAbsent(fields.power_w) ? 'energy_wh' : null
}

function firstMalformed(
  fields: RowFields,
  values: Readonly<Record<string, Optional | number | boolean | RegisterRule>>,
): Malformed | null {
  const field = Object.keys(values).find((name) => values[name] === 'malformed')
  if (field === undefined) return null
  const value = fields[field]
  return { field, value: typeof value === 'object' ? JSON.stringify(value) : String(value) }
}

function optionalDecimal(value: unknown): Optional {
  if (isAbsent(value)) return null
  return parseDecimal(textOf(value)) ?? 'malformed'
}

/** One of some words, by its name or its number; null when there is none. */
function readWord(
  value: unknown,
  words: Readonly<Record<string, number>>,
): number | null | 'malformed' {
  if (isAbsent(value)) return null
  const text = textOf(value)
  if (Object.hasOwn(words, text)) return words[text]!
  const isNumber = Object.values(words).some((each) => String(each) === text)
  return isNumber ? Number(text) : 'malformed'
}

function readFlag(value: unknown): boolean | 'malformed' {
  if (isAbsent(value)) return false
  const text = typeof value === 'boolean' ? String(value) : textOf(value).toLowerCase()
  if (['true', '1'].includes(text)) return true
  return ['false', '0'].includes(text) ? false : 'malformed'
}

/** Power is f32 in the frame; rounded here, so that a value sent twice is equal both times. */
function floatOf(value: Optional): number | null {
  return isDecimal(value) ? Math.fround(toNumber(value)) : null
}

function isDecimal(value: Optional): value is Decimal {
  return value !== null && value !== 'malformed'
}

function toNumber(decimal: Decimal): number {
  return Number(`${decimal.digits}e${decimal.exponent}`)
}

/** Whether one of its stamps is on the clock of a zone that it does not say. */
export function hasLocalStamp({ start, said_at: saidAt }: RowFields): boolean {
  return isLocalStamp(textOf(start)) || (saidAt != null && isLocalStamp(textOf(saidAt)))
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

/** Text of a cell or of a JSON value; a number as the shortest decimal that round-trips. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value.trim()
  return typeof value === 'number' ? String(value) : ''
}
