import { expect, test } from 'vitest'
import { isoUtc } from '../../schemas/time.ts'
import { loadFontana } from './fontana.ts'
import type { TidyRow } from './london.ts'

const { sites, linesAt } = loadFontana()
const rows = [...linesAt].flatMap(([endMs, lines]) => {
  return lines.map((line) => ({ endMs, row: JSON.parse(line) as TidyRow }))
})
const of = (meter: string) => rows.filter(({ row }) => row.meter === meter)

test('five sites, each with its net meter and its PV', () => {
  expect(sites).toHaveLength(5)
  expect(sites[0]).toEqual({ net: 'FONTANA-1', generation: 'FONTANA-1-PV' })
  expect(new Set(rows.map(({ row }) => row.meter)).size).toBe(10)
})

test('the first hour of the file, 209 weeks earlier, when it is complete', () => {
  // 2017-01-04T00:00 at eight hours behind UTC; 2.12528 kWh.
  const [first] = of('FONTANA-1')
  const start = '2013-01-02T08:00:00.000Z'
  expect(first?.row).toEqual({
    ...{ meter: 'FONTANA-1', start, duration_s: 3600, energy_wh: 2125.28 },
  })
  expect(isoUtc(first!.endMs)).toBe('2013-01-02T09:00:00.000Z')
})

test('51 days of hours, but for the gaps of one home', () => {
  const hours = 51 * 24
  const counts = sites.map(({ net, generation }) => [of(net).length, of(generation).length])
  expect(counts).toEqual([
    ...[1, 2, 3].map(() => [hours, hours]),
    [hours - 8, hours],
    [hours, hours],
  ])
})

test('homes feed in by day only, and less than their PV makes', () => {
  const made = new Map(rows.map(({ row }) => [`${row.meter} ${row.start}`, row.energy_wh]))
  const fedIn = rows.filter(({ row }) => row.energy_wh < 0)
  expect(fedIn.length).toBeGreaterThan(1_000)
  for (const { row } of fedIn) {
    // From 6:00 to 17:00 in California.
    const hour = Number(row.start.slice(11, 13))
    expect(hour >= 14 || hour === 0).toBe(true)
    expect(made.get(`${row.meter}-PV ${row.start}`)).toBeGreaterThanOrEqual(-row.energy_wh)
  }
})
