import { expect, test } from 'vitest'
import { dayAround } from './dayAround.ts'

test('the chart includes yesterday evening until six', () => {
  const hour = (at: number) => Date.UTC(2013, 1, 21, at)
  expect(dayAround(hour(4), 'UTC')).toEqual({ fromMs: Date.UTC(2013, 1, 20), toMs: hour(24) })
  expect(dayAround(hour(6), 'UTC')).toEqual({ fromMs: hour(0), toMs: hour(24) })
})

test('a day whose midnight is shown twice begins with the first', () => {
  const noon = Date.UTC(2026, 9, 25, 12)
  const fromMs = Date.UTC(2026, 9, 25)
  expect(dayAround(noon, 'Atlantic/Azores')).toEqual({ fromMs, toMs: fromMs + 25 * 3_600_000 })
})
