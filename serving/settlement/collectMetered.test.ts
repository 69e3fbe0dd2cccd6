import { expect, test } from 'vitest'
import { meterId } from '../../schemas/ids.ts'
import { collectMetered } from './collectMetered.ts'

const meters = ['A', 'B'].map(meterId)
const minute = 60_000

test('shorter readings that fill an interval are added up, longer ones are left out', () => {
  const rows = [
    row('A', { at: 0, lasts: 15, mwh: -700 }),
    row('A', { at: 15, lasts: 15, mwh: 200 }),
    row('A', { at: 30, lasts: 30, mwh: 900 }),
    // Its second half is missing, and an hour is not split.
    row('A', { at: 60, lasts: 15, mwh: 5 }),
    row('A', { at: 120, lasts: 60, mwh: 6 }),
    row('C', { at: 0, lasts: 30, mwh: 7 }),
  ]
  const metered = collectMetered({ meters, intervalS: 1800, rows })
  expect([...metered.get(meters[0]!)!]).toEqual([
    [30 * minute, 900],
    [0, -500],
  ])
  expect(metered.get(meters[1]!)!.size).toBe(0)
  expect(metered.size).toBe(2)
})

function row(meter: string, given: { at: number; lasts: number; mwh: number }) {
  const { at, lasts, mwh } = given
  const interval = { startMs: at * minute, durationS: lasts * 60 }
  return { meter: meterId(meter), ...interval, energyMwh: mwh }
}
