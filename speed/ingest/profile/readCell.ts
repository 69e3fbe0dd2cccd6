import { isMeterId } from '../../../schemas/ids.ts'
import { type Quality, quality as qualities } from '../../../schemas/reading/reading.ts'
import { type Decimal, toWholeHalfEven } from '../decimal.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { absentWord, type StatusOf } from './absentWords.ts'
import type { Cell } from './cellsOfRows.ts'
import type { Columns, ValueColumn } from './findColumns.ts'
import { ownOf } from './ownOf.ts'
import type { Profile, ProfileColumn, QualityWord } from './profileShape.ts'
import type { ProfiledGap, ProfiledReading, ProfiledRefusal, Standing } from './reading.ts'
import type { NumberStyle } from './readNumber.ts'
import { readNumber } from './readNumber.ts'
import { mwhPerUnit } from './readUnit.ts'
import type { StampReader } from './stamp.ts'
import type { UnitOf } from './valuesOf.ts'
import type { Zone } from './zone.ts'

export type CellOptions = {
  readonly columns: Columns
  readonly profile: Profile
  readonly style: NumberStyle
  readonly unitOf: UnitOf
  readonly reader: StampReader
  readonly zone: Zone
  readonly statusOf: StatusOf
}

/** What one cell of values is. A register is not differenced yet: its energy is its value. */
export type CellOutcome =
  | { readonly reading: ProfiledReading }
  | { readonly refusal: ProfiledRefusal }
  | { readonly gap: ProfiledGap }

const silentWords = ['', 'na', 'n/a', 'nan', 'null', 'none', '-']

/** A cell that says nothing, unless a profile has words of its own. */
export function isSilent(value: string): boolean {
  return silentWords.includes(value.toLowerCase())
}

/** Words of quality as exports have them; a profile says its own, and what numbers mean. */
const usualWords: Readonly<Record<string, QualityWord>> = {
  '': { quality: 'measured' },
  measured: { quality: 'measured' },
  actual: { quality: 'measured' },
  real: { quality: 'measured' },
  substituted: { quality: 'substituted' },
  estimated: { quality: 'estimated' },
  estimate: { quality: 'estimated' },
}

export function readCell(cell: Cell, options: CellOptions): CellOutcome {
  const { entry, row, column, meter, value } = cell
  const place = { line: row.line, column: column.header }
  const textOf = (role: ProfileColumn) => (row.cells[options.columns.at[role] ?? -1] ?? '').trim()
  const refused = (refusal: Refusal, wrong = value): CellOutcome => {
    const { original, cells } = row
    return { refusal: { ...refusal, ...place, value: wrong, original, cells } }
  }
  const qualityAt = column.qualityAt ?? options.columns.at.quality
  const quality = qualityAt === undefined ? '' : (row.cells[qualityAt] ?? '').trim()
  const word = readQuality(quality, options.profile)
  const isVoid = word?.void === true || saysVoid(value, options.profile)
  const isSilent = isMissing(value, options.profile)
  if (isSilent && !isVoid) {
    if (isPowerAlone(textOf, options.profile)) return refused(refuse('register-absent'))
    const why = value === '' ? 'empty-cell' : 'word'
    return { gap: { ...place, meter, why, total: null } }
  }
  if (entry.refusal) return refused(entry.refusal, entry.anchor.text)
  if (!isMeterId(meter)) return refused(refuse('meter-of-cell', { meter }), meter)
  const absent = absentWord(row.cells, options.statusOf.get(column) ?? [], options.profile)
  if (absent !== null) return refused(refuse('said-absent', { word: absent }), absent)
  const { unknownFlow: flow } = cell
  if (flow !== null) return refused(refuse('unknown-flow', { word: flow }), flow)
  if (word === null) return refused(refuse('unknown-quality', { word: quality }), quality)
  const unit = options.unitOf(cell)
  if (typeof unit !== 'string') {
    return refused(refuse('unknown-unit', { word: unit.unknown }), unit.unknown)
  }
  const { quantity } = options.profile
  if (/^(bulk|cumulative)$/i.test(textOf('accumulation')) && quantity !== 'register') {
    return refused(refuse('register-not-energy'))
  }
  const number = isVoid ? { digits: 0n, exponent: 0 } : readNumber(value, options.style)
  if (number === null) return refused(refuseValue(value, column, options.style))
  const isNothing = !isVoid && looksLikeNothing(value, options.profile)
  if (isNothing) return refused(refuse('word-for-nothing', { word: value }))
  const extra = readExtra(textOf, options)
  if ('wrong' in extra) return refused(extra.refusal, extra.wrong)
  const isSeries = column.meter !== null
  if (cell.isExport && number.digits < 0n) return refused(refuse('negative-export', { isSeries }))
  const sign = cell.isExport || options.profile.sign === 'export' ? -1n : 1n
  const factor = mwhPerUnit(unit, Number.isNaN(entry.durationS) ? 0 : entry.durationS)
  return {
    reading: {
      // Written out: a spread costs more than all the rest of a cell.
      powerW: sign < 0n ? fedInW(extra.powerW) : extra.powerW,
      reactiveVar: extra.reactiveVar,
      revision: extra.revision,
      saidAtMs: extra.saidAtMs,
      meter,
      startMs: entry.startMs,
      durationS: entry.durationS,
      isLocal: options.reader.read(entry.anchor.text)?.offsetMs === null,
      energyMwh: sign * toWholeHalfEven(number, factor),
      quality: qualities[word.quality ?? 'measured'] as Quality,
      standing: word.standing ?? standingOf(word),
      isVoid,
      line: place.line,
      column: place.column,
      value,
      original: row.original,
    },
  }
}

