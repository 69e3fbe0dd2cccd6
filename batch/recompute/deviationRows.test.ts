import { expect, test } from 'vitest'
import { meterId } from '../../schemas/ids.ts'
import { energyMwh } from '../../schemas/units.ts'
import { deviationRows } from './deviationRows.ts'

const stepMs = 1_800_000
/** Midnight in London, winter. */
const midnightMs = Date.UTC(2013, 1, 11)
const meter = {
  meter: meterId('M1'),
  zone: 'Europe/London',
  group: 'feeder-1',
  intervalS: 1800,
  account: null,
}

test('deviation as mean power, and its sum over the last hour', () => {
  // Baseline 100 Wh in every slot; 150, 80 and 130 Wh were used.
  const rows = rowsOf([at(20, 150), at(21, 80), at(22, 130)], baselineOf([20, 21, 22], 100))

  // 50 Wh in half an hour are 100 W. The last hour is two slots: 50, 50 − 20, −20 + 30.
  expect(rows.map((row) => row.deviation_w)).toEqual([100, -40, 60])
  expect(rows.map((row) => row.rolling_wh)).toEqual([50, 30, 10])
  expect(rows[0]).toEqual({
    generation: 3,
    meter: 'M1',
    start: midnightMs + 20 * stepMs,
    group_id: 'feeder-1',
    duration_s: 1800,
    energy_mwh: 150_000,
    baseline_mwh: 100_000,
    ratio: null,
    deviation_w: 100,
    z: null,
    rolling_wh: 50,
    is_exception: false,
  })
})

test('without a baseline there is the load and nothing else', () => {
  const [row] = rowsOf([at(20, 150)], new Map())

  expect(row).toMatchObject({ energy_mwh: 150_000, baseline_mwh: null, deviation_w: null })
  expect(row!.rolling_wh).toBeNull()
})

test('a missing interval leaves only what lies within the hour', () => {
  const rows = rowsOf([at(20, 150), at(22, 130)], baselineOf([20, 22], 100))

  expect(rows.map((row) => row.rolling_wh)).toEqual([50, 30])
})

test('the sum starts anew at local midnight, as the live one does', () => {
  const rows = rowsOf([at(-1, 150), at(0, 130)], baselineOf([-1, 0], 100))

  expect(rows.map((row) => row.rolling_wh)).toEqual([50, 30])
})

test('a reading of another length is not held against the baseline', () => {
  const odd = { ...at(20, 150), duration_s: 900 }

  expect(rowsOf([odd], baselineOf([20], 100))[0]!.baseline_mwh).toBeNull()
})

function rowsOf(
  readings: ReturnType<typeof at>[],
  baselines: Parameters<typeof deviationRows>[0]['baselines'],
) {
  return deviationRows({ generation: 3, meter, readings, baselines })
}

function baselineOf(slots: number[], wattHours: number) {
  const slot = { baselineMwh: energyMwh(wattHours * 1000), spreadMwh: 0 }
  return new Map(slots.map((each) => [midnightMs + each * stepMs, slot]))
}

function at(slot: number, wattHours: number) {
  const start_ms = midnightMs + slot * stepMs
  return { meter: 'M1', start_ms, energy_mwh: wattHours * 1000, duration_s: 1800, quality: 2 }
}
