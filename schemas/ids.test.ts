import { expect, test } from 'vitest'
import { EventIdError } from './errors/event.ts'
import { MeterIdError } from './errors/meter.ts'
import { eventId, isMeterId, type MeterId, meterId, partitionOf } from './ids.ts'

test.each(['A', '0', 'MAC000005', 'a_b.c:d-e', 'x'.repeat(64)])('%s names a meter', (text) => {
  expect(meterId(text)).toBe(text)
})

test.each([...['', ' A', 'A ', 'A\n', '\nA', '-A', '.A', 'A/B', 'A,B', 'Ä', 'x'.repeat(65)]])(
  '%j names no meter',
  (text) => {
    expect(isMeterId(text)).toBe(false)
    expect(() => meterId(text)).toThrow(MeterIdError)
  },
)

test.each(['a', '0', 'high-2013-02-11', 'x'.repeat(64)])('%s names an event', (text) => {
  expect(eventId(text)).toBe(text)
})

test.each(['', 'A', 'High', '-a', 'a_b', 'a b', 'a\n', 'x'.repeat(65)])(
  '%j names no event',
  (text) => {
    expect(() => eventId(text)).toThrow(EventIdError)
  },
)

/** Test vectors of FNV-1a, 32 bits (Fowler, Noll, Vo: isthe.com/chongo/src/fnv/test_fnv.c). */
test.each([
  ['', 0x811c9dc5],
  ['a', 0xe40c292c],
  ['b', 0xe70c2de5],
  ['foobar', 0xbf9cf968],
])('the hash of %j is that of FNV-1a', (text, hash) => {
  expect(partitionOf(text as MeterId, 2 ** 32)).toBe(hash)
  expect(partitionOf(text as MeterId, 7)).toBe(hash % 7)
  expect(partitionOf(text as MeterId, 1)).toBe(0)
})
