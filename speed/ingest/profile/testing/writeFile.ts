import { DateTime } from 'luxon'
import { writeWorkbook } from '../../table/testing/writeWorkbook.ts'
import type { Format } from './exports.ts'
import type { Series } from './makeSeries.ts'

export type WrittenValue = {
  /** Its place among the cells of its row. */
  readonly at: number
  /** `METER START STEP`, of a register `METER INSTANT`. */
  readonly key: string
  /** What the cell says: an energy, a register, nothing, or what is no number. */
  readonly mwh: bigint | null
  readonly isBroken: boolean
  /** -1: positive in the file, and fed in. */
  readonly sign: 1n | -1n
}

export type WrittenRow = {
  readonly cells: readonly string[]
  readonly values: readonly WrittenValue[]
  /** What a row belongs to where its own cells do not name it. */
  readonly meter: string
}

/** Rows of a file, of which `render` makes bytes. */
export function writeRows(series: readonly Series[], format: Format): WrittenRow[] {
  if (format.rows === 'wide') return wideRows(series, format)
  if (format.rows === 'days') return series.flatMap((each) => dayRows(each, format))
  if (format.rows === 'registers') return series.flatMap((each) => registerRows(each, format))
  return readingRows(series, format)
}

/** The row with another value in one of its cells. */
export function withValue(row: WrittenRow, changed: WrittenValue, format: Format): WrittenRow {
  const values = row.values.map((each) => (each.at === changed.at ? changed : each))
  const cells = row.cells.map((cell, at) => (at === changed.at ? textOf(changed, format) : cell))
  return { ...row, cells, values }
}

function textOf({ mwh, sign, isBroken }: WrittenValue, { text }: Format): string {
  if (isBroken) return '12x'
  return mwh === null ? '' : text(mwh * sign)
}

const templates = new WeakMap<Format, Map<number, readonly string[]>>()

/** The row of a time with its meter left open: a library writes stamps slowly, so each once. */
function templateOf(startMs: number, format: Format): readonly string[] {
  const known = templates.get(format) ?? new Map<number, readonly string[]>()
  templates.set(format, known)
  const before = known.get(startMs)
  if (before) return before
  const template = format.row({ meter: '\0meter', ...timesOf(startMs, format) })
  known.set(startMs, template)
  return template
}

type Times = { readonly start: DateTime; readonly end: DateTime }

function timesOf(startMs: number, { zone, stepS }: Format): Times {
  const start = DateTime.fromMillis(startMs, { zone, locale: 'en' })
  return { start, end: start.plus({ seconds: stepS }) }
}

function valueAt(series: Series, startMs: number, at: number): WrittenValue {
  const { meter, stepS, sign, values } = series
  const key = `${meter} ${startMs} ${stepS}`
  return { at, key, mwh: values.get(startMs) ?? null, isBroken: false, sign }
}

function fill(cells: readonly string[], values: readonly WrittenValue[], format: Format): string[] {
  return cells.map((cell, at) => {
    const value = values.find((each) => each.at === at)
    return value ? textOf(value, format) : cell
  })
}

/** A row a time and site; meters of one site that share rows have cells of their own. */
function readingRows(series: readonly Series[], format: Format): WrittenRow[] {
  const { meter, start } = { meter: '', start: DateTime.utc() }
  const shared = format.row({ meter, start, end: start }).includes('\x001')
  const groups = shared ? [series] : series.map((each) => [each])
  return groups.flatMap((group) => {
    const starts = new Set(group.flatMap(({ values }) => [...values.keys()]))
    const [first] = group
    return [...starts].sort(ascending).map((startMs) => {
      const template = templateOf(startMs, format)
      const named = template.map((cell) => (cell === '\0meter' ? first!.meter : cell))
      const values = group.map((each, at) => valueAt(each, startMs, named.indexOf(`\0${at}`)))
      return { cells: fill(named, values, format), values, meter: first!.meter }
    })
  })
}

