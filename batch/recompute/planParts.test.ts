import { expect, test } from 'vitest'
import { caiso10in10 } from '../../schemas/baseline/methods.ts'
import { planParts } from './planParts.ts'

test('a part has days close to one another, with the history they look back on', () => {
  const dates = ['2012-06-04', '2012-06-05', '2012-09-03', '2013-02-09', '2013-02-10']
  const parts = partsOf(dates, true)

  expect(parts.map((part) => part.dates)).toEqual([dates.slice(0, 2), [dates[2]], dates.slice(3)])
  // Ten weekdays before Monday 4 June: from 21 May on.
  expect(isoDate(parts[0]!.range.startMs + 14 * 3_600_000)).toBe('2012-05-21')
  // The last ends at the high-water mark and is as long as forecasts look back.
  const highWaterMs = Date.UTC(2013, 1, 11)
  expect(parts[2]!.range).toEqual({ startMs: highWaterMs - 35 * 86_400_000, endMs: highWaterMs })
  expect(partsOf([], true)).toMatchObject([{ dates: [], sumDates: [] }])
})

test('a part has no more days than fit into memory, and no gap longer than a week', () => {
  const january = Array.from({ length: 31 }, (_, day) => {
    return isoDate(Date.UTC(2012, 0, 1 + day))
  })
  const sizes = partsOf(january, true).map((part) => part.dates.length)
  expect(sizes).toEqual([28, 3, 0])
  const week = partsOf(['2012-06-04', '2012-06-11', '2012-06-19'], true)
  expect(week.map((part) => part.dates)).toEqual([['2012-06-04', '2012-06-11'], ['2012-06-19'], []])
})

test('where zones differ, sums of adjacent days are written too, each by one part', () => {
  const parts = partsOf(['2012-06-04', '2012-06-06', '2013-02-10'], false)
  const sums = parts.flatMap((part) => part.sumDates)

  expect(sums).toEqual([...new Set(sums)])
  expect(sums.slice(0, 7)).toEqual(
    ['02', '03', '04', '05', '06', '07', '08'].map((day) => `2012-06-${day}`),
  )
  expect(parts.flatMap((part) => part.dates)).toEqual(['2012-06-04', '2012-06-06', '2013-02-10'])
})

function partsOf(dates: string[], isAligned: boolean) {
  const given = {
    dates,
    isAligned,
    method: caiso10in10,
    calendar: { excludedDates: [], holidays: [] },
  }
  const highWaterMs = Date.UTC(2013, 1, 11)
  return planParts({ ...given, highWaterMs, recentDays: 35, daysMax: 28 })
}

function isoDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}
