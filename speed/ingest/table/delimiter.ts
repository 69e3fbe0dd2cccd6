import {
  DelimiterCharacterError,
  DelimiterUnclearError,
  WrongDelimiterError,
} from '../../../schemas/errors/table.ts'
import { tableLimits } from '../limits.ts'
import type { GridRow } from './headerAbove.ts'
import { type Layout, layOut } from './layOut.ts'
import { recordsOf, type TextRecord } from './records.ts'
import { nameOfDelimiter, shown } from './sentenceTexts.ts'
import { splitRecord } from './splitRecord.ts'
import type { Evidence } from './table.ts'
import type { TextReader } from './textReader.ts'

export type FoundTable = {
  readonly delimiter: string | null
  /** Null where these rows hold no table. */
  readonly layout: Layout | null
  /** The first rows of the file that can be read. */
  readonly rows: readonly GridRow[]
  readonly faults: ReadonlySet<Fault>
  readonly evidence: Evidence
}

/** Why a row has no cells. */
type Fault = NonNullable<TextRecord['fault']> | 'nul-byte'

const usual = [',', ';', '\t', '|']

/**
 * The delimiter with which the first rows look most like a table.
 *
 * @throws DelimiterUnclearError where two do equally, WrongDelimiterError where the stated one does
 * much less than another.
 */
export function findDelimiter(reader: TextReader, stated: string | undefined): FoundTable {
  const said =
    stated === undefined ? saidByFile(reader) : { delimiter: read(stated), why: 'it was set' }
  const tried = [...new Set([...usual, ...(said ? [said.delimiter] : [])])].map((delimiter) =>
    tryDelimiter(reader, delimiter),
  )
  const ranked = tried.toSorted((one, other) => scoreOf(other) - scoreOf(one))
  const best = ranked[0]!
  if (said) {
    const own = tried.find(({ delimiter }) => delimiter === said.delimiter)!
    if (scoreOf(own) * 2 < scoreOf(best)) throw wrong(own, best)
    return { ...own, evidence: evidenceOf(own, said.why) }
  }
  if (scoreOf(best) === 0) return withoutTable(reader, tried)
  const rival = ranked[1]!
  if (scoreOf(rival) > 0.95 * scoreOf(best)) throw unclear([best, rival])
  return { ...best, evidence: evidenceOf(best, whyOf(best)) }
}

/** Also without a table, the cells of a line show what a person may have meant. */
function withoutTable(reader: TextReader, tried: readonly Tried[]): FoundTable {
  const alone = tryDelimiter(reader, null)
  if (alone.layout) return { ...alone, evidence: evidenceOf(alone, 'nothing separates cells') }
  const cells = ({ rows }: Tried) => rows[0]?.cells.length ?? 0
  const widest = tried.reduce((best, each) => (cells(each) > cells(best) ? each : best))
  return { ...widest, evidence: evidenceOf(widest, 'it is most often on the first line') }
}

type Tried = Omit<FoundTable, 'evidence'>

function tryDelimiter(reader: TextReader, delimiter: string | null): Tried {
  const { sampleRows, sampleBytes, sampleCells } = tableLimits
  const rows: GridRow[] = []
  const faults = new Set<Fault>()
  let records = 0
  let seen = 0
  for (const { line, from, to, quoting, fault } of recordsOf(reader, codeOf(delimiter))) {
    if (records++ >= sampleRows || from > sampleBytes || seen > sampleCells) break
    if (fault) {
      faults.add(fault)
      continue
    }
    const { text } = reader.decode(from, to)
    if (text.includes('\0')) {
      faults.add('nul-byte')
      continue
    }
    const cells = splitRecord(text, delimiter, quoting)
    seen += cells.length
    if (cells.some((cell) => cell !== '')) rows.push({ line, cells })
  }
  return { delimiter, layout: layOut(rows), rows, faults }
}

export function codeOf(delimiter: string | null): number | null {
  return delimiter?.charCodeAt(0) ?? null
}

function scoreOf({ layout, delimiter }: Tried): number {
  // A table of one column has no delimiter.
  return layout === null || (layout.header.length < 2 && delimiter !== null) ? 0 : layout.score
}

function read(stated: string): string {
  const delimiter = stated === 'tab' || stated === '\\t' ? '\t' : stated
  const named = usual.find((each) => nameOfDelimiter(each) === stated) ?? delimiter
  if (/^[\t\x20-\x7e]$/.test(named) && named !== '"') return named
  throw new DelimiterCharacterError({ delimiter: stated })
}

/** `sep=;` on the first line is the spreadsheet's own way to say it. */
function saidByFile(reader: TextReader) {
  const first = recordsOf(reader, null).next().value
  const text = first && !first.fault ? reader.decode(first.from, first.to).text : ''
  const delimiter = /^"?sep=([^"\w])"?$/i.exec(text)?.[1]
  return delimiter === undefined ? null : { delimiter, why: 'the first line says sep=' }
}

function evidenceOf({ delimiter }: Tried, why: string): Evidence {
  return {
    field: 'delimiter',
    value: delimiter === null ? 'none' : nameOfDelimiter(delimiter),
    why,
  }
}

function whyOf({ rows, layout }: Tried): string {
  const width = layout!.header.length
  const same = rows.filter(({ cells }) => cells.length === width).length
  return `it gives ${same} of the first ${rows.length} rows ${width} cells each`
}

function wrong(own: Tried, best: Tried): WrongDelimiterError {
  return new WrongDelimiterError({
    stated: nameOfDelimiter(own.delimiter!),
    found: nameOfDelimiter(best.delimiter!),
    line: best.layout!.dataLine,
  })
}

function unclear(both: readonly Tried[]): DelimiterUnclearError {
  const { layout, rows: first } = both[0]!
  const line = first.find((row) => row.line >= layout!.dataLine)?.line ?? layout!.dataLine
  return new DelimiterUnclearError({
    line,
    readings: both.map(({ delimiter, rows }) => ({
      delimiter: nameOfDelimiter(delimiter!),
      cells: (rows.find((row) => row.line === line)?.cells ?? []).slice(0, 8).map(shown),
    })),
  })
}
