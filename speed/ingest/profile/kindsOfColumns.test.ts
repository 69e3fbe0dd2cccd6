import { describe, expect, test } from 'vitest'
import { isoUtc } from '../../../schemas/time.ts'
import type { Profile } from './profileShape.ts'
import { type Case, cases, half, read } from './testing/cases.ts'

const kWh: Profile = { unit: 'kWh' }

const ends: readonly Case[] = [
  [
    'a first column that says it is the end',
    'End of interval,A\n2024-03-05 00:30,1\n2024-03-05 01:00,2\n',
    kWh,
    ['03-05T00:00 1000000', '03-05T00:30 2000000'],
  ],
  [
    'the end beside a meter',
    'meter,Interval Ending,kWh\nM,2024-03-05 00:30,1\nM,2024-03-05 01:00,2\n',
    {},
    ['03-05T00:00 1000000', '03-05T00:30 2000000'],
  ],
  [
    'an end time without a date of its own',
    'End Time,A\n2024-03-05 00:30,1\n2024-03-05 01:00,2\n',
    kWh,
    ['03-05T00:00 1000000', '03-05T00:30 2000000'],
  ],
  [
    'hours that are counted, not times',
    'date,hour ending,kWh\n2024-03-05,1,1\n2024-03-05,2,2\n2024-03-06,1,3\n',
    { meter: 'M' },
    '"2024-03-05 1" in column date is not a known stamp',
  ],
]

describe('ends', () => cases(ends))

const besides: readonly Case[] = [
  ...['A (kWhs)', 'A (kWatts)', 'A (watts)'].map((name): Case => {
    const wh = { 'A (kWhs)': 1_000_000, 'A (kWatts)': 500_000, 'A (watts)': 500 }[name]
    const rows = '2024-03-05 00:00,1\n2024-03-05 00:30,1\n'
    const both = [`03-05T00:00 ${wh}`, `03-05T00:30 ${wh}`]
    return [`a unit spelled out: ${name}`, `start,${name}\n${rows}`, { layout: 'wide' }, both]
  }),
  [
    'a column that voids rows is read as their quality where it is said',
    'meter,start,kWh,void\nM,2024-03-05 00:00,1,\nM,2024-03-05 00:30,2,true\n',
    {
      columns: { meter: 'meter', start: 'start', value: 'kWh', quality: 'void' },
      quality: { true: { void: true }, '': {} },
    },
    ['03-05T00:00 1000000', '03-05T00:30 0'],
  ],
  [
    'a sum of the series counts nothing twice',
    'start,A,B,Total\n2024-03-05 00:00,1,2,3\n2024-03-05 00:30,4,5,9\n',
    half,
    ['03-05T00:00 1000000', '03-05T00:00 2000000', '03-05T00:30 4000000', '03-05T00:30 5000000'],
  ],
  [
    'numbers of rows',
    'index,start,A\n0,2024-03-05 00:00,1\n1,2024-03-05 00:30,2\n',
    kWh,
    ['03-05T00:00 1000000', '03-05T00:30 2000000'],
  ],
  [
    'reactive energy',
    'start,A_kWh,A_kVArh\n2024-03-05 00:00,1,8\n2024-03-05 00:30,2,9\n',
    half,
    ['03-05T00:00 1000000', '03-05T00:30 2000000'],
  ],
  [
    'weather and money',
    'start,A,Temperature (C),Cost\n2024-03-05 00:00,1,8,9\n2024-03-05 00:30,2,9,9\n',
    half,
    ['03-05T00:00 1000000', '03-05T00:30 2000000'],
  ],
  ...[
    ...['Amps', 'Volts', 'Frequency', 'Multiplier', 'CT ratio', 'Average', 'Min', 'Forecast'],
    ...['Cumulative (kWh)', 'Carbon intensity', 'Count'],
  ].map(
    (name): Case => [
      `numbers in a column called ${name}`,
      `start,A,${name}\n2024-03-05 00:00,1,40\n2024-03-05 00:30,2,41\n`,
      half,
      ['03-05T00:00 1000000', '03-05T00:30 2000000'],
    ],
  ),
  ...['Max', 'Average'].map(
    (name): Case => [
      `but ${name} alone is a series`,
      `start,${name}\n2024-03-05 00:00,1\n2024-03-05 00:30,2\n`,
      half,
      ['03-05T00:00 1000000', '03-05T00:30 2000000'],
    ],
  ),
  [
    'the mean of a meter beside its weather',
    'start,Mean,Temperature\n2024-03-05 00:00,1,4.5\n2024-03-05 00:30,2,4.25\n',
    half,
    ['03-05T00:00 1000000', '03-05T00:30 2000000'],
  ],
  ...['remarks', 'Info', 'Bemerkung', 'holiday', 'Observações'].map(
    (name): Case => [
      `words in a column called ${name}`,
      `start,A,${name}\n2024-03-05 00:00,1,fog\n2024-03-05 00:30,2,\n`,
      half,
      ['03-05T00:00 1000000', '03-05T00:30 2000000'],
    ],
  ),
  [
    'words in a column of another name',
    'start,A,X\n2024-03-05 00:00,1,fog\n2024-03-05 00:30,2,\n',
    half,
    '1 refused: "fog" is not a number. Correct it, set missing, or, if the column "X" has no',
  ],
  [
    'the only series, whatever its name',
    'start,Total\n2024-03-05 00:00,1\n2024-03-05 00:30,2\n',
    half,
    ['03-05T00:00 1000000', '03-05T00:30 2000000'],
  ],
  [
    'a unit behind the names of import and export',
    'meter,start,Import kWh,Export kWh\nM,2024-03-05 00:00,1,2\nM,2024-03-05 00:30,3,4\n',
    {},
    ['03-05T00:00 1000000', '03-05T00:00 -2000000', '03-05T00:30 3000000', '03-05T00:30 -4000000'],
  ],
]

