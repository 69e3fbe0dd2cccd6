import { expect, test } from 'vitest'
import { energyOfPowerMwh, meanPowerW } from './units.ts'

test.each([
  // 1 kW through half an hour is half a kilowatt-hour.
  [1000, 1800, 500_000],
  [-250, 3600, -250_000],
  [0, 900, 0],
])('%d W over %d s are %d mWh, and back', (powerW, durationS, energyMwh) => {
  expect(energyOfPowerMwh(powerW, durationS)).toBe(energyMwh)
  expect(meanPowerW(energyMwh, durationS)).toBe(powerW)
})
