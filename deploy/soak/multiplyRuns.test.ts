import fc from 'fast-check'
import { expect, inject, test } from 'vitest'

test('a property is tried as often as it says, in a soak a hundred times that', () => {
  const tried: number[] = []
  fc.assert(
    fc.property(fc.integer(), (each) => {
      tried.push(each)
    }),
    { numRuns: 3 },
  )
  expect(tried.length).toBe(inject('isSoak') ? 300 : 3)
})

test('two properties of one soak begin at the same seed', () => {
  const drawn = [0, 1].map(() => {
    const values: number[] = []
    fc.assert(
      fc.property(fc.integer(), (each) => {
        values.push(each)
      }),
    )
    return values.join()
  })
  expect(drawn[0] === drawn[1]).toBe(inject('isSoak'))
})
