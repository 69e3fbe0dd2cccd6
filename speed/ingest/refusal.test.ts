import { expect, test } from 'vitest'
import { formatOf } from './body/format.ts'
import { parseBody } from './body/parseBody.ts'
import { meterRefusals } from './meterRefusals.ts'
import { profileRefusals } from './profileRefusals.ts'
import { readingRefusals } from './readingRefusals.ts'
import { registerRefusals } from './registerRefusals.ts'
import { tableRefusals } from './tableRefusals.ts'

const nowMs = Date.parse('2013-02-12T00:00Z')
const half = { meter: 'A', start: '2013-02-11T16:30Z', duration_s: 1800, energy_wh: 1 }

test.each([
  ['{"meter":', /^The row is not valid JSON \(.+\)\. Correct it\.$/],
  ['17', 'The JSON value is not an object. Send each reading as {"meter": …, "start": …}.'],
  [
    { ...half, meter: '' },
    'meter is missing. A reading has a meter, a start, a duration_s, and an energy_wh ' +
      'or a power_w.',
  ],
  [
    { ...half, colour: 'red' },
    'A reading has no field "colour". Remove it, or use one of meter, start, duration_s, ' +
      'energy_wh, power_w, reactive_var, quality, standing, revision, said_at, void.',
  ],
  [
    { ...half, meter: '../etc' },
    '"../etc" is not a meter id. Use 1 to 64 characters: A-Z, a-z, 0-9, _ . : and -.',
  ],
  [
    { ...half, start: 'noon' },
    '"noon" is not an ISO 8601 timestamp. Write it like 2013-02-11T16:30Z.',
  ],
  [
    { ...half, start: '2013-02-11T16:30:00.0001Z' },
    '"2013-02-11T16:30:00.0001Z" is more precise than a millisecond. Round it.',
  ],
  [
    { ...half, start: '2013-02-30' },
    '"2013-02-30" is not a valid date and time since 1970. Correct the date or the time.',
  ],
  [
    { ...half, start: '2013-02-11T16:30+99:00' },
    'The UTC offset of "2013-02-11T16:30+99:00" is more than 18 hours. Correct it.',
  ],
  [
    // A clock that is two days ahead would have the last word for as long.
    { ...half, said_at: '2013-02-14T00:00Z' },
    'It was said at 2013-02-14T00:00:00.000Z, and it is 2013-02-12T00:00:00.000Z. ' +
      "Check the source's clock and the UTC offset.",
  ],
  [
    { ...half, said_at: '1970-01-01T00:00Z' },
    '1970-01-01T00:00:00.000Z is before 2001-01-01: the clock was reset. Set it right.',
  ],
  [
    { ...half, duration_s: 'long' },
    'duration_s is not a number. Send a whole number of seconds from 1 to 90000.',
  ],
  [{ ...half, duration_s: 0 }, 'duration_s is 0. Send a whole number of seconds from 1 to 90000.'],
  [
    { ...half, energy_wh: '12,5' },
    'energy_wh is "12,5", which is not a decimal number. Write it like 12.5.',
  ],
  [
    { ...half, quality: 'guessed' },
    'quality is "guessed". Send estimated, substituted or measured, or 0, 1 or 2.',
  ],
  [
    { ...half, energy_wh: 500_001 },
    'The energy of 1800 s means more than 1000000 W. Check the unit; of a register that counts ' +
      'up, set quantity register.',
  ],
  [
    { ...half, energy_wh: -500_001 },
    'The energy of 1800 s means more than 1000000 W. Check the unit; of a register that counts ' +
      'up, set quantity register.',
  ],
  [
    { ...half, reactive_var: -2e6 },
    'reactive_var is -2000000; the limit is 1000000. Check the unit.',
  ],
  [{ ...half, revision: -1 }, 'revision is -1. Send a whole number from 0 to 4294967295.'],
  [
    { ...half, start: '2013-02-12T00:00Z' },
    'The interval ends at 2013-02-12T00:30:00.000Z, and it is 2013-02-12T00:00:00.000Z. ' +
      "Check the meter's clock and the UTC offset.",
  ],
])('%j', (row, sentence) => {
  const line = typeof row === 'string' ? row : JSON.stringify(row)
  expect(detailsOf('application/x-ndjson', line)).toEqual([
    typeof sentence === 'string' ? sentence : expect.stringMatching(sentence),
  ])
})

