import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'
import { meterId } from '../../schemas/ids.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import { aReading } from '../../schemas/reading/testing/aReading.ts'
import { undecided } from '../../schemas/reading/testing/aWord.ts'
import type { ParametersOf, RowOf } from '../../schemas/sql/catalogue/catalogue.ts'
import { energyMwh } from '../../schemas/units.ts'
import { planQueries, readWords } from './readWords.ts'

const dayMs = 86_400_000

test('adjacent days are one query, a straggler is another', () => {
  const readings = [on('B', 100), on('A', 101), on('A', 101), on('C', 3)]

  expect(planQueries(readings)).toEqual([
    { range: { startMs: 3 * dayMs, endMs: 4 * dayMs }, meters: ['C'] },
    { range: { startMs: 100 * dayMs, endMs: 102 * dayMs }, meters: ['A', 'B'] },
  ])
})

test('many meters are split into lists a server accepts', () => {
  const readings = Array.from({ length: 1_201 }, (_, index) => on(`M${index}`, 0))

  const sizes = planQueries(readings).map((each) => each.meters.length)

  expect(sizes).toEqual([500, 500, 201])
})

test('a run of days ends where its rows would be too many', () => {
  const corrections = [0, 1, 2, 3, 4].flatMap((day) => [on('A', day), on(`B${day}`, day)])

  // 48 half-hours a meter and day. Two days of A, B0, B1: 2 · 3 · 48 = 288; a third would make 576.
  const plan = planQueries(corrections, 400)
  expect(plan.map(({ range }) => [range.startMs / dayMs, range.endMs / dayMs])).toEqual([
    [0, 2],
    [2, 4],
    [4, 5],
  ])
  expect(plan.map(({ meters }) => meters.join())).toEqual(['A,B0,B1', 'A,B2,B3', 'A,B4'])
})

test('a day of short intervals is cut by meters', () => {
  const seconds = ['A', 'B', 'C'].map((meter) => ({ ...on(meter, 0), durationS: 1 }))

  // 86,400 a meter: two are 172,800.
  const sizes = planQueries(seconds, 200_000).map((each) => each.meters.length)
  expect(sizes).toEqual([2, 1])
})

test("corrections over a whole year stay within a query's row limit", () => {
  // 20,000 of 500 sites: all in one would be 365 · 500 · 48 = 8.76 million rows.
  const readings = Array.from({ length: 20_000 }, (_, index) =>
    on(`M${(index * 7_919) % 500}`, index % 365),
  )
  const plan = planQueries(readings)
  const rows = plan.map(({ range, meters }) => {
    return ((range.endMs - range.startMs) / dayMs) * meters.length * 48
  })
  expect(Math.max(...rows)).toBeLessThanOrEqual(1_000_000)
  expect(plan.length).toBeLessThan(20)
  for (const { meter, startMs } of readings) {
    const asking = plan.filter(({ range, meters }) => {
      return range.startMs <= startMs && startMs < range.endMs && meters.includes(meter)
    })
    expect(asking.length).toBe(1)
  }
})

test('a query refused as too large is split in halves', async () => {
  const stored = [0, 1, 2, 3].map((hour) => hour * 3_600_000)
  const query = async (_: string, parameters: ParametersOf<'largest_words'>) => {
    const [from, to] = [Number(parameters.from_ms), Number(parameters.to_ms)]
    const rows = stored.filter((ms) => from <= ms && ms < to)
    if (rows.length > 1) throw new InvalidArgumentError('Too many rows.')
    return rows.map((start_ms) => ({ ...row, start_ms }))
  }
  const known = await readWords({ query } as unknown as Views, [on('A', 0)], {
    ...{ before: { partition: 0, offset: 9 }, decided: undecided },
  })
  expect([...known.keys()]).toEqual(stored.map((ms) => `A ${ms}`))
})

test('no readings are no query', () => {
  expect(planQueries([])).toEqual([])
})

const row: RowOf<'largest_words'> = {
  meter: meterId('A'),
  start_ms: 0,
  quality: 2,
  standing: 1,
  revision: 0,
  said_at_ms: null,
  is_void: false,
  source: '',
  ingest: '',
  logged_ms: 0,
  energy_mwh: energyMwh(1),
  power_w: null,
  reactive_var: null,
  duration_s: 1800,
  log_partition: 0,
  log_offset: 0,
  log_index: 0,
}

function on(meter: string, day: number): Reading {
  return aReading({ meter, startMs: day * dayMs + 3_600_000, energyMwh: 1 })
}
