import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { MeterId } from '../../schemas/ids.ts'
import { planReads } from './planReads.ts'

const hourMs = 3_600_000
const names = (count: number) => Array.from({ length: count }, (_, at) => `M${at}` as MeterId)
const stepS = { half: 1_800, minute: 60, second: 1 } as const

test('half-hours of a day are asked for 400 meters at a time', () => {
  const range = { startMs: 0, endMs: 24 * hourMs }
  const pieces = [...planReads({ meters: names(1_000), range, stepSOf: () => stepS.half })]
  expect(pieces.map(({ meters }) => meters.length)).toEqual([400, 400, 200])
  expect(pieces.every((piece) => piece.range === range)).toBe(true)
})

test('seconds of ten days are asked for one meter and some hours at a time', () => {
  const range = { startMs: 0, endMs: 240 * hourMs }
  const pieces = [...planReads({ meters: names(2), range, stepSOf: () => stepS.second })]
  // 864,000 rows are two pieces of 120 hours for each.
  expect(pieces.map(({ meters, range: own }) => [...meters, own.startMs / hourMs])).toEqual([
    ['M0', 0],
    ['M0', 120],
    ['M1', 0],
    ['M1', 120],
  ])
})

test('pieces have each meter through the whole range once, and none has too many rows', () => {
  const step = fc.constantFrom(...Object.values(stepS))
  const steps = fc.array(step, { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 100 }), fc.nat(50_000), (own, hours, more) => {
      // A piece is an hour at least.
      const rowsMax = 3_600 + more
      const range = { startMs: 7 * hourMs, endMs: (7 + hours) * hourMs }
      const meters = names(own.length)
      const stepSOf = (meter: MeterId) => own[meters.indexOf(meter)]!
      const ends = new Map(meters.map((meter) => [meter, range.startMs]))
      for (const piece of planReads({ meters, range, stepSOf, rowsMax })) {
        const { startMs, endMs } = piece.range
        let rows = 0
        for (const meter of piece.meters) {
          expect(ends.get(meter)).toBe(startMs)
          ends.set(meter, endMs)
          rows += (endMs - startMs) / (1000 * stepSOf(meter))
        }
        expect(rows).toBeLessThanOrEqual(rowsMax)
        expect(piece.meters.length).toBeLessThanOrEqual(400)
      }
      expect([...ends.values()].every((endMs) => endMs === range.endMs)).toBe(true)
    }),
  )
})
