import { expect, test } from 'vitest'
import { instantText } from './instantText.ts'

test.each([
  ['2013-02-11T17:00Z', Date.UTC(2013, 1, 11, 17)],
  ['2013-02-11T17:00:30Z', Date.UTC(2013, 1, 11, 17, 0, 30)],
  ['2013-02-11T17:00:30.25Z', Date.UTC(2013, 1, 11, 17, 0, 30, 250)],
  ['2013-02-11T17:00+05:30', Date.UTC(2013, 1, 11, 11, 30)],
  ['2013-02-11T17:00:00-03:00', Date.UTC(2013, 1, 11, 20)],
])('%s is an instant, which Date.parse reads', (text, ms) => {
  expect(Date.parse(instantText.parse(text))).toBe(ms)
})

test.each([
  ...['2013-02-11', '2013-02-11T17Z', '2013-02-11T17:00', '2013-02-30T17:00Z', 'never', ''],
  ...['2013-02-11T24:30Z', '2013-02-11T17:60Z', '2013-02-11T17:00:61Z', '2013-02-11 17:00Z'],
])('%j is none', (text) => {
  const { error } = instantText.safeParse(text)
  expect(error?.issues[0]?.message).toMatch(/ISO 8601 with an offset, such as 2013-02-11T17:00Z/)
})
