import { expect, test } from 'vitest'
import { meterId } from '../../schemas/ids.ts'
import type { MeterKind } from '../../schemas/meter/kind.ts'
import { aMeter } from '../../schemas/meter/testing/aMeter.ts'
import type { Forecaster } from '../release/openForecaster.ts'
import { forecastRows, naiveModel } from './forecastRows.ts'

const stepS = 21_600
/** Four slots a day. */
const daySlots = 4
const stepMs = stepS * 1000
const fromMs = Date.UTC(2013, 1, 11)

/** In place of a trained one: the last input, then 1, 2, −3. */
const forecaster: Forecaster = {
  id: 'abc',
  lookBack: 4,
  horizon: 4,
  forecast: async (histories, rows) => {
    const lasts = Array.from({ length: rows }, (_, row) => histories[row * 4 + 3]!)
    return Float32Array.from(lasts.flatMap((last) => [last, 1, 2, -3]))
  },
  close: async () => {},
}

test('the model forecasts every site with enough history; nothing is below zero', async () => {
  const rows = await rowsOf({ A: livelyDays(9), B: livelyDays(9).map((value) => value * 10) })

  expect(rows.map((row) => [row.meter, row.forecast_mwh])).toEqual([
    // The last input of A is slot 35: 35 mod 7 = 0, plus 1 Wh.
    ['A', 1000],
    ['A', 1000],
    ['A', 2000],
    ['A', 0],
    ['B', 10_000],
    ['B', 1000],
    ['B', 2000],
    ['B', 0],
  ])
  expect(new Set(rows.map((row) => `${row.model} ${row.flag}`))).toEqual(new Set(['abc ']))
  expect(rows.slice(0, 4).map((row) => row.start)).toEqual(
    [0, 1, 2, 3].map((slot) => fromMs + slot * stepMs),
  )
})

test('of a meter that can be negative what is forecast to be fed in stays so', async () => {
  const kinds = { A: 'net' } as const
  const rows = await rowsOf({ A: livelyDays(9), B: livelyDays(9) }, { kinds })
  expect(rows.map((row) => row.forecast_mwh)).toEqual([
    ...[1000, 1000, 2000, -3000],
    ...[1000, 1000, 2000, 0],
  ])
  const solar = livelyDays(9).map((value) => -value)
  const naive = await rowsOf({ A: solar }, { kinds, forecaster: null })
  expect(naive.map((row) => row.forecast_mwh)).toEqual(
    solar.slice(8, 12).map((value) => value * 1000),
  )
})

test('without a model last week is repeated', async () => {
  const values = livelyDays(9)
  const rows = await rowsOf({ A: values }, { forecaster: null })

  expect(rows.map((row) => row.forecast_mwh)).toEqual(
    values.slice(8, 12).map((value) => value * 1000),
  )
  expect(rows[0]).toMatchObject({ model: naiveModel, flag: 'no-model' })
})

test('a stuck meter, a short history and a gap fall back, with a flag', async () => {
  const flat = [...livelyDays(8), 5, 5, 5, 5]
  const short = [...new Array(20).fill(Number.NaN), ...livelyDays(4)]
  const torn = [...livelyDays(9)]
  torn[34] = Number.NaN
  torn[30] = Number.NaN

  const rows = await rowsOf({ flat, short, torn })
  const flagOf = (meter: string) => rows.find((row) => row.meter === meter)

  expect(flagOf('flat')).toMatchObject({ model: naiveModel, flag: 'flat-line' })
  expect(flagOf('short')).toMatchObject({ model: naiveModel, flag: 'short-history' })
  expect(flagOf('torn')).toMatchObject({ model: naiveModel, flag: 'input-gaps' })
})

test('a day of 25 hours ends with last week', async () => {
  const values = livelyDays(9)
  const rows = await rowsOf({ A: values }, { toMs: fromMs + 5 * stepMs })

  expect(rows.map((row) => row.model)).toEqual(['abc', 'abc', 'abc', 'abc', naiveModel])
  expect(rows[4]!.forecast_mwh).toBe(values[12]! * 1000)
})

test('where last week is missing an older one is taken; without any there is no row', async () => {
  const values = [...livelyDays(16)]
  values[9 * 4] = Number.NaN
  const none = new Array(36).fill(Number.NaN)

  const rows = await rowsOf({ A: values }, { forecaster: null })
  expect(rows[0]!.forecast_mwh).toBe(values[2 * 4]! * 1000)
  expect(await rowsOf({ none })).toEqual([])
})

type Changed = {
  readonly forecaster?: Forecaster | null
  readonly toMs?: number
  readonly kinds?: Readonly<Record<string, MeterKind>>
}

async function rowsOf(
  sites: Record<string, readonly number[]>,
  { kinds = {}, ...changed }: Changed = {},
) {
  const listed = Object.entries(sites).map(([name, values]) => {
    const meter = meterId(name)
    const startMs = fromMs - values.length * stepMs
    const energyWh = Float64Array.from(values)
    return {
      meter: aMeter({ meter, intervalS: stepS, kind: kinds[name] ?? 'import' }),
      series: { meter, startMs, stepS, energyWh },
    }
  })
  const given = { run: 1n, stepS, toMs: fromMs + daySlots * stepMs, forecaster }
  return forecastRows({ ...given, ...changed, sites: listed })
}

/** Never the same twice in a row: slot mod 7, plus 1. */
function livelyDays(days: number): number[] {
  return Array.from({ length: days * daySlots }, (_, slot) => (slot % 7) + 1)
}
