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
    const own = new Array<string>(length)
    for (let row = 0; row < length; row++) own[row] = texts[places[row]!]!
    return encodeUtf8(own)
  }
  const dictionary = new Vector([encodeUtf8(texts)])
  const dictionaryType = new Dictionary(new Utf8(), new Int32())
  return makeData({ type: dictionaryType, length, data: places, dictionary })
}

type Nulls = { readonly nullCount: number; readonly nullBitmap: Uint8Array | null }

const noNulls: Nulls = { nullCount: 0, nullBitmap: null }

/** Texts as a column of Arrow, in their order; a null has any text. */
export function encodeUtf8(texts: readonly string[], nulls: Nulls = noNulls): Data<Utf8> {
  const valueOffsets = new Int32Array(texts.length + 1)
  const data = writeTexts(texts, valueOffsets)
  const { nullCount, nullBitmap } = nulls
  return makeData({
    ...{ type: new Utf8(), length: texts.length, nullCount, valueOffsets },
    ...(nullBitmap ? { nullBitmap } : {}),
    data,
  })
}

/** All in one copy where they are of ASCII, as names are: then each character is a byte. */
function writeTexts(texts: readonly string[], ends: Int32Array): Buffer {
  const joined = texts.join('')
  const data = Buffer.from(joined, 'utf8')
  let end = 0
  if (data.length === joined.length) {
    for (let row = 0; row < texts.length; row++) ends[row + 1] = end += texts[row]!.length
    return data
  }
  // One by one: halves of a character at the ends of two texts are none together.
  const bytes = Buffer.allocUnsafe(3 * joined.length)
  for (let row = 0; row < texts.length; row++) {
    ends[row + 1] = end += bytes.write(texts[row]!, end, 'utf8')
  }
  return bytes.subarray(0, end)
}
