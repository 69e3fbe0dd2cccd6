import { tableLimits } from '../limits.ts'
import { decodeText } from '../splitLines.ts'
import { plainDecimal } from './plainDecimal.ts'

/** A parsed element as cells by the names of their columns, or why it has none. */
export type JsonCells = ReadonlyMap<string, string> | { readonly fault: string }

/** Of an element's bytes; an array's cells have the names `column 1`, `column 2` and so on. */
export function readJsonCells(original: Uint8Array): JsonCells {
  const text = decodeText(original)
  if (text === null) return { fault: 'The element is no UTF-8.' }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { fault: `No JSON: ${(error as Error).message}.` }
  }
  return jsonCellsOf(value)
}

function jsonCellsOf(value: unknown): JsonCells {
  if (typeof value !== 'object' || value === null) return { fault: 'A row is a JSON object.' }
  const cells = new Map<string, string>()
  const fault = addCells(cells, value, '')
  return fault === null ? cells : { fault }
}

function addCells(cells: Map<string, string>, value: object, path: string): string | null {
  if (path.split('.').length > tableLimits.jsonDepthMax) return `${path} is nested too deep.`
  const names = Array.isArray(value) ? (name: string) => `column ${Number(name) + 1}` : String
  for (const [name, member] of Object.entries(value)) {
    const column = path === '' ? names(name) : `${path}.${name}`
    const isNested = typeof member === 'object' && member !== null
    if (isNested && Array.isArray(member)) return `${column} is a list; a row has one value a name.`
    const fault = isNested ? addCells(cells, member, column) : addCell(cells, column, member)
    if (fault !== null) return fault
  }
  return null
}

function addCell(cells: Map<string, string>, column: string, value: unknown): string | null {
  if (typeof value !== 'number') {
    cells.set(column, value === null ? '' : String(value))
    return null
  }
  // 12345678901234567890 is parsed as another number, without a word.
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    return `${column} has more digits than a JSON number can keep; send it as text.`
  }
  cells.set(column, plainDecimal(String(value)) ?? String(value))
  return null
}
