import { expect, test } from 'vitest'
import { caiso10in10 } from '../../schemas/baseline/methods.ts'
import { dirtyDays } from './dirtyDays.ts'

const none = { excludedDates: [], holidays: [] }
/** Monday 4 to Sunday 24 February 2013, each looking back two weeks and a day. */
const manifest = new Map(
  Array.from({ length: 21 }, (_, index) => {
    const since = isoDate(Date.UTC(2013, 1, 4 + index - 15))
    return [isoDate(Date.UTC(2013, 1, 4 + index)), { rowsRun: 1n, sumsRun: 1n, since }]
  }),
)

test('a changed day makes later like days dirty, but not the next day', () => {
  // Tuesday 19: all later weekdays but Wednesday depend on it; the weekend does not.
  expect(dirtyOf({ changed: ['2013-02-19'] })).toEqual(['2013-02-19', '2013-02-21', '2013-02-22'])
  expect(dirtyOf({ changed: ['2013-02-16'] })).toEqual(['2013-02-16', '2013-02-23', '2013-02-24'])
})

test('the earliest day that a baseline used makes it dirty, the day before that does not', () => {
  // Tuesday 19 looks back to Monday 4; Thursday 14 to Wednesday 30 January.
  expect(dirtyOf({ changed: ['2013-02-04'] }).at(-1)).toBe('2013-02-19')
  expect(dirtyOf({ changed: ['2013-01-30'] }).at(-1)).toBe('2013-02-14')
  expect(dirtyOf({ now: { ...none, excludedDates: ['2013-01-30'] } }).at(-1)).toBe('2013-02-14')
})

test('a day that no other day looked back to affects only itself', () => {
  const near = new Map([...manifest].map(([date, day]) => [date, { ...day, since: date }]))
  const changed = new Set(['2013-02-05'])
  const given = { method: caiso10in10, manifest: near, changed, before: none, now: none }
  expect(dirtyDays(given)).toEqual(['2013-02-05'])
})

test('a day new to the history is dirty, and days that looked for it', () => {
  // Friday 1 February is before all rows; Tuesday 5 to Friday 15 look back past it.
  const dirty = dirtyOf({ changed: ['2013-02-01'] })
  expect(dirty.at(0)).toBe('2013-02-01')
  expect(dirty.at(1)).toBe('2013-02-04')
  expect(dirty.at(-1)).toBe('2013-02-15')
})

test('an event day or a holiday, added or removed, affects all days that looked past it', () => {
  const eventDay = { ...none, excludedDates: ['2013-02-20'] }
  const after = ['2013-02-21', '2013-02-22', '2013-02-23', '2013-02-24']
  expect(dirtyOf({ now: eventDay })).toEqual(after)
  expect(dirtyOf({ before: eventDay })).toEqual(after)
  expect(dirtyOf({ before: eventDay, now: eventDay })).toEqual([])
  // The class of a holiday itself is another one.
  expect(dirtyOf({ now: { ...none, holidays: ['2013-02-20'] } })).toEqual(['2013-02-20', ...after])
})

function dirtyOf(change: { changed?: string[]; before?: Calendar; now?: Calendar }): string[] {
  const { changed = [], before = none, now = none } = change
  return dirtyDays({ method: caiso10in10, manifest, changed: new Set(changed), before, now })
}
type Calendar = { excludedDates: string[]; holidays: string[] }

function isoDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}