function wideRows(series: readonly Series[], format: Format): WrittenRow[] {
  const starts = new Set(series.flatMap(({ values }) => [...values.keys()]))
  return [...starts].sort(ascending).map((startMs) => {
    const before = templateOf(startMs, format)
    const values = series.map((each, at) => valueAt(each, startMs, before.length + at))
    const cells = [...before, ...values.map((value) => textOf(value, format))]
    return { cells, values, meter: '' }
  })
}

/** Days of 48 half-hours, on a clock that does not change. */
function dayRows(series: Series, format: Format): WrittenRow[] {
  const dayMs = 86_400_000
  const [first = 0] = [...series.values.keys()].sort(ascending)
  const start = timesOf(first, format).start.startOf('day').toMillis()
  const last = Math.max(...series.values.keys())
  const days = Array.from({ length: Math.floor((last - start) / dayMs) + 1 }, (_, day) => day)
  return days.map((day) => {
    const startMs = start + day * dayMs
    const before = format.row({ meter: series.meter, ...timesOf(startMs, format) })
    const values = Array.from({ length: 48 }, (_, at) =>
      valueAt(series, startMs + at * 1_800_000, before.length + at),
    )
    const texts = values.map((value) => textOf(value, format))
    const cells = [...before, ...texts, ...(format.tail ?? [])]
    return { cells, values, meter: series.meter }
  })
}

/** The register before the first interval, and behind each one. */
function registerRows(series: Series, format: Format): WrittenRow[] {
  const { meter, stepS, values, sign } = series
  const starts = [...values.keys()].sort(ascending)
  let register = 12_345_678n
  const points = starts.map((startMs) => {
    register += values.get(startMs)!
    return [startMs + stepS * 1000, register] as const
  })
  return [[starts[0]!, 12_345_678n] as const, ...points].map(([atMs, mwh]) => {
    const named = templateOf(atMs, format).map((cell) => (cell === '\0meter' ? meter : cell))
    const at = named.indexOf('\x000')
    const value = { at, key: `${meter} ${atMs}`, mwh, isBroken: false, sign }
    return { cells: fill(named, [value], format), values: [value], meter }
  })
}

function ascending(left: number, right: number): number {
  return left - right
}

/** Names of the columns: the last line of the head, and the meters of a wide file. */
export function headOf(series: readonly Series[], { head, delimiter, rows }: Format): string[] {
  if (rows !== 'wide') return [...head]
  const names = [head.at(-1), ...series.map(({ meter }) => meter)].join(delimiter)
  return [...head.slice(0, -1), names]
}

export type Rendering = {
  readonly head: readonly string[]
  readonly rows: readonly WrittenRow[]
  readonly format: Format
}

/** The bytes of a file. */
export function render({ head, rows, format }: Rendering): Uint8Array {
  const { file, delimiter } = format
  if (file === 'xlsx') return renderWorkbook(head, rows)
  if (file === 'json' || file === 'ndjson') return encode(renderJson(head, rows, file))
  if (file === 'espi-xml') return encode(renderFeed(rows, format))
  if (file === 'nem12') return encode([...head, ...nem12Lines(rows), '900', ''].join('\n'))
  const lines = rows.map(({ cells }) => cells.join(delimiter))
  return encode([...head, ...lines, ''].join('\n'))
}

export function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** A record 200 names the channel of the days below it. */
function nem12Lines(rows: readonly WrittenRow[]): string[] {
  let channel = ''
  return rows.flatMap(({ cells, meter }) => {
    const day = cells.join(',')
    if (meter === channel) return [day]
    channel = meter
    const [nmi, suffix] = meter.split('-')
    return [`200,${nmi},E1B1,,${suffix},N1,,kWh,30,`, day]
  })
}