/** Beside an energy that a direction turns; some files give what is fed in its sign. */
function fedInW(powerW: number | null): number | null {
  return powerW !== null && powerW > 0 ? -powerW : powerW
}

/** What is beside a register that is not there would be lost as a gap. */
function isPowerAlone(textOf: TextOf, profile: Profile): boolean {
  if (profile.quantity !== 'register') return false
  return (['power', 'reactive'] as const).some((role) => !isMissing(textOf(role), profile))
}

/** Such as -9999, unless the profile has its own words for nothing. */
function looksLikeNothing(value: string, { missing }: Profile): boolean {
  return missing === undefined && /^-9{3,}([.,]0+)?$/.test(value)
}

export function isMissing(value: string, { missing }: Profile): boolean {
  if (missing === undefined) return isSilent(value)
  const lower = value.toLowerCase()
  return value === '' || missing.some((word) => word.toLowerCase() === lower)
}

/** A word in the place of the value, by which a source takes back what it said. */
function saysVoid(value: string, { void: words = [] }: Profile): boolean {
  return words.some((word) => word.toLowerCase() === value.toLowerCase())
}

function standingOf({ quality = 'measured' }: QualityWord): Standing {
  return quality === 'measured' ? 'stated' : 'fill'
}

/** `A`, and of words such as `S14` what is before the number. */
function readQuality(text: string, { quality }: Profile): QualityWord | null {
  if (quality === undefined) return ownOf(usualWords, text.toLowerCase()) ?? null
  const entries = Object.entries(quality)
  const named = (word: string) => {
    return entries.find(([name]) => name.toLowerCase() === word.toLowerCase())?.[1]
  }
  const method = /^([a-z])\d+$/i.exec(text)?.[1]
  const found = named(text) ?? (method === undefined ? undefined : named(method))
  return found ?? (text === '' ? {} : null)
}

function refuseNumber(text: string, { decimal, thousands }: NumberStyle): Refusal {
  return refuse('cell-not-a-number', { text, decimal, thousands })
}

/** A word in a series may be a remark, in a column of them. */
function refuseValue(text: string, { meter, header }: ValueColumn, style: NumberStyle): Refusal {
  if (meter === null || /\d/.test(text)) return refuseNumber(text, style)
  return refuse('word-in-series', { word: text, column: header })
}

type TextOf = (role: ProfileColumn) => string
type Extra = Pick<ProfiledReading, 'powerW' | 'reactiveVar' | 'revision' | 'saidAtMs'>
type Wrong = { readonly refusal: Refusal; readonly wrong: string }

/** What a row may say beside its value. */
function readExtra(textOf: TextOf, options: CellOptions): Extra | Wrong {
  const { columns, profile, style, reader, zone } = options
  const numbers: Partial<Record<ProfileColumn, number | null>> = {}
  for (const role of ['power', 'reactive', 'revision'] as const) {
    const text = columns.at[role] === undefined ? '' : textOf(role)
    const number = isMissing(text, profile) ? null : readNumber(text, style)
    const isWrong = number === null && !isMissing(text, profile)
    if (isWrong) return { refusal: refuseNumber(text, style), wrong: text }
    numbers[role] = number === null ? null : toNumber(number)
  }
  const said = columns.at.saidAt === undefined ? '' : textOf('saidAt')
  const saidAtMs = said === '' ? null : instantOf(said, { reader, zone })
  if (said !== '' && saidAtMs === null) {
    return { refusal: refuse('said-at-stamp', { text: said }), wrong: said }
  }
  const isMain = columns.values.some(({ at }) => at === columns.at.power)
  return {
    powerW: isMain ? null : fround(numbers.power),
    reactiveVar: fround(numbers.reactive),
    revision: numbers.revision ?? null,
    saidAtMs,
  }
}

function instantOf(
  text: string,
  { reader, zone }: { readonly reader: StampReader; readonly zone: Zone },
): number | null {
  const stamp = reader.read(text)
  if (!stamp) return null
  if (stamp.offsetMs !== null) return stamp.wallMs - stamp.offsetMs
  return zone.instantsOf(stamp.wallMs).at(-1) ?? null
}

/** Power is f32 in the frame; rounded here, so that a value sent twice is equal both times. */
function fround(value: number | null | undefined): number | null {
  return value == null ? null : Math.fround(value)
}

function toNumber({ digits, exponent }: Decimal): number {
  return Number(`${digits}e${exponent}`)
}
