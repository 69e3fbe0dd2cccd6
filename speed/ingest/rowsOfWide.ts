import { ColumnNamedTwiceError, NoHeaderError, NoSeriesError } from '../../schemas/errors/input.ts'
import type { Fraction } from './decimal.ts'
import { type DraftContext, draftOfFields, mwhPerWatt, mwhPerWh } from './draft.ts'
import type { BodyFormat, WideUnit } from './format.ts'
import { ingestLimits } from './limits.ts'
import { isGap, type RawItem } from './rawRow.ts'
import { refuse } from './refusal.ts'
import { decodeText, splitCells, splitLines } from './splitLines.ts'

export type WideOptions = {
  readonly format: BodyFormat
  readonly readInstant: DraftContext['readInstant']
}

/**
 * The cells of wide CSV: a timestamp column of any name, then one column per meter. Every cell that
 * is neither empty nor `nan` is a reading; its index is that of its line.
 *
 * A line with an invalid timestamp or shape is one rejection, however many cells it has.
 *
 * @throws InvalidArgumentError when the first line does not name the series.
 */
export function* rowsOfWide(body: Uint8Array, options: WideOptions): Generator<RawItem> {
  const { format, readInstant } = options
  const lines = splitLines(body)
  const series = readSeries(lines.next().value)
  const context = { readInstant, mwhPerUnit: mwhPerUnitOf(format.unit, format.stepS) }
  const durationText = String(format.stepS)
  let index = 0
  for (const original of lines) {
    const cells = readCells(original, series.length)
    if ('reason' in cells) {
      yield { index, original, hint: '', content: cells }
    } else {
      const start = cells[0]!.trim()
      const stamp = readInstant(start)
      if (typeof stamp !== 'number') {
        yield { index, original, hint: '', content: stamp }
      } else {
        yield* cellsOf({ cells, series, index, original, durationText, start, context })
      }
    }
    index++
  }
}

function* cellsOf(row: {
  readonly cells: readonly string[]
  readonly series: readonly string[]
  readonly index: number
  readonly original: Uint8Array
  readonly durationText: string
  readonly start: string
  readonly context: DraftContext
}): Generator<RawItem> {
  const { index, original, start, context } = row
  let gaps = 0
  for (let at = 0; at < row.series.length; at++) {
    const text = (row.cells[at + 1] ?? '').trim()
    if (isGap(text)) {
      gaps++
      continue
    }
    const meter = row.series[at]!
    const fields = { meter, start, duration_s: row.durationText, energy_wh: text }
    yield { index, original, hint: `${at + 1},${meter}`, content: draftOfFields(fields, context) }
  }
  if (gaps > 0) yield { gaps }
}

function readCells(original: Uint8Array, series: number) {
  const { rowBytesMax } = ingestLimits
  if (original.length > rowBytesMax) {
    return refuse('row-too-long', { bytes: original.length })
  }
  const text = decodeText(original)
  if (text === null) return refuse('not-utf-8')
  const cells = splitCells(text)
  if (!cells) return refuse('open-quote')
  const extra = cells.slice(series + 1).some((cell) => cell.trim() !== '')
  if (!extra) return cells
  return refuse('cells-without-column', { cells: cells.length, columns: series + 1 })
}

function readSeries(line: Uint8Array | undefined): string[] {
  const text = line && line.length <= ingestLimits.rowBytesMax ? decodeText(line) : null
  const cells = text === null ? null : splitCells(text)
  if (!cells) throw new NoHeaderError({ layout: 'wide' })
  const series = cells.slice(1).map((cell) => cell.trim())
  if (series.length === 0) throw new NoSeriesError()
  if (new Set(series).size < series.length) throw new ColumnNamedTwiceError({ what: 'series' })
  return series
}

function mwhPerUnitOf(unit: WideUnit, stepS: number): Fraction {
  if (unit === 'wh' || unit === 'kwh') return thousandfold(mwhPerWh, unit === 'kwh')
  return thousandfold(mwhPerWatt(stepS), unit === 'kw')
}

function thousandfold(fraction: Fraction, isKilo: boolean): Fraction {
  return isKilo ? { ...fraction, numerator: fraction.numerator * 1000n } : fraction
}
