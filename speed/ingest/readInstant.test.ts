import { expect, test } from 'vitest'
import { createInstantReader } from './readInstant.ts'

const utc = createInstantReader()

test.each([
  ['2013-02-11T16:30:00Z', '2013-02-11T16:30:00.000Z'],
  ['2013-02-11 16:30', '2013-02-11T16:30:00.000Z'],
  ['2013-02-11T16:30:00.0000000', '2013-02-11T16:30:00.000Z'],
  ['2013-02-11T16:30+01:00', '2013-02-11T15:30:00.000Z'],
  ['2013-02-11T16:30-0130', '2013-02-11T18:00:00.000Z'],
  ['2013-02-11T16:30:00.250+05', '2013-02-11T11:30:00.250Z'],
  ['2012-02-29', '2012-02-29T00:00:00.000Z'],
])('%s', (text, expected) => {
  expect(utc(text)).toBe(Date.parse(expected))
})

test.each([
  '',
  'yesterday',
  '2013-13-01',
  '2013-02-29T00:00Z',
  '2013-02-11T24:00Z',
  '2013-02-11T16:60Z',
  '1969-12-31T23:30Z',
  '2013-02-11T16:30:00.0001Z',
  '2013-02-11T16:30+99:00',
  '1360600200000',
  '11/02/2013 16:30',
])('"%s" is refused with a reason', (text) => {
  expect(utc(text)).toMatchObject({ reason: 'bad-timestamp', detail: expect.any(String) })
})