test.each(['1970-01-01T00:00', '1980-01-06T00:00', '2000-01-01T00:00', '2000-12-31T23:30'])(
  'no meter measured at %s: its clock was reset',
  (start) => {
    expect(
      detailsOf('application/x-ndjson', JSON.stringify({ ...half, start: `${start}Z` })),
    ).toEqual([`${start}:00.000Z is before 2001-01-01: the clock was reset. Set it right.`])
    const first = { ...half, start: '2001-01-01T00:00Z' }
    expect(detailsOf('application/x-ndjson', JSON.stringify(first))).toEqual([])
  },
)

const tidy = 'meter,start,duration_s,energy_wh'
const wide = { layout: 'wide', unit: 'wh', step: '1800', zone: 'Europe/London' }

test.each([
  [
    `${tidy}\nA,2013-02-11T16:30Z,1800,1,more`,
    {},
    'The cell "more" has no column. Remove it, or name its column in the header.',
  ],
  [
    `${tidy}\n"A,2013-02-11T16:30Z,1800,1`,
    {},
    'A quotation mark is not closed at the end of its cell. Close it, or double it within a ' +
      'quoted cell.',
  ],
  [
    't,A\n2013-02-11T16:30Z,1,2',
    wide,
    '3 cells under 2 names. Quote a cell that contains a comma.',
  ],
  [
    't,A\n2013-03-31T01:30,1',
    wide,
    '2013-03-31 01:30 is not on the clock of Europe/London, which skips this hour. Correct the ' +
      'stamp, or set zone to the one it is in.',
  ],
])('%j', (csv, query, sentence) => {
  expect(detailsOf('text/csv', csv, query)).toEqual([sentence])
})

test('bytes that are no text, and a row that is too long', () => {
  const bytes = Buffer.from(`${tidy}\n\xff\n${'A'.repeat(2 << 20)}`, 'latin1')
  expect(detailsOf('text/csv', bytes)).toEqual([
    'The line is not valid utf-8. Save the file in that encoding, or set --encoding to the one ' +
      'it has.',
    'The row has 2097152 bytes; the limit is 1048576. Split it, or check its line breaks.',
  ])
})

test('a long cell of a file is cut, not what to do about it', () => {
  const long = 'x'.repeat(900)
  const cut = `"${'x'.repeat(79)}…"`
  expect(detailsOf('text/csv', `t,A\n2013-02-11T16:30Z,${long}`, wide)).toEqual([
    `${cut} is not a number. Correct it, set missing, or, if the column "A" has no values, leave ` +
      'it out or call it remarks.',
  ])
  expect(detailsOf('text/csv', `t,${long}\n2013-02-11T16:30Z,1`, wide)).toEqual([
    `${cut} is not a meter id (1 to 64 characters: A-Z, a-z, 0-9, _ . : and -). Set meters, such ` +
      'as Main Panel=main-panel, or rename it.',
  ])
})

test('no two topics have a case of one name', () => {
  const topics = [
    readingRefusals,
    meterRefusals,
    registerRefusals,
    tableRefusals,
    profileRefusals,
  ].flatMap((each) => Object.keys(each))
  expect(new Set(topics).size).toBe(topics.length)
})

test('a long value is cut, not what to do about it', () => {
  const [detail] = detailsOf(
    'application/x-ndjson',
    JSON.stringify({ ...half, start: 'x'.repeat(900) }),
  )
  expect(detail).toBe(
    `"${'x'.repeat(79)}…" is not an ISO 8601 timestamp. Write it like 2013-02-11T16:30Z.`,
  )
})

function detailsOf(type: string, body: string | Uint8Array, query = {}): string[] {
  const options = { format: formatOf(type, query), nowMs, source: 'test' }
  return parseBody(Buffer.from(body), options).rejections.map(({ detail }) => detail)
}