function renderJson(head: readonly string[], rows: readonly WrittenRow[], file: string): string {
  const names = (head.at(-1) ?? '').split(',')
  const objects = rows.map(({ cells, values }) => {
    const members = names.map((name, at) => {
      const value = values.find((each) => each.at === at)
      const isNumber = value !== undefined && value.mwh !== null && !value.isBroken
      const isEmpty = value?.mwh === null && !value.isBroken
      return `"${name}":${isEmpty ? 'null' : isNumber ? cells[at] : JSON.stringify(cells[at])}`
    })
    return `{${members.join(',')}}`
  })
  if (file === 'ndjson') return objects.join('\n').concat('\n')
  return `{"count":${objects.length},"next":null,"results":[\n${objects.join(',\n')}\n]}\n`
}

function renderWorkbook(head: readonly string[], rows: readonly WrittenRow[]): Uint8Array {
  const names = (head.at(-1) ?? '').split(',')
  const text = (cell: string) => `<c t="inlineStr"><is><t>${cell}</t></is></c>`
  const cellOf = (cell: string) => {
    if (cell === '') return '<c/>'
    // Days from 30 December 1899 of a clock time; style 1 is a format of dates.
    const wallMs = Date.parse(`${cell.replace(' ', 'T')}:00Z`)
    if (/^\d{4}-\d\d-\d\d /.test(cell)) return `<c s="1"><v>${wallMs / 86_400_000 + 25_569}</v></c>`
    return /^-?[\d.]+$/.test(cell) ? `<c><v>${cell}</v></c>` : text(cell)
  }
  const lines = rows.map(({ cells }) => `<row>${cells.map(cellOf).join('')}</row>`)
  const header = `<row>${names.map(text).join('')}</row>`
  const styles = '<cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs>'
  return writeWorkbook([{ name: 'Leituras', rows: header + lines.join('') }], { styles })
}

/** Green Button: a meter reading for each flow of a usage point, in blocks, in mWh. */
function renderFeed(rows: readonly WrittenRow[], { stepS }: Format): string {
  const blocks: { meter: string; readings: string[] }[] = []
  for (const { cells, meter } of rows) {
    const last = blocks.at(-1)
    const block = last?.meter === meter ? last : { meter, readings: [] }
    if (block !== last) blocks.push(block)
    const time = `<duration>${stepS}</duration><start>${cells[1]}</start>`
    const reading = `<timePeriod>${time}</timePeriod><value>${cells[2]}</value>`
    block.readings.push(`<IntervalReading>${reading}</IntervalReading>`)
  }
  const types = [1, 19].map((flow) => {
    const type = `<flowDirection>${flow}</flowDirection><uom>72</uom>`
    const content = `<ReadingType>${type}<powerOfTenMultiplier>-3</powerOfTenMultiplier>`
    const self = `<link rel="self" href="/espi/1_1/resource/ReadingType/${flow}"/>`
    return `<entry>${self}<content>${content}</ReadingType></content></entry>`
  })
  const meters = [...new Set(blocks.map(({ meter }) => meter))].map((meter) => {
    const type = `/espi/1_1/resource/ReadingType/${meter.endsWith('-OUT') ? 19 : 1}`
    const links = `<link rel="self" href="${pathOf(meter)}"/><link rel="related" href="${type}"/>`
    return `<entry>${links}<content><MeterReading/></content></entry>`
  })
  const entries = blocks.map(({ meter, readings }, at) => {
    const path = `${pathOf(meter)}/IntervalBlock`
    const links = `<link rel="self" href="${path}/${at}"/><link rel="up" href="${path}"/>`
    const block = `<IntervalBlock>\n${readings.join('\n')}\n</IntervalBlock>`
    return `<entry>${links}<content>${block}</content></entry>`
  })
  const feed = '<feed xmlns="http://www.w3.org/2005/Atom">'
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', feed, ...types, ...meters, ...entries]
  return [...lines, '</feed>', ''].join('\n')
}

function pathOf(meter: string): string {
  const [point, reading] = meter.split('-')
  return `/espi/1_1/resource/UsagePoint/${point}/MeterReading/${reading}`
}
