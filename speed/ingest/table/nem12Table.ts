import { MeterDataFileError } from '../../../schemas/errors/table.ts'
import { tableLimits } from '../limits.ts'
import { type Refusal, refuse } from '../refusal.ts'
import type { FoundEncoding } from './encoding.ts'
import { cellsOfInterval, intervalColumns } from './intervalRows.ts'
import { linesOf, type TextLine } from './lineEnds.ts'
import {
  type Channel,
  type Day,
  readChannel,
  readDay,
  type Spell,
  spellOf,
} from './nem12Records.ts'
import type { Table, TableRefusal, TableRow } from './table.ts'
import type { TextReader } from './textReader.ts'

/** Whether text begins with the header record of AEMO's meter data file format. */
export function meterDataVersion(text: string): string | null {
  return /^\s*"?100"?,"?(NEM1\d)"?(,|$)/.exec(text)?.[1] ?? null
}

/** Whether a line is a record 200, which the header record 100 has to come before. */
export function isChannelRecord(text: string): boolean {
  const cells = text
    .trim()
    .split(',')
    .map((cell) => cell.replaceAll('"', ''))
  return cells[0] === '200' && readChannel(cells) !== null
}

/**
 * NEM12 (AEMO, Meter Data File Format Specification NEM12 & NEM13) as rows of intervals: a record
 * 200 says which channel the days of the following records 300 are of, and records 400 the quality
 * of parts of such a day. All of it is in market time, UTC+10 the whole year.
 *
 * @throws MeterDataFileError for NEM13, which has no intervals.
 */
export function nem12Table(encoding: FoundEncoding): Table {
  const { reader } = encoding
  const [first] = linesOf(reader)
  const version = first ? meterDataVersion(reader.decode(first.from, first.to).text) : null
  if (version !== 'NEM12') throw new MeterDataFileError({ version: version ?? 'no version' })
  const why = `line ${first!.line} is a header record 100 of NEM12`
  return {
    format: 'nem12',
    encoding: reader.encoding,
    delimiter: ',',
    headerLine: null,
    header: intervalColumns,
    evidence: [{ field: 'format', value: 'nem12', why }, encoding.evidence],
    preamble: [],
    rows: () => rowsOf(reader),
  }
}

type Record = {
  readonly line: number
  readonly cells: readonly string[]
  readonly original: Uint8Array
}

/** Days wait for the records 400 that may follow them. */
function* rowsOf(reader: TextReader): Generator<TableRow | TableRefusal, void> {
  let channel: Channel | null = null
  let day: { readonly record: Record; readonly day: Day } | null = null
  let spells: Spell[] = []
  for (const record of recordsOf(reader)) {
    const type = record.cells[0] ?? ''
    if (type === '400') {
      const spell = spellOf(record.cells)
      if (spell && day) spells.push(spell)
      else yield refused(record, refuse('nem12-quality'))
      continue
    }
    if (day) yield* intervalsOf(day.record, day.day, spells)
    day = null
    spells = []
    if (type === '200') {
      channel = readChannel(record.cells)
      if (!channel) yield refused(record, refuse('nem12-channel'))
    } else if (type === '300') {
      const read = channel ? readDay(record.cells, channel) : refuse('nem12-no-channel')
      if ('reason' in read) yield refused(record, read)
      else day = { record, day: read }
    } else if (!otherTypes.has(type)) yield refused(record, refuse('nem12-type', { type }))
  }
  if (day) yield* intervalsOf(day.record, day.day, spells)
}

/** Header, B2B details and end of the file have no readings. */
const otherTypes = new Set(['100', '500', '900'])

function* recordsOf(reader: TextReader): Generator<Record, void> {
  for (const { line, from, to } of linesOf(reader)) {
    const original = reader.bytes.subarray(from, Math.min(to, from + tableLimits.originalBytesMax))
    const text = isShort({ line, from, to }) ? reader.decode(from, to).text : ''
    yield {
      line,
      cells: text.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1')),
      original,
    }
  }
}

function isShort({ from, to }: TextLine): boolean {
  return to - from <= tableLimits.rowBytesMax
}

function refused({ line, original }: Record, refusal: Refusal): TableRefusal {
  return { line, ...refusal, original }
}

function* intervalsOf(
  { line, original }: Record,
  day: Day,
  spells: readonly Spell[],
): Generator<TableRow | TableRefusal, void> {
  const { channel, values, date, saidAt } = day
  for (const [at, value] of values.entries()) {
    const spell = spells.find(({ first, last }) => at + 1 >= first && at + 1 <= last)
    const minutes = at * channel.lengthMin
    const cells = cellsOfInterval({
      start: `${date}T${two(minutes / 60)}:${two(minutes % 60)}:00+10:00`,
      duration_s: String(channel.lengthMin * 60),
      value,
      unit: channel.unit,
      quality: day.quality === 'V' ? (spell?.quality ?? 'V') : day.quality,
      meter: channel.nmi,
      flow: channel.flow,
      accumulation: 'delta',
      channel: channel.suffix,
      said_at: saidAt,
    })
    yield { line, cells, original }
  }
}

function two(value: number): string {
  return String(Math.floor(value)).padStart(2, '0')
}
