import { expect, test } from 'vitest'
import { meterId } from '../../schemas/ids.ts'
import type { Reading } from '../../schemas/reading.ts'
import { energyMwh } from '../../schemas/units.ts'
import { planQueries } from './readVersions.ts'

const dayMs = 86_400_000

test('days that touch are one query, a straggler is its own', () => {
  const readings = [on('B', 100), on('A', 101), on('A', 101), on('C', 3)]

  expect(planQueries(readings)).toEqual([
    { range: { startMs: 3 * dayMs, endMs: 4 * dayMs }, meters: ['C'] },
    { range: { startMs: 100 * dayMs, endMs: 102 * dayMs }, meters: ['A', 'B'] },
  ])
})

test('many meters are cut into lists a server takes', () => {
  const readings = Array.from({ length: 1_201 }, (_, index) => on(`M${index}`, 0))

  const sizes = planQueries(readings).map((each) => each.meters.length)

  expect(sizes).toEqual([500, 500, 201])
})

test('nothing to ask', () => {
  expect(planQueries([])).toEqual([])
})

function on(meter: string, day: number): Reading {
  return {
    meter: meterId(meter),
    startMs: day * dayMs + 3_600_000,
    durationS: 1800,
    energyMwh: energyMwh(1),
    powerW: null,
    reactiveVar: null,
    quality: 2,
    revision: 0,
  }
}
