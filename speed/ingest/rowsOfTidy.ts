import {
  ColumnNamedTwiceError,
  MissingColumnError,
  NoHeaderError,
  UnknownColumnError,
} from '../../schemas/errors/input.ts'
import { type DraftContext, draftOfFields, isKnownField } from './draft.ts'
import { ingestLimits } from './limits.ts'
import { isGap, type RawItem, type RawRow } from './rawRow.ts'
import { refuse } from './refusal.ts'
import { decodeText, splitCells, splitLines } from './splitLines.ts'

/**
 * The rows of tidy CSV: `meter,start,duration_s,energy_wh[,power_w][,reactive_var][,quality]
 * [,revision]`, with the columns in any order. An empty value or `nan` is missing; a row with
 * neither energy nor power is a gap.
 *
 * @throws InvalidArgumentError when the first line does not name the columns: then no row can be
 * read, so the whole body is refused.
 */
export function* rowsOfTidy(body: Uint8Array, context: DraftContext): Generator<RawItem> {
  const lines = splitLines(body)
  const columns = readColumns(lines.next().value)
  const hint = columns.join(',')
  let index = 0
  for (const original of lines) {
    const content = readRow(original, columns, context)
    if (content === null) yield { gaps: 1 }
    else yield { index, original, hint, content }
    index++
  }
}

/** The row, or null for a gap. */
function readRow(
  original: Uint8Array,
  columns: readonly string[],
  context: DraftContext,
): RawRow['content'] | null {
  const { rowBytesMax } = ingestLimits
  if (original.length > rowBytesMax) {
    return refuse('row-too-long', { bytes: original.length })
  }
  const text = decodeText(original)
  if (text === null) return refuse('not-utf-8')
  const cells = splitCells(text)
  if (!cells) return refuse('open-quote')
  const extra = cells.slice(columns.length).find((cell) => cell.trim() !== '')
  const fields: Record<string, string> = {}
  columns.forEach((column, at) => {
    const cell = (cells[at] ?? '').trim()
    fields[column] = values.has(column) && isGap(cell) ? '' : cell
  })
  const draft = draftOfFields(fields, context)
  // As in a wide file: the timestamp and shape are valid, and only the value is missing.
  const isWhole = cells.length >= columns.length && extra === undefined
  if (isWhole && draft.missing === 'energy_wh' && typeof draft.start === 'number') return null
  // In the order of the rules: a missing field first, then a cell without a column name.
  return extra === undefined ? draft : { ...draft, extraCell: extra }
}

const values: ReadonlySet<string> = new Set(['energy_wh', 'power_w', 'reactive_var'])

function readColumns(line: Uint8Array | undefined): string[] {
  const text = line && line.length <= ingestLimits.rowBytesMax ? decodeText(line) : null
  const columns = text === null ? null : splitCells(text)
  if (!columns) throw new NoHeaderError({ layout: 'tidy' })
  const names = columns.map((column) => column.trim())
  const unknown = names.find((name) => !isKnownField(name))
  if (unknown !== undefined) throw new UnknownColumnError({ column: unknown })
  if (new Set(names).size < names.length) throw new ColumnNamedTwiceError({ what: 'column' })
  for (const name of ['meter', 'start', 'duration_s']) {
    if (!names.includes(name)) throw new MissingColumnError({ columns: [name] })
  }
  const hasValue = names.includes('energy_wh') || names.includes('power_w')
  if (!hasValue) throw new MissingColumnError({ columns: ['energy_wh', 'power_w'] })
  return names
}
