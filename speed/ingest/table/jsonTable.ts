import { JsonShapeError } from '../../../schemas/errors/jsonTable.ts'
import { TableTooLargeError } from '../../../schemas/errors/table.ts'
import { tableLimits } from '../limits.ts'
import { refuse } from '../refusal.ts'
import type { FoundEncoding } from './encoding.ts'
import { type JsonCells, readJsonCells } from './jsonCells.ts'
import { elementsOfArray, findList, type JsonElement } from './jsonElements.ts'
import { linesOf } from './lineEnds.ts'
import type { Evidence, Table, TableRefusal, TableRow } from './table.ts'

/**
 * JSON or NDJSON as a table: a column for each name that any element has, in the order in which
 * they come. It is read twice, so that no row has to be kept for its names.
 *
 * @throws TableError where it is no list of rows, InputError where an array does not end.
 */
export function jsonTable(encoding: FoundEncoding, format: 'json' | 'ndjson'): Table {
  const { reader } = encoding
  const source = format === 'ndjson' ? objectsByLine(encoding) : listOf(encoding)
  const header = namesOf(source.elements)
  if (header.length === 0) refuseNameless(source)
  const rows = () => rowsOf(source.elements, header)
  if (rows().next().done) throw new JsonShapeError({ fault: 'no-rows', found: null })
  return {
    format,
    encoding: reader.encoding,
    delimiter: null,
    headerLine: null,
    header,
    evidence: [encoding.evidence, source.evidence],
    preamble: source.preamble,
    rows,
  }
}

/** @throws JsonShapeError */
function refuseNameless({ elements }: Source): void {
  for (const element of elements()) {
    const cells = read(element)
    const found = 'reason' in cells ? cells.detail : null
    throw new JsonShapeError({ fault: 'no-members', found })
  }
}

type Source = {
  elements(): Iterable<JsonElement>
  readonly evidence: Evidence
  readonly preamble: readonly TableRow[]
}

function objectsByLine({ reader }: FoundEncoding): Source {
  const why = 'each line is a JSON object'
  return {
    *elements() {
      for (const { line, from, to } of linesOf(reader)) {
        const original = reader.bytes.subarray(from, to)
        yield {
          line,
          original: reader.width === 1 ? original : utf8Of(reader.decode(from, to).text),
        }
      }
    },
    evidence: { field: 'format', value: 'ndjson', why },
    preamble: [],
  }
}

function listOf({ reader }: FoundEncoding): Source {
  const { encoding } = reader
  const isUtf8 = encoding === 'utf-8'
  if (isUtf8 && firstOf(reader.bytes, reader.start) === '[') {
    const elements = () => elementsOfArray(reader.bytes, reader.start)
    const why = 'it is a JSON array'
    return { elements, evidence: { field: 'format', value: 'json', why }, preamble: [] }
  }
  const size = reader.bytes.length
  const max = tableLimits.jsonBytesMax
  if (size > max) throw new TableTooLargeError({ what: 'The JSON', size, max, unit: 'bytes' })
  const { text, isValid } = reader.decode(reader.start, size)
  if (!isValid) {
    throw new JsonShapeError({ fault: 'no-text', found: encoding })
  }
  if (text.trimStart().startsWith('[')) {
    const bytes = utf8Of(text)
    const why = `it is a JSON array in ${encoding}`
    const elements = () => elementsOfArray(bytes, 0)
    return { elements, evidence: { field: 'format', value: 'json', why }, preamble: [] }
  }
  const list = findList(text)
  const why = `it is a JSON object whose ${list.path} is a list of rows`
  const preamble = list.beside.map((cells) => ({ line: 1, cells, original: utf8Of(cells.join()) }))
  return {
    elements: () => numbered(list.elements),
    evidence: { field: 'format', value: 'json', why },
    preamble,
  }
}

function firstOf(bytes: Uint8Array, start: number): string {
  let at = start
  while (at < bytes.length && bytes[at]! <= 0x20) at++
  return String.fromCharCode(bytes[at] ?? 0)
}

function* numbered(elements: readonly string[]): Generator<JsonElement, void> {
  for (const [at, element] of elements.entries()) {
    yield { line: at + 1, original: utf8Of(element) }
  }
}

function utf8Of(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function namesOf(elements: () => Iterable<JsonElement>): string[] {
  const names = new Set<string>()
  for (const element of elements()) {
    const cells = read(element)
    if (!('reason' in cells)) for (const name of cells.keys()) names.add(name)
    const { columnsMax: max } = tableLimits
    if (names.size > max) {
      const what = 'The JSON'
      throw new TableTooLargeError({ what, size: names.size, max, unit: 'columns' })
    }
  }
  return [...names]
}

function* rowsOf(
  elements: () => Iterable<JsonElement>,
  header: readonly string[],
): Generator<TableRow | TableRefusal, void> {
  const { originalBytesMax } = tableLimits
  for (const element of elements()) {
    const { line } = element
    const original = element.original.subarray(0, originalBytesMax)
    const cells = read(element)
    if ('reason' in cells) yield { line, ...cells, original }
    else yield { line, cells: header.map((name) => cells.get(name) ?? ''), original }
  }
}

function read({ original }: JsonElement): JsonCells {
  const { rowBytesMax } = tableLimits
  if (original.length <= rowBytesMax) return readJsonCells(original)
  return refuse('row-too-long', { bytes: original.length, limit: rowBytesMax })
}
