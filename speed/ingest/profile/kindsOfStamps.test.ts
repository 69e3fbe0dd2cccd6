import { describe, expect, test } from 'vitest'
import { withEnglishMonth } from './monthNames.ts'
import { type Case, cases, half, read } from './testing/cases.ts'

const newYork = { ...half, zone: 'America/New_York' }
const of = (...stamps: string[]) => `start,A\n${stamps.map((at) => `${at},1\n`).join('')}`
const midnight = ['03-05T00:00 1000000', '03-05T00:30 1000000']

const late = ['03-04T23:30 1000000', '03-05T00:00 1000000']
const hours = ['03-05T00:00 1000000', '03-05T01:00 1000000']

const known: readonly Case[] = [
  ['minutes without a separator', of('202403050000', '202403050030'), half, midnight],
  ['seconds without a separator', of('20240305000000', '20240305003000'), half, midnight],
  ['days as Excel counts them', of('45356', '45356.0208333333'), half, midnight],
  ['with a decimal comma', 'start;A\n45356,0000000000;1\n45356,0208333333;1\n', half, midnight],
  [
    'in a zone',
    of('45356', '45356.0208333333'),
    newYork,
    ['03-05T05:00 1000000', '03-05T05:30 1000000'],
  ],
  ['hours without a separator', of('2024030500', '2024030501'), half, hours],
  ['minutes of a short year', of('2403050000', '2403050030'), half, midnight],
  ['seconds still are', of('1709596800', '1709598600'), half, midnight],
  ['a short year first', of('24/03/04 23:30', '24/03/05 00:00'), half, late],
  ['with points', of('24.03.04 23:30', '24.03.05 00:00'), half, late],
  [
    'a short year last',
    of('04/03/24 23:30', '05/03/24 00:00', '25/03/24 00:30'),
    half,
    [...late, '03-25T00:30 1000000'],
  ],
  ['either, of one day', of('24/03/05 00:00', '24/03/05 00:30'), half, 'set dateFormat'],
  ['milliseconds still are', of('1709596800000', '1709598600000'), half, midnight],
  [
    'EST',
    of('2024-03-05 00:00 EST', '2024-03-05 00:30 EST'),
    newYork,
    ['03-05T05:00 1000000', '03-05T05:30 1000000'],
  ],
  [
    'EDT and EST tell the repeated hour apart, in any order',
    of('2024-11-03 01:00 EST', '2024-11-03 00:30 EDT', '2024-11-03 01:30 EDT'),
    newYork,
    ['11-03T06:00 1000000', '11-03T04:30 1000000', '11-03T05:30 1000000'],
  ],
  [
    'CET',
    of('05.03.2024 00:00 CET', '05.03.2024 00:30 CET', '25.03.2024 00:30 CET'),
    { ...half, zone: 'Europe/Berlin' },
    ['03-04T23:00 1000000', '03-04T23:30 1000000', '03-24T23:30 1000000'],
  ],
  [
    'of India',
    of('2024-03-05 05:30 IST', '2024-03-05 06:00 IST'),
    { ...half, zone: 'Asia/Kolkata' },
    midnight,
  ],
  ['UTC, whatever the zone', of('2024-03-05 00:00 UTC', '2024-03-05 00:30 UTC'), newYork, midnight],
  [
    'EST without a zone',
    of('2024-03-05 00:00 EST', '2024-03-05 00:30 EST'),
    half,
    'has EST, which no clock of the zone UTC',
  ],
  [
    'IST in London',
    of('2024-03-05 00:00 IST', '2024-03-05 00:30 IST'),
    { ...half, zone: 'Europe/London' },
    'has IST, which no clock of the zone Europe/London',
  ],
  [
    'EST in July, of one row',
    of('2024-03-05 00:00 EST', '2024-03-05 00:30 EST', '2024-07-05 00:30 EST'),
    newYork,
    '1 refused: 2024-07-05 00:30 EST',
  ],
  [
    'one abbreviation costs no other row',
    of('2024-03-05 00:00', '2024-03-05 00:30', '2024-03-05 01:00 EST'),
    half,
    '1 refused: 2024-03-05 01:00 EST',
  ],
]

describe('stamps', () => cases(known))

describe('months by name', () => {
  cases(
    [
      ...['5. März 2024', '5 mars 2024', '5 de marzo de 2024', '5 marzo 2024', '5 maart 2024'],
      ...['5 de março de 2024', '5 mars 2024', '5. marts 2024', '5 marca 2024', '5. Maerz 2024'],
    ].map((day): Case => {
      return [day, `start;A\n${day} 00:00;1\n${day} 00:30;1\n`, half, midnight]
    }),
  )

  test('each month of a language is its own', () => {
    const days = [
      '13-janv.-2024',
      '13-févr.-24',
      '13 juin 2024',
      '13 juil. 2024',
      '13 août 2024 01:00',
    ]
    expect(days.map(withEnglishMonth)).toEqual([
      ...['13-Jan-2024', '13-Feb-24', '13 Jun 2024', '13 Jul 2024', '13 Aug 2024 01:00'],
    ])
    // No month, an English one, and no date.
    const others = ['13 Foo 2024', '2024-03-05T00:00Z', 'Haus 13']
    expect(others.map(withEnglishMonth)).toEqual(others)
  })
})

describe('rows that begin with their names, which R writes without a name', () => {
  const rows = ([first, second]: readonly [string, string]) => {
    return `start,A\n"${first}","2024-03-05 00:00",1\n"${second}","2024-03-05 00:30",1\n`
  }
  const refused = (cells: number) => `2 refused: ${cells} cells under ${cells - 1} names`
  cases([
    ['1, 2', rows(['1', '2']), half, midnight],
    ['those of a part of a table', rows(['5', '12']), half, midnight],
    ['texts', rows(['a', 'b']), half, midnight],
    ['a word of time in French', rows(['a', 'b']).replace('start', 'Horodate'), half, midnight],
    ['one name twice, which R does not write', rows(['a', 'a']), half, refused(3)],
    ['a row without a name', rows(['a', '']), half, refused(3)],
    ['names that say nothing of time', rows(['a', 'b']).replace('start', 'B'), half, refused(3)],
    [
      'a comma within values before the times',
      'A,start\n0,5,2024-03-05 00:00\n1,5,2024-03-05 00:30\n',
      half,
      refused(3),
    ],
    [
      'a comma within values behind the times of other meters',
      'meter,start,kWh\nM1,2024-03-05 00:00,0,5\nM2,2024-03-05 00:00,0,7\n',
      half,
      refused(4),
    ],
    [
      'a flag without a name at the end of each row',
      'meter;start;kWh\nM1;2024-03-05 00:00;0.5;A\nM2;2024-03-05 00:00;0.7;A\n',
      half,
      refused(4),
    ],
    // A decimal comma that is not quoted looks alike, but for the numbers.
    [
      'a value with a comma',
      'start,A\n2024-03-05 00:00,1,5\n2024-03-05 00:30,1,7\n',
      half,
      refused(3),
    ],
  ])

  test.each([
    ['1', '2'],
    ['5', '9'],
  ])('a tidy table of several meters: %s, %s', (first, second) => {
    const file =
      `"meter","start","kWh"\n"${first}","M","2024-03-05 00:00",1\n` +
      `"${second}","M","2024-03-05 00:30",2\n`
    const { readings, refusals } = read(file, {})
    expect(refusals).toEqual([])
    expect(readings.map(({ meter, energyMwh }) => [meter, energyMwh])).toEqual([
      ['M', 1_000_000n],
      ['M', 2_000_000n],
    ])
  })
})
