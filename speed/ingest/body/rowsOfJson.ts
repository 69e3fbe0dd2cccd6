import { knownFields, type RowFields } from '../draft.ts'
import { ingestLimits } from '../limits.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { decodeText, type NumberedLine } from '../splitLines.ts'
import type { Place } from './rawRow.ts'
import type { ReadAs } from './readAs.ts'
import type { TidyRow } from './tidyRows.ts'

/**
 * The rows of a JSON array or of NDJSON, cut into elements by the caller.
 *
 * An element may say from where in another file it is, by `place`: its dead letter keeps that.
 */
export function* rowsOfJson(
  elements: Iterable<NumberedLine>,
  zone: string | undefined,
): Generator<TidyRow> {
  const readAs: ReadAs = { kind: 'element', ...(zone === undefined ? {} : { zone }) }
  let index = 0
  for (const { line, original } of elements) {
    const read = readElement(original)
    const here = { line, column: '', value: '' }
    if ('refusal' in read) {
      yield { index, place: here, original, content: read.refusal, readAs }
    } else {
      const { fields } = read
      const said = fields.place === undefined ? { place: here, line: null } : placeOf(fields.place)
      if (said === null) {
        const content = refuse('field-unknown', { field: 'place', known: knownFields })
        yield { index, place: here, original, content, readAs }
      } else if (said.line !== null) {
        const { place: _, ...members } = fields
        const row = { index, place: said.place, fields: members, extraCell: null, gapKind: null }
        yield { ...row, original: new TextEncoder().encode(said.line) }
      } else {
        const { place } = said
        const kept = place === here ? original : withoutPlace(original)
        yield { index, place, original: kept, readAs, fields, extraCell: null, gapKind: null }
      }
    }
    index++
  }
}

/** The members of an element, or why it has none: a member may be called `reason`. */
type Element = { readonly fields: RowFields } | { readonly refusal: Refusal }

function readElement(original: Uint8Array): Element {
  const { rowBytesMax } = ingestLimits
  if (original.length > rowBytesMax) {
    return { refusal: refuse('row-too-long', { bytes: original.length, limit: rowBytesMax }) }
  }
  const text = decodeText(original)
  if (text === null) return { refusal: refuse('not-utf-8') }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { refusal: refuse('not-json', { error: (error as Error).message }) }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { refusal: refuse('not-an-object') }
  }
  return { fields: value as RowFields }
}

/** Where an element is from, and the line of its file that it was made of, if that is said. */
type SaidPlace = { readonly place: Place; readonly line: string | null }

/** `{"line":5,"column":"A","value":"1,5"}`, as `ingest` sends it; null where it is none. */
function placeOf(said: unknown): SaidPlace | null {
  if (typeof said !== 'object' || said === null) return null
  const { line, column, value, original = null, ...others } = said as Record<string, unknown>
  if (original !== null && typeof original !== 'string') return null
  const isLine = Number.isSafeInteger(line) && (line as number) >= 0 && (line as number) < 2 ** 32
  const isPlace = isLine && typeof column === 'string' && typeof value === 'string'
  const isAlone = Object.keys(others).length === 0
  if (!isPlace || !isAlone) return null
  return { place: { line: line as number, column, value }, line: original }
}

const placeStart = new TextEncoder().encode(',"place":{')

/** The element as it was in its file: who read that has put the place behind all else. */
function withoutPlace(original: Uint8Array): Uint8Array {
  const bytes = Buffer.from(original.buffer, original.byteOffset, original.byteLength)
  const at = bytes.lastIndexOf(placeStart)
  const end = at < 0 ? null : decodeText(bytes.subarray(at + 1, bytes.length - 1))
  // A text may look like it, and other members may follow.
  if (end === null || !/^"place":\{[^{}]*\}\s*$/.test(end)) return original
  return Buffer.concat([bytes.subarray(0, at), Buffer.from('}')])
}

/** An element with the place that its dead letter is to have, and the line there. */
export function placedElement(
  element: string,
  { line, column, value }: Place,
  original: string | null,
): string {
  const place = { line, column, value, ...(original === null ? {} : { original }) }
  return `${element.slice(0, -1)},"place":${JSON.stringify(place)}}`
}
