import { DateTime } from 'luxon'
import {
  DateFormatError,
  NoDateFormatError,
  TwoAnswersError,
} from '../../../schemas/errors/profile.ts'
import type { Evidence } from '../table/table.ts'
import { readExcelDays, readIso, utc } from './fixedStamps.ts'
import { withEnglishMonth } from './monthNames.ts'
import type { Stamp, StampReader } from './stamp.ts'
import type { Zone } from './zone.ts'
import {
  abbreviated,
  readAbbreviated,
  requireZone,
  withoutAbbreviation,
} from './zoneAbbreviation.ts'

const dates = [
  ...['yyyy-M-d', 'yyyy/M/d', 'yyyy.M.d', 'd/M/yyyy', 'M/d/yyyy', 'd-M-yyyy', 'M-d-yyyy'],
  ...['d.M.yyyy', 'd/M/yy', 'M/d/yy', 'd-M-yy', 'M-d-yy', 'd.M.yy', 'd-MMM-yyyy', 'd-MMM-yy'],
  ...['d MMM yyyy', 'd MMMM yyyy', 'd MMM yy', 'MMM d, yyyy', 'MMMM d, yyyy', 'MMM d yyyy'],
  ...['yyyyMMdd', 'yy-M-d', 'yy/M/d', 'yy.M.d'],
]
/** Ten digits, which are no epoch. */
const closed = ['yyyyMMddHH', 'yyMMddHHmm']
const times = [
  'H:mm',
  'H:mm:ss',
  'H:mm:ss.SSS',
  'h:mm a',
  'h:mm:ss a',
  'h:mma',
  'H.mm',
  'HHmm',
  'HHmmss',
]
const offsets = ['ZZ', 'ZZZ', "'Z'"]
const joints = [' ', "'T'", ', ', '']

/**
 * A reader of one pattern: `iso`, `epoch-s`, `epoch-ms`, `excel-days`, or tokens such as
 * `dd/MM/yyyy HH:mm`, each also with ` zzz` for an abbreviation of the zone behind it.
 */
function openStampReader(pattern: string, zone?: Zone): StampReader {
  if (zone && pattern.endsWith(abbreviated)) {
    const bare = openStampReader(pattern.slice(0, -abbreviated.length))
    return { pattern, read: (text) => readAbbreviated(text, bare, zone) }
  }
  const known = new Map<string, Stamp | null>()
  let readNew: ReturnType<typeof readerOf> | null = null
  return {
    pattern,
    read: (text) => {
      const before = known.get(text)
      if (before !== undefined) return before
      readNew ??= readerOf(pattern)
      const stamp = readNew(inEnglish(text))
      known.set(text, stamp)
      return stamp
    },
  }
}

/** With its month in English, and AM or PM without points. */
function inEnglish(text: string): string {
  return withEnglishMonth(text).replace(/([ap])\. ?m\.?/i, '$1m')
}

export type StampTexts = {
  readonly column: string
  /** The stamps as they are in the file, each once. */
  readonly texts: readonly string[]
  /** Where the decimal sign is a comma, nobody writes the month first. */
  readonly isDecimalComma: boolean
  /** The zone in which abbreviations such as EST are read. */
  readonly zone: Zone
}

/**
 * The one pattern that reads the most stamps, with what speaks for it.
 *
 * @throws TwoAnswersError where day and month can be exchanged everywhere; DateFormatError and
 * NoDateFormatError where nothing fits, ZoneAbbreviationError where the zone's clock shows none.
 */
export function findStampReader(
  given: StampTexts,
  said: string | readonly string[] | undefined,
): { readonly reader: StampReader; readonly evidence: Evidence } {
  const { texts, zone } = given
  const bare = texts.map(withoutAbbreviation)
  const cut = bare.filter((text, at) => text !== texts[at]).length
  // A single row that says its zone costs no other one.
  if (said !== undefined || cut * 2 <= texts.length) return findPattern(given, said)
  const { reader, evidence } = findPattern({ ...given, texts: [...new Set(bare)] }, undefined)
  const pattern = `${reader.pattern}${abbreviated}`
  const abbreviating = openStampReader(pattern, zone)
  requireZone(texts, abbreviating, zone)
  return { reader: abbreviating, evidence: { ...evidence, value: pattern } }
}

