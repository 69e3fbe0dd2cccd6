import { tableLimits } from '../limits.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { decodeText } from '../splitLines.ts'
import { plainDecimal } from './plainDecimal.ts'

/** A parsed element as cells by the names of their columns, or why it has none. */
export type JsonCells = ReadonlyMap<string, string> | Refusal

/** The cells of an element; those of an array are named `column 1`, `column 2` and so on. */
export function readJsonCells(original: Uint8Array): JsonCells {
  const text = decodeText(original)
  if (text === null) return refuse('not-utf-8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return refuse('not-json', { error: (error as Error).message })
  }
  return jsonCellsOf(value)
}

function jsonCellsOf(value: unknown): JsonCells {
  if (typeof value !== 'object' || value === null) return refuse('row-not-an-object')
  const cells = new Map<string, string>()
  return addCells(cells, value, '') ?? cells
}

function addCells(cells: Map<string, string>, value: object, path: string): Refusal | null {
  if (path.split('.').length > tableLimits.jsonDepthMax) {
    return refuse('nested-too-deep', { column: path })
  }
  const names = Array.isArray(value) ? (name: string) => `column ${Number(name) + 1}` : String
  for (const [name, member] of Object.entries(value)) {
    const column = path === '' ? names(name) : `${path}.${name}`
    const isNested = typeof member === 'object' && member !== null
    if (isNested && Array.isArray(member)) return refuse('list-in-a-row', { column })
    const refusal = isNested ? addCells(cells, member, column) : addCell(cells, column, member)
    if (refusal !== null) return refusal
  }
  return null
}

function addCell(cells: Map<string, string>, column: string, value: unknown): Refusal | null {
  if (typeof value !== 'number') {
    cells.set(column, value === null ? '' : String(value))
    return null
  }
  // 12345678901234567890 is parsed as another number, without a word.
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    return refuse('too-many-digits', { column })
  }
  cells.set(column, plainDecimal(String(value)) ?? String(value))
  return null
}
