import { expect, test } from 'vitest'
import { meterId } from '../../schemas/ids.ts'
import { evaluateForecast } from './evaluateForecast.ts'

/** Two slots a day; a week is 14. */
const daySlots = 2
const shape = { lookBack: 2, horizon: 2, daySlots, bridgeSlots: 0 }

test('errors by hand, negative forecasts counted as nothing', async () => {
  // Fourteen slots of 10, then a day of 13 and 4: last week says 10 and 10.
  const series = [seriesOf('A', [...new Array(14).fill(10), 13, 4])]

  const { global, meters } = await evaluateForecast(series, {
    ...shape,
    range: { first: 14, end: 16 },
    forecast: () => Float32Array.of(12, -5),
  })

  // Model |12 − 13| + |0 − 4| = 5 over two slots, naive |10 − 13| + |10 − 4| = 9.
  expect(global).toEqual({ maeWh: 2.5, naiveMaeWh: 4.5, ratio: 5 / 9, slots: 2 })
  expect(meters).toEqual([{ meter: 'A', ...global }])
})

test('a meter that can be negative has forecasts below zero, and their errors', async () => {
  const values = [...new Array(14).fill(-10), -13, -4]
  const series = [{ ...seriesOf('A', values), mayBeNegative: true }]
  const { global } = await evaluateForecast(series, {
    ...shape,
    range: { first: 14, end: 16 },
    forecast: () => Float32Array.of(-12, 5),
  })
  // Model |-12 + 13| + |5 + 4| = 10 over two slots, naive 3 + 6 = 9.
  expect(global).toEqual({ maeWh: 5, naiveMaeWh: 4.5, ratio: 10 / 9, slots: 2 })
})

test('nothing is better than last week where last week has no error', async () => {
  const series = [seriesOf('A', new Array(16).fill(10))]
  const options = { ...shape, range: { first: 14, end: 16 } }
  for (const forecast of [10, 12]) {
    const at = { ...options, forecast: () => Float32Array.of(forecast, 10) }
    const { global } = await evaluateForecast(series, at)
    expect(global).toMatchObject({ naiveMaeWh: 0, ratio: Number.POSITIVE_INFINITY, slots: 2 })
  }
})

test('the forecast gets only the values before its origin', async () => {
  const values = Array.from({ length: 20 }, (_, slot) => slot)
  const given: number[][] = []

  await evaluateForecast([seriesOf('A', values)], {
    ...shape,
    range: { first: 16, end: 20 },
    forecast: (histories, rows) => {
      given.push([...histories])
      return new Float32Array(rows * 2)
    },
  })

  // Origins 16 and 18, two slots before each.
  expect(given).toEqual([[14, 15, 16, 17]])
})

test('a gap in what is forecast, or in last week, leaves the slot out for both', async () => {
  const values = [...new Array(14).fill(10), 13, 4]
  const metered = [...values]
  metered[14] = Number.NaN
  const lastWeek = [...values]
  lastWeek[1] = Number.NaN
  const series = [seriesOf('A', metered), seriesOf('B', lastWeek)]

  const { meters } = await evaluateForecast(series, {
    ...shape,
    range: { first: 14, end: 16 },
    forecast: () => Float32Array.of(12, 0),
  })

  // A: slot 15 alone, 4 against 6. B: slot 14 alone, 1 against 3.
  expect(meters.map((each) => [each.maeWh, each.naiveMaeWh, each.slots])).toEqual([
    [4, 6, 1],
    [1, 3, 1],
  ])
})

test('a gap in the input leaves the origin out, unless it is bridged', async () => {
  const values = [...new Array(13).fill(10), Number.NaN, 13, 4]
  const given = { ...shape, range: { first: 14, end: 16 }, forecast: () => Float32Array.of(12, 0) }

  const without = await evaluateForecast([seriesOf('A', values)], given)
  const bridged = await evaluateForecast([seriesOf('A', values)], { ...given, bridgeSlots: 1 })

  expect(without.global.slots).toBe(0)
  expect(without.global.ratio).toBeNaN()
  expect(bridged.global.slots).toBe(2)
})

test('global is over all slots, so a site without any changes nothing', async () => {
  const one = seriesOf('A', [...new Array(14).fill(10), 13, 4])
  const none = seriesOf('B', new Array(16).fill(Number.NaN))
  const options = {
    ...shape,
    range: { first: 14, end: 16 },
    forecast: () => Float32Array.of(12, 0),
  }

  const alone = await evaluateForecast([one], options)
  const both = await evaluateForecast([none, one], options)

  expect(both.global).toEqual(alone.global)
})

function seriesOf(meter: string, values: readonly number[]) {
  const energyWh = Float64Array.from(values)
  return { meter: meterId(meter), startMs: 0, stepS: 43_200, energyWh }
}