function findPattern(
  { column, texts, isDecimalComma, zone }: StampTexts,
  said: string | readonly string[] | undefined,
): { readonly reader: StampReader; readonly evidence: Evidence } {
  const example = texts[0] ?? ''
  if (said !== undefined) {
    const readers = [said].flat().map((pattern) => openStampReader(pattern, zone))
    const [reader] = texts.length === 0 ? readers : readingMost(readers, texts)
    if (!reader) throw new DateFormatError({ dateFormat: [said].flat().join(' or '), example })
    return { reader, evidence: { field: 'dateFormat', value: reader.pattern, why: 'set' } }
  }
  if (texts.length === 0) {
    const evidence = { field: 'dateFormat', value: 'iso', why: 'no row has a stamp' }
    return { reader: openStampReader('iso'), evidence }
  }
  const found = nearest(withoutOldEpoch(fitting(texts), texts), texts)
  const [best] = found
  if (!best) throw new NoDateFormatError({ column, example })
  const other = found.find((each) => isOtherAnswer(each, best, texts))
  const why = `reads "${example}" in column ${column}`
  if (!other) {
    return { reader: best, evidence: { field: 'dateFormat', value: best.pattern, why } }
  }
  const dayFirst = [best, other].find(({ pattern }) => pattern.startsWith('d'))
  const isMonthFirst = [best, other].some(({ pattern }) => pattern.startsWith('M'))
  if (!isDecimalComma || !dayFirst || !isMonthFirst) {
    const ambiguous = texts.find((text) => isOther(best.read(text), other.read(text))) ?? example
    const answers = { left: best.pattern, right: other.pattern, example: `"${ambiguous}"` }
    throw new TwoAnswersError({ field: 'dateFormat', ...answers })
  }
  const reason = `${why}, and beside a decimal comma the day is first`
  return {
    reader: dayFirst,
    evidence: { field: 'dateFormat', value: dayFirst.pattern, why: reason },
  }
}

/** The readers that read as many of the texts as any, in order of the lists above. */
function fitting(texts: readonly string[]): StampReader[] {
  const probe = texts.slice(0, probedMax).map(inEnglish)
  const standard = openStampReader('iso')
  if (texts.every((text) => standard.read(text) !== null)) return [standard]
  const readers = ['iso', 'epoch-s', 'epoch-ms', 'excel-days', ...patternsLike(probe)].map(
    (pattern) => openStampReader(pattern),
  )
  const alive = readers.filter((reader) => probe.some((text) => reader.read(text) !== null))
  return readingMost(alive, texts)
}

/**
 * Twelve digits that are a minute of the calendar are no milliseconds of the years to 2001, and ten
 * that are an hour or a minute of it and begin with 2 are no seconds of the years from 2033 on.
 */
function withoutOldEpoch(
  found: readonly StampReader[],
  texts: readonly string[],
): readonly StampReader[] {
  const isFound = (wanted: readonly string[]) => found.some((each) => wanted.includes(each.pattern))
  const isLate = texts.some((text) => text.startsWith('2'))
  const epochs = new Set([
    ...(isFound(['yyyyMMddHHmm']) ? ['epoch-ms'] : []),
    ...(isLate && isFound(closed) ? ['epoch-s'] : []),
  ])
  return found.filter(({ pattern }) => !epochs.has(pattern))
}

/**
 * Decides whether a year of two digits is first or last: only the right reading puts the rows of a
 * file near each other. Rows of a single day are near each other in both, and both remain.
 */
function nearest(found: readonly StampReader[], texts: readonly string[]): readonly StampReader[] {
  const isYearFirst = ({ pattern }: StampReader) => /^yy[-/.]/.test(pattern)
  const first = found.find(isYearFirst)
  const last = found.find((each) => !isYearFirst(each))
  if (!first || !last) return found
  const spans = [spanOf(first, texts), spanOf(last, texts)] as const
  if (spans[0] * 10 < spans[1]) return found.filter(isYearFirst)
  return spans[1] * 10 < spans[0] ? found.filter((each) => !isYearFirst(each)) : found
}

function spanOf({ read }: StampReader, texts: readonly string[]): number {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const text of texts) {
    const ms = read(text)?.wallMs
    if (ms === undefined) continue
    least = Math.min(least, ms)
    most = Math.max(most, ms)
  }
  return most - least
}

