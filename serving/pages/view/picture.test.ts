import { expect, test } from 'vitest'
import { alignLines, intervalAt, type Picture, shownPart, tabulate } from './picture.ts'

const halfHour = 1_800_000
const at = (slot: number, value: number) => {
  return { startMs: slot * halfHour, endMs: (slot + 1) * halfHour, value }
}
const load = { label: 'load', tone: 'load' } as const

const aligned = alignLines([
  { key: 'load', ...load, points: [at(0, 100), at(1, 110)] },
  { key: 'load-live', ...load, isProvisional: true, points: [at(3, 130)] },
  { key: 'baseline', label: 'baseline', tone: 'baseline', points: [at(1, 90), at(3, 95)] },
])

test('lines share one axis, and gaps stay gaps', () => {
  // Slot 2 has no values: it is not a point, and slot 1 ends where it starts.
  expect(aligned.starts).toEqual([0, 1800, 5400])
  expect(aligned.ends).toEqual([1800, 3600, 7200])
  expect(aligned.lines.map(({ values }) => values)).toEqual([
    [100, 110, null],
    [null, null, 130],
    [null, 90, 95],
  ])
})

test('the table has one column per label, and marks provisional values', () => {
  const picture: Picture = { ...aligned, blocks: [], spans: [], nowS: null, fromS: 0, toS: 7200 }
  const { labels, rows } = tabulate(picture)
  expect(labels).toEqual(['load', 'baseline'])
  expect(rows.map(({ cells }) => cells.map(({ value }) => value))).toEqual([
    [100, null],
    [110, 90],
    [130, 95],
  ])
  expect(rows.map(({ cells }) => cells[0]!.isProvisional)).toEqual([false, false, true])
})

test('an instant belongs to the interval that began last', () => {
  const starts = [0, 1800, 5400]
  expect([-1, 0, 1799, 1800, 5399, 9e9].map((each) => intervalAt(starts, each))).toEqual([
    0, 0, 0, 1, 1, 2,
  ])
})

test('a range from another page is used if it overlaps the chart', () => {
  const picture = { fromS: 100, toS: 200 }
  const whole = { ...picture, isZoomed: false }
  expect(shownPart(picture, null)).toEqual(whole)
  expect(shownPart(picture, { fromMs: 200_000, toMs: 300_000 })).toEqual(whole)
  expect(shownPart(picture, { fromMs: 150_000, toMs: 300_000 })).toEqual({
    ...{ fromS: 150, toS: 300, isZoomed: true },
  })
})
