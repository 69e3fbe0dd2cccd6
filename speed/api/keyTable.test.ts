import { expect, test } from 'vitest'
import { createKeyTable, keyIdOf } from './keyTable.ts'

const id = (index: number) => keyIdOf(`key ${index}`)
const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => from + index)

test('ids are words of SHA-256', () => {
  // printf abc | sha256sum: ba7816bf 8f01cfea 414140de 5dae2223, the first bytes lowest.
  expect([...keyIdOf('abc')]).toEqual([0xbf1678ba, 0xeacf018f, 0xde404141, 0x2322ae5d])
})

test('keeps the newest keys, also of many parts, and forgets old ones', () => {
  const table = createKeyTable(100_000)
  for (const index of range(0, 300_000)) table.remember(id(index), index * 2)
  const found = range(200_000, 300_000).filter((index) => table.find(id(index)) === index * 2)
  expect(found).toHaveLength(100_000)
  // The oldest part is dropped as a whole: no more than one part is kept beyond the bound.
  const older = range(0, 200_000).filter((index) => table.find(id(index)) !== undefined)
  expect(older.length).toBeLessThanOrEqual(196_608)
  expect(table.find(id(0))).toBeUndefined()
  expect(table.find(id(300_000))).toBeUndefined()
})

test('an offset of 0, and a key that comes again', () => {
  const table = createKeyTable(10)
  table.remember(id(1), 0)
  expect(table.find(id(1))).toBe(0)
  table.remember(id(1), 7)
  expect(table.find(id(1))).toBe(7)
})

test('filled from the newest to the oldest, it keeps the newest offset of a key', () => {
  const table = createKeyTable(50_000)
  const kept = range(0, 60_000).filter((index) => table.rememberOlder(id(index), 1_000_000 - index))
  expect(kept).toHaveLength(50_000)
  expect(table.rememberOlder(id(7), 3)).toBe(true)
  expect(table.find(id(7))).toBe(999_993)
  expect(table.find(id(50_000))).toBeUndefined()
  // What comes next drops the oldest of these.
  for (const index of range(100_000, 400_000)) table.remember(id(index), index)
  expect(table.find(id(49_999))).toBeUndefined()
  expect(table.find(id(399_999))).toBe(399_999)
})
