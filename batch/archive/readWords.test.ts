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
const hourMs = 3_600_000

test('near starts are one query, a straggler is another, and nothing beside them is asked', () => {
  const [first, next] = [on('A', 401), { ...on('B', 401), startMs: 401 * dayMs + 9 * hourMs }]
  const late = on('C', 3)

  expect(planQueries([next, first, first, late])).toEqual([
    { range: { startMs: late.startMs, endMs: late.startMs + 1 }, meters: ['C'] },
    { range: { startMs: first.startMs, endMs: next.startMs + 1 }, meters: ['A', 'B'] },
  ])
})

test('of a meter with short intervals the rows between two starts would cost more', () => {
  const second = (hour: number) => ({ ...on('A', 0), startMs: hour * hourMs, durationS: 1 })

  // 3,600 rows an hour: two hours are 7,200 in vain, three 10,800.
  const hours = (each: number[]) => planQueries(each.map(second)).map(({ range }) => range)
  expect(hours([5, 7])).toEqual([{ startMs: 5 * hourMs, endMs: 7 * hourMs + 1 }])
  expect(hours([5, 8])).toEqual([
    { startMs: 5 * hourMs, endMs: 5 * hourMs + 1 },
    { startMs: 8 * hourMs, endMs: 8 * hourMs + 1 },
  ])
})

test('many meters are split into lists a server accepts', () => {
  const readings = Array.from({ length: 1_201 }, (_, index) => on(`M${index}`, 0))

  const sizes = planQueries(readings).map((each) => each.meters.length)

  expect(sizes).toEqual([500, 500, 201])
})

test('a run ends where its rows would be too many', () => {
  const corrections = [0, 1, 2, 3, 4].flatMap((day) => [on('A', day), on(`B${day}`, day)])

  // Two half-hours a meter and hour. A day of A, B0, B1: 3 · 48 = 144 rows; two of four 384.
  const plan = planQueries(corrections, 200)
  expect(plan.map(({ range }) => [day(range.startMs), day(range.endMs)])).toEqual([
    [0, 1],
    [2, 3],
    [4, 4],
  ])
  expect(plan.map(({ meters }) => meters.join())).toEqual(['A,B0,B1', 'A,B2,B3', 'A,B4'])
})

test('a time of short intervals is cut by meters', () => {
  const seconds = ['A', 'B', 'C'].flatMap((meter) =>
    Array.from({ length: 900 }, (_, at) => ({ ...on(meter, 0), startMs: at * 1000, durationS: 1 })),
  )
  // 900 a meter are 2,700 of all.
  expect(planQueries(seconds, 10_000).map((each) => each.meters.join())).toEqual(['A,B,C'])
  const cut = planQueries(seconds, 1_000)
  for (const { meter, startMs } of seconds) {
    const asking = cut.filter(({ range, meters }) => {
      return range.startMs <= startMs && startMs < range.endMs && meters.includes(meter)
    })
    expect(asking.length).toBe(1)
  }
  const rows = cut.map(
    ({ range, meters }) => meters.length * ((range.endMs - range.startMs) / 1000),
  )
  expect(Math.max(...rows)).toBeLessThanOrEqual(1_000)
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
  // Each may read 10,000 in vain.
  expect(Math.max(...rows)).toBeLessThanOrEqual(30_000)
  expect(plan.length).toBeLessThan(366)
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
  const asked = stored.map((startMs) => ({ ...on('A', 0), startMs }))
  const known = await readWords({ query } as unknown as Views, asked, {
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

function day(ms: number): number {
  return Math.floor(ms / dayMs)
}

function on(meter: string, day: number): Reading {
  return aReading({ meter, startMs: day * dayMs + 3_600_000, energyMwh: 1 })
}
