import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { isoUtc } from '../../../schemas/time.ts'
import type { Profile } from './profileShape.ts'
import { readWithProfile } from './readWithProfile.ts'

const folder = path.join(import.meta.dirname, 'testing/reported')
const wide30: Profile = { layout: 'wide', unit: 'kWh', step: 1800 }

/** Small files that somebody could not load, or that were stored wrongly without a word. */
describe('reported files', () => {
  reported('01-enedis-semicolon-comma.csv', (bytes) => {
    const profile: Profile = { layout: 'wide', unit: 'kW', step: 1800, zone: 'Europe/Paris' }
    // 4.030 kW x 0.5 h, 2.010 kW x 0.5 h.
    expect(energies(bytes, profile)).toEqual([2_015_000n, 1_005_000n])
  })
  reported('03-local-time-repeated-hour.csv', (bytes) => {
    const { readings } = readWithProfile(bytes, { ...wide30, zone: 'America/Chicago' })
    expect(readings.map(({ startMs }) => isoUtc(startMs).slice(11, 16))).toEqual([
      ...['05:30', '06:00', '06:30', '07:00', '07:30', '08:00'],
    ])
    expect(sum(readings.map(({ energyMwh }) => energyMwh))).toBe(3_000_000n)
  })
  reported('05-autumn-two-sets.csv', (bytes) => {
    const { understood } = readWithProfile(bytes, wide30)
    // 29.77 + 29.56: the later set counts, and both are named.
    expect(understood.series[0]?.sumMwh).toBe(59_330_000n)
    expect(understood.conflicts.map(({ lines }) => lines)).toEqual([
      [2, 4],
      [3, 5],
    ])
  })
  reported('06-step-not-the-file-s.csv', (bytes) => {
    expect(() => readWithProfile(bytes, { ...wide30, unit: 'kW' })).toThrow(
      'The step is set to 1800 s, and the stamps are 3600 s apart',
    )
    expect(sum(energies(bytes, { layout: 'wide', unit: 'kW' }))).toBe(4_000_000n)
  })
  reported('08a-spike.csv', (bytes) => expect(energies(bytes, wide30)).toEqual([18_780_000n]))
  reported('08b-spike-corrected.csv', (bytes) =>
    expect(energies(bytes, wide30)).toEqual([490_000n]),
  )
  reported('09-interval-end-stamps.csv', (bytes) => {
    const { readings } = readWithProfile(bytes, { ...wide30, stamp: 'end' })
    expect(readings.map(({ startMs, energyMwh }) => [isoUtc(startMs), energyMwh])).toEqual([
      ['2024-01-01T00:00:00.000Z', 100_000n],
      ['2024-01-01T00:30:00.000Z', 200_000n],
      ['2024-01-01T23:30:00.000Z', 400_000n],
    ])
  })
  reported('10-hourly-in-half-hour-zone.csv', (bytes) => {
    const profile = { ...wide30, step: 3600, zone: 'Australia/Adelaide' }
    expect(energies(bytes, profile)).toEqual([1_000_000n, 2_000_000n])
  })
  reported('11-dead-letter-quoted-comma.csv', (bytes) => {
    const { readings } = readWithProfile(bytes, wide30)
    const byMeter = readings.map(({ meter, energyMwh }) => [meter, energyMwh])
    expect(Object.fromEntries(byMeter)).toMatchObject({ C11B: 5_000_000n, C11C: 7_000_000n })
  })
  reported('13-baseline-default-step.csv', (bytes) => {
    const { understood } = readWithProfile(bytes, { layout: 'wide', unit: 'kWh' })
    expect(understood.series[0]?.stepS).toBe(1800)
    expect(() => readWithProfile(bytes, { ...wide30, step: 3600 })).toThrow('1800 s apart')
  })
  reported('15-cr-line-ends.csv', (bytes) =>
    expect(energies(bytes, {})).toEqual([100_000n, 100_000n]),
  )
  reported('17-line-number.csv', (bytes) => {
    const { refusals } = readWithProfile(bytes, {})
    expect(refusals).toMatchObject([{ line: 5, column: 'energy_wh', value: 'yesterday' }])
  })
})

function reported(file: string, check: (bytes: Uint8Array) => void): void {
  test(file, () => check(fs.readFileSync(path.join(folder, file))))
}

function energies(bytes: Uint8Array, profile: Profile): bigint[] {
  return readWithProfile(bytes, profile).readings.map(({ energyMwh }) => energyMwh)
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, each) => total + each, 0n)
}
