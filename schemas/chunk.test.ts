import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chunk } from './chunk.ts'

test('chunks keep order and lose nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 9 }), (items, size) => {
      const chunks = chunk(items, size)
      expect(chunks.flat()).toEqual(items)
      expect(chunks.every((each) => each.length > 0 && each.length <= size)).toBe(true)
    }),
  )
})
