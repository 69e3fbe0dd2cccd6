import { type Data, type DataType, Dictionary, Int32, makeData, Utf8, Vector } from 'apache-arrow'
import { CellError } from '../../../schemas/errors/views.ts'
import type { TextColumn } from '../../../schemas/sql/insertColumns.ts'
import type { Cells, Rows } from './columnCells.ts'

/** So many rows a text make a dictionary of them worthwhile. */
const fewTimes = 2

/** With few distinct texts the store decodes each once, and a row has its number. */
export function encodeTexts(
  { cells: { texts, indexes }, type, at }: Cells<TextColumn>,
  rows: Rows,
): Data<DataType> {
  if (type !== 'String') throw new CellError({ value: texts[0], wanted: 'number' })
  const length = rows.to - rows.from
  const places = new Int32Array(length)
  if (indexes.length === 1) places.fill(indexes[0]!)
  else places.set(indexes.subarray(rows.from, rows.to))
  for (let row = 0; row < length; row++) {
    const place = places[row]! >>> 0
    at.row = rows.from + row
    if (place >= texts.length) throw new CellError({ value: place, wanted: 'text' })
  }
  // The store takes no dictionary that lists a text twice.
  const isDictionary = fewTimes * texts.length <= length && new Set(texts).size === texts.length
  if (!isDictionary) {
    return encodeUtf8(Array.from(places, (place) => texts[place]!))
  }
  const dictionary = new Vector([encodeUtf8(texts)])
  const dictionaryType = new Dictionary(new Utf8(), new Int32())
  return makeData({ type: dictionaryType, length, data: places, dictionary })
}

type Nulls = { readonly nullCount: number; readonly nullBitmap: Uint8Array | null }

const noNulls: Nulls = { nullCount: 0, nullBitmap: null }

/** Texts as a column of Arrow, in their order; a null has any text. */
export function encodeUtf8(texts: readonly string[], nulls: Nulls = noNulls): Data<Utf8> {
  let most = 0
  for (let row = 0; row < texts.length; row++) most += 3 * texts[row]!.length
  // In UTF-8 a unit of a string takes at most three bytes.
  const data = Buffer.allocUnsafe(most)
  const valueOffsets = new Int32Array(texts.length + 1)
  let end = 0
  for (let row = 0; row < texts.length; row++) {
    end = writeText(data, end, texts[row]!)
    valueOffsets[row + 1] = end
  }
  const { nullCount, nullBitmap } = nulls
  return makeData({
    ...{ type: new Utf8(), length: texts.length, nullCount, valueOffsets },
    ...(nullBitmap ? { nullBitmap } : {}),
    data: data.subarray(0, end),
  })
}

/** Names are short and of ASCII, for which a call into the engine costs more than the copy. */
function writeText(bytes: Buffer, at: number, text: string): number {
  if (text.length > 64) return at + bytes.write(text, at, 'utf8')
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code > 127) return at + bytes.write(text, at, 'utf8')
    bytes[at + index] = code
  }
  return at + text.length
}
