import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addSegment, emptyGram, gramMatrix, mergeGrams, type WindowGram } from './windowGram.ts'

test('three windows of two by hand', () => {
  const gram = gramOf([[1, 2, 3, 4]], 2)

  // Windows (1,2), (2,3), (3,4): sums of squares 1+4+9 and 4+9+16, of products 2+6+12.
  expect([...gramMatrix(gram)]).toEqual([14, 20, 20, 29])
  expect(gram.windows).toBe(3)
})

const value = fc.double({ min: -1000, max: 1000, noNaN: true })
const seriesList = fc.array(fc.array(value, { minLength: 1, maxLength: 40 }), { maxLength: 4 })

test('equals the sum over all windows to 1e-12', () => {
  fc.assert(
    fc.property(seriesList, fc.integer({ min: 1, max: 12 }), (list, width) => {
      expectClose(gramMatrix(gramOf(list, width)), naiveGram(list, width))
    }),
  )
})

test('merging two states is training on both, in any order; the empty one is neutral', () => {
  fc.assert(
    fc.property(seriesList, seriesList, fc.integer({ min: 1, max: 12 }), (left, right, width) => {
      const both = gramMatrix(gramOf([...left, ...right], width))
      const parts = [gramOf(left, width), gramOf(right, width)] as const

      expectClose(gramMatrix(mergeGrams(parts[0], parts[1])), both)
      expectClose(gramMatrix(mergeGrams(parts[1], parts[0])), both)
      expect(mergeGrams(parts[0], emptyGram(width))).toEqual(parts[0])
    }),
  )
})

test('a scale multiplies values, a segment is a part of them', () => {
  const gram = emptyGram(2)
  addSegment(gram, Float64Array.of(9, 1, 2, 3, 4, 9), { first: 1, end: 5, scale: 2 })

  // Twice the values of the first test, so four times its sums.
  expect([...gramMatrix(gram)]).toEqual([56, 80, 80, 116])
})

function gramOf(list: readonly (readonly number[])[], width: number): WindowGram {
  const gram = emptyGram(width)
  for (const values of list) {
    addSegment(gram, Float64Array.from(values), { first: 0, end: values.length })
  }
  return gram
}

function naiveGram(list: readonly (readonly number[])[], width: number): Float64Array {
  const matrix = new Float64Array(width * width)
  for (const values of list) {
    for (let t = 0; t + width <= values.length; t++) {
      for (let i = 0; i < width; i++) {
        for (let j = 0; j < width; j++) matrix[i * width + j]! += values[t + i]! * values[t + j]!
      }
    }
  }
  return matrix
}

/** Relative to the largest sum of squares a value can have entered: 40 · 1000² · 4 at most. */
function expectClose(actual: Float64Array, expected: Float64Array): void {
  const size = Math.max(1, ...[...expected].map(Math.abs))
  const worst = Math.max(0, ...[...actual].map((each, index) => Math.abs(each - expected[index]!)))
  expect(worst / size).toBeLessThan(1e-12)
}
