import { isMeterId } from '../../../schemas/ids.ts'
import {
  type Quality,
  quality as qualities,
  type RejectReason,
} from '../../../schemas/reading/reading.ts'
import { type Decimal, toWholeHalfEven } from '../decimal.ts'
import type { Cell } from './cellsOfRows.ts'
import type { Columns, ValueColumn } from './findColumns.ts'
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
  const refuse = (reason: RejectReason, detail: string, wrong = value): CellOutcome => {
    return {
      refusal: { ...place, value: wrong, reason, detail, original: row.original, cells: row.cells },
    }
  }
  const qualityAt = column.qualityAt ?? options.columns.at.quality
  const quality = qualityAt === undefined ? '' : (row.cells[qualityAt] ?? '').trim()
  const word = readQuality(quality, options.profile)
  const isVoid = word?.void === true || saysVoid(value, options.profile)
  const isSilent = isMissing(value, options.profile)
  if (isSilent && !isVoid) {
    const why = value === '' ? 'empty-cell' : 'word'
    return { gap: { ...place, meter, why, total: null } }
  }
  if (entry.refusal) return refuse(entry.refusal.reason, entry.refusal.detail, entry.anchor.text)
  if (!isMeterId(meter)) {
    const detail = `"${meter}" is no meter id: 1 to 64 of A-Z a-z 0-9 _ . : and -.`
    return refuse('bad-meter-id', `${detail} Say meter, or rename it.`, meter)
  }
  if (cell.unknownFlow !== null) return refuse('unparsable', flowDetail(cell), cell.unknownFlow)
  if (word === null) {
    const say = `add it to quality, such as ${quality}=measured`
    const detail = `The profile does not say what the quality "${quality}" is: ${say}.`
    return refuse('unparsable', detail, quality)
  }
  const unit = options.unitOf(cell)
  if (typeof unit !== 'string') {
    const detail = `"${unit.unknown}" is no unit such as kWh or kW: correct it, or say unit.`
    return refuse('unparsable', detail, unit.unknown)
  }
  const { quantity } = options.profile
  if (/^(bulk|cumulative)$/i.test(textOf('accumulation')) && quantity !== 'register') {
    const detail = 'This is a register, not the energy of an interval: say quantity register.'
    return refuse('unparsable', detail)
  }
  const number = isVoid ? { digits: 0n, exponent: 0 } : readNumber(value, options.style)
  if (number === null) return refuse('not-a-number', valueDetail(value, column, options.style))
  const isNothing = !isVoid && looksLikeNothing(value, options.profile)
  if (isNothing) return refuse('not-a-number', nothingDetail(value))
  const extra = readExtra(textOf, options)
  if ('wrong' in extra) return refuse(extra.reason, extra.detail, extra.wrong)
  if (cell.isExport && number.digits < 0n) return refuse('out-of-range', negativeExport(column))
  const sign = cell.isExport || options.profile.sign === 'export' ? -1n : 1n
  const factor = mwhPerUnit(unit, Number.isNaN(entry.durationS) ? 0 : entry.durationS)
  return {
    reading: {
      // Written out: a spread costs more than all the rest of a cell.
      powerW: extra.powerW,
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

function negativeExport({ meter }: ValueColumn): string {
  const say = meter === null ? 'that the column is value, not export' : 'sign import'
  return `What is fed in is negative already: say ${say}.`
}

function flowDetail({ unknownFlow }: Cell): string {
  return `Nothing says which way the flow "${unknownFlow}" is: add it to flow, as import or export.`
}

/** Such as -9999, unless the profile has its own words for nothing. */
function looksLikeNothing(value: string, { missing }: Profile): boolean {
  return missing === undefined && /^-9{3,}([.,]0+)?$/.test(value)
}

function nothingDetail(value: string): string {
  const fault = `"${value}" is what programs write where they have no value: say missing`
  return `${fault}, with this word or, where it is meant, with another.`
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
  if (quality === undefined) return usualWords[text.toLowerCase()] ?? null
  const entries = Object.entries(quality)
  const named = (word: string) => {
    return entries.find(([name]) => name.toLowerCase() === word.toLowerCase())?.[1]
  }
  const method = /^([a-z])\d+$/i.exec(text)?.[1]
  const found = named(text) ?? (method === undefined ? undefined : named(method))
  return found ?? (text === '' ? {} : null)
}

function numberDetail(value: string, { decimal, thousands }: NumberStyle): string {
  const groups = thousands === '' ? '' : `, thousands "${thousands}"`
  const fault = `"${value}" is no number with the decimal sign "${decimal}"${groups}`
  return `${fault}: correct it, or say decimal.`
}

/** A word in a series may be a remark, in a column of them. */
function valueDetail(value: string, { meter, header }: ValueColumn, style: NumberStyle): string {
  if (meter === null || /\d/.test(value)) return numberDetail(value, style)
  const remarks = `leave the column ${header} out, or call it remarks, if it has no values`
  return `"${value}" is no number: correct it, say missing, or ${remarks}.`
}

type Extra = Pick<ProfiledReading, 'powerW' | 'reactiveVar' | 'revision' | 'saidAtMs'>
type Wrong = { readonly reason: RejectReason; readonly detail: string; readonly wrong: string }

/** What a row may say beside its value. */
function readExtra(textOf: (role: ProfileColumn) => string, options: CellOptions): Extra | Wrong {
  const { columns, profile, style, reader, zone } = options
  const numbers: Partial<Record<ProfileColumn, number | null>> = {}
  for (const role of ['power', 'reactive', 'revision'] as const) {
    const text = columns.at[role] === undefined ? '' : textOf(role)
    const number = isMissing(text, profile) ? null : readNumber(text, style)
    const isWrong = number === null && !isMissing(text, profile)
    if (isWrong) return { reason: 'not-a-number', detail: numberDetail(text, style), wrong: text }
    numbers[role] = number === null ? null : toNumber(number)
  }
  const said = columns.at.saidAt === undefined ? '' : textOf('saidAt')
  const saidAtMs = said === '' ? null : instantOf(said, { reader, zone })
  if (said !== '' && saidAtMs === null) {
    const detail = `"${said}" is no stamp that says when: write it like the other stamps.`
    return { reason: 'bad-timestamp', detail, wrong: said }
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
