import { type Data, type DataType, FixedSizeBinary, makeData } from 'apache-arrow'
import { CellError } from '../../../schemas/errors/views.ts'
import type { WideColumn } from '../../../schemas/sql/insertColumns.ts'
import type { Cells, Rows } from './columnCells.ts'

const twoTo32 = 2 ** 32

/** The sums as 16 bytes each, the lowest first: the store reads its widest integers from them. */
export function encodeWide(
  { cells, type, at }: Cells<WideColumn>,
  { from, to }: Rows,
): Data<DataType> {
  const { base, added } = cells
  if (type !== 'UInt128') throw new CellError({ value: base, wanted: 'number of the range' })
  const shared = wordsOf(base)
  const words = new Uint32Array(4 * (to - from))
  for (let row = 0; row < to - from; row++) {
    const more = added.length === 1 ? added[0]! : added[from + row]!
    at.row = from + row
    if (!(Number.isSafeInteger(more) && more >= 0)) {
      throw new CellError({ value: more, wanted: 'exact whole number' })
    }
    const high = Math.floor(more / twoTo32)
    let carry = more - high * twoTo32
    for (let word = 0; word < 4; word++) {
      const sum = shared[word]! + carry + (word === 1 ? high : 0)
      words[4 * row + word] = sum
      carry = sum >= twoTo32 ? 1 : 0
    }
    if (carry > 0) throw new CellError({ value: more, wanted: 'number of the range' })
  }
  const data = new Uint8Array(words.buffer)
  return makeData({ type: new FixedSizeBinary(16), length: to - from, nullCount: 0, data })
}

/** Four words of 32 bits, the lowest first. */
function wordsOf(base: bigint): readonly number[] {
  if (BigInt.asUintN(128, base) !== base) {
    throw new CellError({ value: base, wanted: 'number of the range' })
  }
  return [0n, 32n, 64n, 96n].map((bits) => Number((base >> bits) & 0xffff_ffffn))
}