describe('columns beside the series', () => {
  cases(besides)
  test('are shown', () => {
    const { understood } = read('start,A,Total\n2024-03-05 00:00,1,1\n2024-03-05 00:30,2,2\n', half)
    expect(understood.evidence).toContainEqual(
      expect.objectContaining({ field: 'not read', value: 'Total' }),
    )
  })
})

describe('a row a day', () => {
  const day = (names: string, values: string) => `date,meter,${names}\n2024-03-05,M,${values}\n`
  const starts = (file: string) => {
    const { readings } = read(file, kWh)
    return readings.map(({ meter, startMs, energyMwh }) => {
      return `${meter} ${isoUtc(startMs).slice(5, 16)} ${energyMwh}`
    })
  }
  test('is seen in columns that are times; a total is no interval', () => {
    expect(starts(day('00:00,06:00,12:00,18:00,Total', '1,2,3,4,10'))).toEqual([
      ...['M 03-05T00:00 1000000', 'M 03-05T06:00 2000000'],
      ...['M 03-05T12:00 3000000', 'M 03-05T18:00 4000000'],
    ])
  })
  test.each(['24:00', '00:00'])('columns from 06:00 to %s are ends', (last) => {
    expect(starts(day(`06:00,12:00,18:00,${last}`, '1,2,3,4'))).toEqual([
      ...['M 03-05T00:00 1000000', 'M 03-05T06:00 2000000'],
      ...['M 03-05T12:00 3000000', 'M 03-05T18:00 4000000'],
    ])
  })
})

const lines: readonly Case[] = [
  [
    'of kW',
    'time,A,B\n,kW,kW\n2024-03-05 00:00,1,2\n2024-03-05 00:30,3,4\n',
    {},
    ['03-05T00:00 500000', '03-05T00:00 1000000', '03-05T00:30 1500000', '03-05T00:30 2000000'],
  ],
  [
    'that begins with a word',
    'Meter,A,B\nUnit,[kWh],[kWh]\n2024-03-05 00:00,1,2\n2024-03-05 00:30,3,4\n',
    {},
    ['03-05T00:00 1000000', '03-05T00:00 2000000', '03-05T00:30 3000000', '03-05T00:30 4000000'],
  ],
  [
    'that contradicts what was said',
    'time,A,B\n,Wh,Wh\n2024-03-05 00:00,1,2\n2024-03-05 00:30,3,4\n',
    kWh,
    'The unit is set to kWh, and line 2 says Wh. Correct it, or leave it out.',
  ],
  [
    'of several units',
    'time,A,B\n,kWh,Wh\n2024-03-05 00:00,1,2\n2024-03-05 00:30,3,4\n',
    kWh,
    'Line 2 names kWh and Wh: put the columns of each unit in a file of their own.',
  ],
]

