import { expect, test } from 'vitest'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import { aMeter } from '../../schemas/meter/testing/aMeter.ts'
import { localDayNamed } from '../../schemas/time.ts'
import { energyMwh } from '../../schemas/units.ts'
import { dayDeviations, deviationRow, splitDays } from './deviationRows.ts'

const zone = 'Europe/London'
const stepMs = 1_800_000
const day = localDayNamed('2013-02-11', zone)
const meter = aMeter({ meter: 'M1', zone, group: 'feeder-1' })

test('ratio, deviation, z and the last hour, as the live rows have them', () => {
  // Baseline 100 Wh, 20 Wh either way, in each half-hour; 150, 80 and 130 Wh were used.
  const rows = rowsOf([at(20, 150), at(21, 80), at(22, 130)], baselineOf([20, 21, 22], 100))

  // Slot 20: r = 1, 300 - 200 = 100 W, z = 100 / 40 = 2.5, in the hour 50 Wh.
  expect(deviationRow({ run: 3n, day: day.date }, rows[0]!)).toEqual({
    day: '2013-02-11',
    run: 3n,
    meter: 'M1',
    start: day.startMs + 20 * stepMs,
    group_id: 'feeder-1',
    duration_s: 1800,
    energy_mwh: 150_000,
    baseline_mwh: 100_000,
    ratio: 1,
    deviation_w: 100,
    z: 2.5,
    rolling_wh: 50,
    is_exception: false,
  })
  // Slot 21: r = 150 / 100 within 1.2, 160 - 240 = -80 W, in the hour 50 - 40 = 10 Wh.
  expect(rows[1]!.ratio).toBe(Math.fround(1.2))
  expect(rows[1]!.deviationW).toBeCloseTo(-80, 4)
  expect(rows[1]!.rollingWh).toBeCloseTo(10, 4)
})

test('an exception depends on the given band', () => {
  const rows = (bandWh: number) => rowsOf([at(20, 150)], baselineOf([20], 100), bandWh)

  expect([rows(49)[0]!.isException, rows(50)[0]!.isException]).toEqual([true, false])
})

test('using less than the baseline is an exception too', () => {
  // 50 of 100 Wh: 50 Wh less within the hour.
  const rows = (bandWh: number) => rowsOf([at(20, 50)], baselineOf([20], 100), bandWh)

  expect(rows(49)[0]!.rollingWh).toBe(-50)
  expect([rows(49)[0]!.isException, rows(50)[0]!.isException]).toEqual([true, false])
})

test('without a baseline there is only the load', () => {
  const [row] = rowsOf([at(20, 150)], baselineOf([], 100))
  const { baselineMwh, ratio, deviationW, z, rollingWh } = row!
  expect([baselineMwh, ratio, deviationW, z, rollingWh]).toEqual(new Array(5).fill(null))
  expect(row).toMatchObject({ energyMwh: 150_000, isException: false })
})

test('what is no interval of the meter has no row', () => {
  const short = { ...at(20, 150), duration_s: 900 }
  const between = { ...at(21, 150), start_ms: day.startMs + 60_000 }
  expect(rowsOf([between, short], baselineOf([0, 20], 100))).toEqual([])
})

test('readings are cut at local midnight', () => {
  // In summer London's midnight is 23:00 UTC.
  const summer = localDayNamed('2013-07-08', zone)
  const readings = [-1, 0, 47, 48].map((slot) => ({
    ...at(0, 100),
    start_ms: summer.startMs + slot * stepMs,
  }))

  const days = splitDays(readings, zone)
  expect(days.map((each) => [each.day.date, each.readings.length])).toEqual([
    ['2013-07-07', 1],
    ['2013-07-08', 2],
    ['2013-07-09', 1],
  ])
})

function rowsOf(
  readings: readonly ReturnType<typeof at>[],
  baselines: Parameters<typeof dayDeviations>[0]['baselines'],
  bandWh = 1_500,
) {
  const options = { ...deviationDefaults, bandWh }
  return dayDeviations({ day, meter, readings, baselines, options })
}

function baselineOf(slots: readonly number[], wattHours: number) {
  const slot = { baselineMwh: energyMwh(wattHours * 1000), spreadMwh: 20_000 }
  return new Map(slots.map((each) => [day.startMs + each * stepMs, slot]))
}

function at(slot: number, wattHours: number) {
  const start_ms = day.startMs + slot * stepMs
  return { meter: 'M1', start_ms, energy_mwh: wattHours * 1000, duration_s: 1800, quality: 2 }
}
