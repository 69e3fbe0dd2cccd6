import { describe, expect, test } from 'vitest'
import { isoUtc } from '../../../schemas/time.ts'
import type { Profile } from './profileShape.ts'
import { type Case, cases, read } from './testing/cases.ts'

const kWh: Profile = { unit: 'kWh' }
const day = (names: readonly string[]) =>
  `MPAN,Date,${names.join(',')}\n12,2024-03-05,${names.map((_, at) => at + 1).join(',')}\n`
const fourTimes = [
  ...['12-03-05T00:00 1000000', '12-03-05T06:00 2000000'],
  ...['12-03-05T12:00 3000000', '12-03-05T18:00 4000000'],
]

describe('a row a day, its columns named by', () => {
  test.each([
    ['hours and minutes', ['00:00', '06:00', '12:00', '18:00']],
    ['four digits', ['0000', '0600', '1200', '1800']],
    ['ends of four digits', ['0600', '1200', '1800', '2400']],
    ['an h', ['00h00', '06h00', '12h00', '18h00']],
    ['intervals', ['00:00-06:00', '06:00 - 12:00', '12:00–18:00', '18:00 to 24:00']],
    ['halves of the day', ['12:00 AM', '6:00 AM', '12:00 PM', '6:00 PM']],
    ['a word behind', ['00:00 Uhr', '06:00 Uhr', '12:00 Uhr', '18:00 Uhr']],
    ['a unit behind', ['00:00 kWh', '06:00 kWh', '12:00 kWh', '18:00 kWh']],
  ])('%s', (_, names) => {
    const { readings, understood } = read(day(names), kWh)
    expect(understood.layout).toBe('days')
    expect(
      readings.map(
        (each) => `${each.meter}-${isoUtc(each.startMs).slice(5, 16)} ${each.energyMwh}`,
      ),
    ).toEqual(fourTimes)
  })
  test('counters, where it is said to be one', () => {
    const counted = day(['HH1', 'HH2', 'HH3', 'HH4'])
    const { readings } = read(counted, { ...kWh, layout: 'days' })
    expect(readings.map(({ startMs }) => isoUtc(startMs).slice(11, 16))).toEqual([
      ...['00:00', '06:00', '12:00', '18:00'],
    ])
  })
})

const twoDays = (names: string) =>
  `Date,${names}\n2024-03-05,1,2,3,4\n2024-03-06,1,2,3,4\n2024-03-07,1,2,3,4\n`

const refused: readonly Case[] = [
  [
    'a meter, and counters that no value is known by',
    day(['HH1', 'HH2', 'HH3', 'HH4']),
    kWh,
    'Column MPAN names meters, and no column is known as their value: set columns or layout',
  ],
  [
    'a meter, and tariffs',
    'meter,start,end,T1,T2\nM,2024-03-05T00:00Z,2024-03-05T01:00Z,1,0\n',
    kWh,
    'Column meter names meters, and no column is known as their value: set columns or layout',
  ],
  [
    'counters of a row a day without a meter',
    twoDays('Stunde_0,Stunde_1,Stunde_2,Stunde_3'),
    kWh,
    'Columns Stunde_0 to Stunde_3 of a row a day can be read as a meter each (wide) or as parts of',
  ],
  [
    'the second hour, with a letter behind',
    day(['00:00', '01:00', '02:00A', '02:00B', '03:00', '04:00']),
    kWh,
    'Column 02:00A is not a time of the day, and its values would be lost',
  ],
  [
    'the second hour, with a star',
    day(['00:00', '06:00', '12:00', '18:00', '02:00*']),
    kWh,
    'Column 02:00* is not a time of the day',
  ],
]

describe('columns that may be meters or times', () => {
  cases(refused)
  test('counted series are meters where the file is said to be wide', () => {
    const { understood } = read(twoDays('H1,H2,H3,H4'), { ...kWh, layout: 'wide' })
    expect(understood.series.map(({ meter }) => meter)).toEqual(['H1', 'H2', 'H3', 'H4'])
  })
  test('counted series of instants are meters', () => {
    const file = 'start,M1,M2,M3,M4\n2024-03-05 00:00,1,2,3,4\n2024-03-05 00:30,1,2,3,4\n'
    expect(read(file, kWh).understood.series).toHaveLength(4)
  })
  test('series whose names are four digits, and no day, are meters', () => {
    const file = 'start,1001,1002,1030,2400\n2024-03-05 00:00,1,2,3,4\n2024-03-05 00:30,1,2,3,4\n'
    expect(read(file, { ...kWh, headerRow: 1 }).understood.layout).toBe('wide')
  })
})