describe('a line of units below the header', () => cases(lines))

const clock = (hours: number, minute: string) => `${hours % 12 || 12}:${minute}`
const halfHours = Array.from({ length: 48 }, (_, at) => at)
const rising = (from: number) =>
  halfHours.map((at) => `2024-03-0${5 + Math.floor(at / 24)} ${at % 24}:00,${from + at}\n`).join('')

const doubtful: readonly Case[] = [
  [
    'a period in a column that is not read',
    `date,period,kWh\n${halfHours.map((at) => `2024-03-05,${at + 1},${at}\n`).join('')}`,
    { meter: 'M', step: 1800 },
    'Lines 2 and 3 have one stamp and other values, and so have most rows of M',
  ],
  [
    'a clock of twelve hours without am and pm',
    `start,A\n${halfHours
      .map((at) => `2024-03-05 ${clock(at >> 1, at % 2 ? '30' : '00')},${at}\n`)
      .join('')}`,
    kWh,
    'Lines 2 and 26 have one stamp and other values',
  ],
  [
    'statistics of registers: two columns, and neither is the energy of an hour',
    'statistic_id\tunit\tstart\tstate\tsum\nsensor:energy\tkWh\t13.03.2024 00:00\t120.0\t0.0\n' +
      'sensor:energy\tkWh\t13.03.2024 01:00\t120.5\t0.5\n',
    { unit: 'kWh', zone: 'Europe/Berlin' },
    'Column statistic_id names meters, and no column is known as their value',
  ],
  [
    'a column that voids rows, which registers of a profile do not read',
    'meter,start,reading,void\nM,2024-03-05 00:00,1,\nM,2024-03-05 00:30,2,true\n',
    { quantity: 'register', unit: 'kWh' },
    'Column void says how a row counts, and no field',
  ],
  [
    'the standing of rows',
    'meter,start,kWh,Standing\nM,2024-03-05 00:00,1,held\nM,2024-03-05 00:30,2,fill\n',
    {},
    'Column Standing says how a row counts, and no field',
  ],
  [
    'rows of more cells than names',
    'start,A,B\n2024-03-05 00:00,1,5,2,5\n2024-03-05 00:30,1,6,2,6\n',
    { layout: 'wide', unit: 'Wh' },
    'No line names the 5 columns that the rows have',
  ],
  [
    'a single series without a name',
    '2024-03-05 00:00,1\n2024-03-05 00:30,2\n',
    { layout: 'wide', unit: 'Wh' },
    'of a single series, set meter',
  ],
  [
    'a register that is not said to be one',
    `start,A\n${rising(100)}`,
    { unit: 'Wh' },
    'Series A, which never falls from "100" on, can be read as energies of intervals or as a',
  ],
  [
    'rows of another table below',
    'start,A,B\n2024-03-05 00:00,1,2\n2024-03-05 00:30,1,2\nstart,B,A\n2024-03-05 01:00,2,1\n',
    kWh,
    '4 refused: Columns have other names from here on. Move the rows below to a file',
  ],
  [
    'two stamps seven hours apart',
    'start,A\n2024-03-05 00:00,1\n2024-03-05 07:00,1\n',
    { unit: 'kW' },
    '2 refused: The stamps are 25200 s apart, which does not divide a day. Set step, such as 1800',
  ],
  [
    'a year of two digits, first or last',
    'start,A\n24-02-13 00:00,1\n24-02-13 00:30,1\n',
    kWh,
    '"24-02-13 00:00" can be read as d-M-yy H:mm or as yy-M-d H:mm: set dateFormat.',
  ],
  [
    'a year of two digits in front, as the days show',
    'start,A\n24-02-13 23:30,1\n24-02-14 00:00,2\n',
    kWh,
    ['02-13T23:30 1000000', '02-14T00:00 2000000'],
  ],
  [
    'a year of two digits behind, as the days show',
    'start,A\n13-02-24 23:30,1\n14-02-24 00:00,2\n',
    kWh,
    ['02-13T23:30 1000000', '02-14T00:00 2000000'],
  ],
]

describe('what is read without a fault and cannot be meant', () => {
  cases(doubtful)
  test('said to be energies, values may rise for days', () => {
    const file = `start,A\n${rising(100)}`
    expect(read(file, { unit: 'Wh', quantity: 'energy' }).readings).toHaveLength(48)
  })
})
