import { expect, test } from 'vitest'
import { meterId } from '../../schemas/ids.ts'
import { buildSeries } from './buildSeries.ts'

const stepMs = 1_800_000

test('readings are in their slots, the rest is a gap', () => {
  const readings = [at(0, 250_000), at(2, 500_000), at(4, 1), at(-1, 1)]

  const { series, misfits } = buildSeries(given(readings))

  // 250,000 mWh = 250 Wh. Slots -1 and 4 lie outside.
  expect([...series.energyWh]).toEqual([250, Number.NaN, 500, Number.NaN])
  expect(misfits).toBe(0)
})

test('another duration is left out and counted; a start between two slots is in the first', () => {
  const readings = [{ ...at(0, 1000), duration_s: 900 }, at(1.5, 1000), at(3, 7000)]

  const { series, misfits } = buildSeries(given(readings))

  expect([...series.energyWh]).toEqual([Number.NaN, 1, Number.NaN, 7])
  expect(misfits).toBe(1)
})

function given(readings: ReturnType<typeof at>[]) {
  return { meter: meterId('M1'), readings, startMs: 0, endMs: 4 * stepMs, stepS: 1800 }
}

function at(slot: number, energy: number) {
  return { meter: 'M1', start_ms: slot * stepMs, energy_mwh: energy, duration_s: 1800, quality: 2 }
}