function readingMost(readers: readonly StampReader[], texts: readonly string[]): StampReader[] {
  const counted = readers.map((reader) => {
    return { reader, count: texts.filter((text) => reader.read(text) !== null).length }
  })
  const most = Math.max(1, ...counted.map(({ count }) => count))
  return counted.filter(({ count }) => count === most).map(({ reader }) => reader)
}

/** Texts with which patterns are tried that read none of them. */
const probedMax = 5

/** Patterns that one of the texts looks like. */
function patternsLike(texts: readonly string[]): string[] {
  const likely = dates.filter((date) => {
    const rough = new RegExp(`^${roughShape(date)}`)
    return texts.some((text) => rough.test(text))
  })
  return [...likely.flatMap(withTimes), ...closed].filter((pattern) => {
    const rough = new RegExp(`^${roughShape(pattern)}$`)
    return texts.some((text) => rough.test(text))
  })
}

function withTimes(date: string): string[] {
  const joined = times.flatMap((time) => joints.map((joint) => `${date}${joint}${time}`))
  const zoned = joined.flatMap((stamp) => {
    return offsets.flatMap((offset) => [`${stamp}${offset}`, `${stamp} ${offset}`])
  })
  return [date, ...joined, ...zoned]
}

function isOtherAnswer(left: StampReader, right: StampReader, texts: readonly string[]): boolean {
  if (left === right) return false
  return texts.some((text) => isOther(left.read(text), right.read(text)))
}

function isOther(left: Stamp | null, right: Stamp | null): boolean {
  return left?.wallMs !== right?.wallMs || left?.offsetMs !== right?.offsetMs
}

function readerOf(pattern: string): (text: string) => Stamp | null {
  if (pattern === 'iso') return readIso
  if (pattern === 'epoch-s')
    return (text) => (/^\d{9,10}$/.test(text) ? utc(Number(text) * 1000) : null)
  if (pattern === 'epoch-ms') return (text) => (/^\d{12,13}$/.test(text) ? utc(Number(text)) : null)
  if (pattern === 'excel-days') return readExcelDays
  const isUtc = pattern.includes("'Z'")
  const hasOffset = isUtc || /Z/.test(pattern.replace(/'[^']*'/g, ''))
  const options = { zone: 'utc', setZone: true, locale: 'en' } as const
  // Both are for speed: a file has a hundred thousand stamps, and hundreds of patterns are tried.
  const parser = DateTime.buildFormatParser(pattern, options)
  const rough = new RegExp(`^${roughShape(pattern)}$`)
  return (text) => {
    if (!rough.test(text)) return null
    const moment = DateTime.fromFormatParser(text, parser, options)
    if (!moment.isValid || moment.year < 1970) return null
    const offsetMs = moment.offset * 60_000
    return { wallMs: moment.toMillis() + offsetMs, offsetMs: hasOffset ? offsetMs : null }
  }
}

const roughTokens: readonly (readonly [token: RegExp, text: string])[] = [
  [/^'([^']*)'/, ''],
  [/^(?:yyyy|HHmm)/, '\\d{4}'],
  [/^SSS/, '\\d{3}'],
  [/^ZZZ/, '[+-]\\d{4}'],
  [/^ZZ/, '[+-]\\d\\d:\\d\\d'],
  [/^MMMM?/, '[A-Za-z.]{3,}'],
  [/^(?:dd|MM|yy|HH|hh|mm|ss)/, '\\d\\d'],
  [/^[dMHh]/, '\\d{1,2}'],
  [/^a/, '[AaPp]\\.?[Mm]?\\.?'],
  [/^[A-Za-z]+/, '.+'],
]

/** What a text of the pattern looks like: cheaper to test than to read, and never too narrow. */
function roughShape(pattern: string): string {
  let shape = ''
  let rest = pattern
  while (rest !== '') {
    const match = roughTokens
      .map(([token, text]) => ({ found: token.exec(rest), text }))
      .find(({ found }) => found !== null)
    const found = match?.found
    if (!match || !found) {
      shape += rest[0]!.replace(/[^\s\w]/, '\\$&')
      rest = rest.slice(1)
      continue
    }
    shape += match.text === '' ? (found[1] ?? '') : match.text
    rest = rest.slice(found[0].length)
  }
  return shape
}
