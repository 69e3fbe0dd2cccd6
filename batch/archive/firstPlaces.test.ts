import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { InsertColumns } from '../../schemas/sql/insertColumns.ts'
import { firstPlaces } from './firstPlaces.ts'

const quarterMs = 900_000
const words = fc.array(fc.record({ start: fc.integer({ min: -9, max: 99 }), offset: fc.nat(9) }), {
  minLength: 1,
})

test('of each quarter that is not written yet the smallest offset is', () => {
  fc.assert(
    fc.property(words, fc.array(fc.integer({ min: -9, max: 9 })), (given, written) => {
      // Words of a tenth of a quarter.
      const block = blockOf(given.map(({ start, offset }) => [(start * quarterMs) / 10, offset]))
      const placed = new Set(written.map((quarter) => quarter * quarterMs))
      const expected = new Map<number, number>()
      for (const { start, offset } of given) {
        const quarter = Math.floor(start / 10) * quarterMs
        if (placed.has(quarter)) continue
        expected.set(quarter, Math.min(offset, expected.get(quarter) ?? offset))
      }
      const rows = firstPlaces(block, placed)
      expect(new Map(rows.map((row) => [row.quarter as number, row.log_offset]))).toEqual(expected)
      expect(rows.length).toBe(expected.size)
      expect(rows.every((row) => row.log_partition === 3)).toBe(true)
    }),
  )
})

test('one value for all rows is that of each', () => {
  const { rows: _, columns } = blockOf([[0, 5]])
  expect(firstPlaces({ rows: 1_000, columns }, new Set())).toEqual([
    { log_partition: 3, quarter: 0, log_offset: 5 },
  ])
})

function blockOf(words: readonly (readonly [number, number])[]): InsertColumns<'readings'> {
  const columns = {
    start: Float64Array.from(words, ([start]) => start),
    log_offset: Float64Array.from(words, ([, offset]) => offset),
    log_partition: Uint16Array.of(3),
  }
  return { rows: words.length, columns: columns as InsertColumns<'readings'>['columns'] }
}
