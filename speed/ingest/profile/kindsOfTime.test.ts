import { describe, expect, test } from 'vitest'
import type { Profile } from './profileShape.ts'
import { type Case, cases, half, newYear, read } from './testing/cases.ts'

const chicago: Profile = { ...half, zone: 'America/Chicago' }
const rows = (...stamps: string[]) =>
  `start,A\n${stamps.map((at) => `2024-11-03 ${at},1`).join('\n')}\n`
const hourly = 'start,A\n2024-01-01T00:00Z,1\n2024-01-01T01:00Z,1\n2024-01-01T02:00Z,1\n'
const dated = 'meter,date,start time,end time,kWh\n'

const repeatedHours: readonly Case[] = [
  [
    'hourly',
    rows('00:00', '01:00', '01:00', '02:00'),
    chicago,
    ['11-03T05:00 1000000', '11-03T06:00 1000000', '11-03T07:00 1000000', '11-03T08:00 1000000'],
  ],
  [
    'backwards',
    rows('02:00', '01:30', '01:00', '01:30', '01:00', '00:30'),
    chicago,
    [
      '11-03T08:00 1000000',
      '11-03T07:30 1000000',
      '11-03T07:00 1000000',
      '11-03T06:30 1000000',
      '11-03T06:00 1000000',
      '11-03T05:30 1000000',
    ],
  ],
  [
    'side by side',
    rows('00:30', '01:00', '01:00', '01:30', '01:30', '02:00'),
    chicago,
    [
      '11-03T05:30 1000000',
      '11-03T06:00 1000000',
      '11-03T07:00 1000000',
      '11-03T06:30 1000000',
      '11-03T07:30 1000000',
      '11-03T08:00 1000000',
    ],
  ],
  [
    'one row is missing',
    rows('00:30', '01:00', '01:30', '01:00', '02:00'),
    chicago,
    [
      '11-03T05:30 1000000',
      '11-03T06:00 1000000',
      '11-03T06:30 1000000',
      '11-03T07:00 1000000',
      '11-03T08:00 1000000',
    ],
  ],
  [
    'the file ends in it',
    rows('00:00', '00:30', '01:00', '01:30'),
    chicago,
    ['11-03T05:00 1000000', '11-03T05:30 1000000', '11-03T06:00 1000000', '11-03T06:30 1000000'],
  ],
  [
    'once: nothing says which',
    rows('00:00', '00:30', '01:00', '01:30', '02:00'),
    chicago,
    '2 refused: 2024-11-03 01:00 is twice on the clock of America/Chicago, and the order',
  ],
  [
    'once, the first is said',
    rows('00:30', '01:00', '01:30', '02:00'),
    { ...chicago, repeatedHour: 'first' },
    ['11-03T05:30 1000000', '11-03T06:00 1000000', '11-03T06:30 1000000', '11-03T08:00 1000000'],
  ],
  [
    'refused by wish',
    rows('00:00', '00:30', '01:00', '01:30', '01:00', '01:30', '02:00'),
    { ...chicago, repeatedHour: 'refuse' },
    '4 refused: 2024-11-03 01:00 is twice on the clock of America/Chicago. Give',
  ],
  [
    'skipped',
    'start,A\n2024-03-10 01:30,1\n2024-03-10 02:30,1\n2024-03-10 03:00,1\n',
    chicago,
    '1 refused: 2024-03-10 02:30 is not on the clock of America/Chicago',
  ],
  [
    'an abbreviation',
    rows('00:00', '00:30'),
    { ...half, zone: 'BST' },
    'BST is not a zone by itself: use an IANA name with a place such as Europe/London',
  ],
  [
    'an offset wins over the zone',
    'start,A\n2024-11-03T00:00+02:00,1\n2024-11-03T00:30+02:00,1\n',
    chicago,
    ['11-02T22:00 1000000', '11-02T22:30 1000000'],
  ],
]

describe('the repeated and the skipped hour', () => {
  cases(repeatedHours)
})

const steps: readonly Case[] = [
  [
    'mean power',
    hourly,
    { ...half, unit: 'kW' },
    ['01-01T00:00 1000000', '01-01T01:00 1000000', '01-01T02:00 1000000'],
  ],
  [
    'a longer step',
    hourly,
    { ...half, step: 7200 },
    'The step is set to 7200 s, and the stamps are 3600 s apart',
  ],
  [
    'lengths of their own',
    'meter,start,end,value (kWh)\nA,2024-01-01T00:00Z,2024-01-01T00:30Z,1\n',
    { step: 3600 },
    'The step is set to 3600 s, and the rows are 1800 s long',
  ],
  [
    'one row',
    'start,A\n2024-01-01T00:00Z,1\n',
    half,
    '1 refused: One stamp does not show how long',
  ],
  [
    'one row, said',
    'start,A\n2024-01-01T00:00Z,1\n',
    { ...half, step: 900, unit: 'kW' },
    ['01-01T00:00 250000'],
  ],
  [
    'a gap',
    'start,A\n2024-01-01T00:00Z,1\n2024-01-01T00:30Z,1\n2024-01-01T06:00Z,1\n',
    { ...half, unit: 'kW' },
    ['01-01T00:00 500000', '01-01T00:30 500000', '01-01T06:00 500000'],
  ],
  [
    'two steps in one series',
    newYear(
      ...['00:00Z,1', '01:00Z,1', '02:00Z,1', '03:00Z,1', '04:00Z,1', '04:30Z,1', '05:00Z,1'],
      ...['05:30Z,1', '06:00Z,1', '06:30Z,1'],
    ),
    half,
    '4 refused: The interval of this stamp is 3600 s long, and the step of its series 1800 s',
  ],
  [
    'rows overlap',
    'meter,start,duration_s,energy_wh\nA,2024-01-01T00:00Z,3600,1\nA,2024-01-01T00:30Z,3600,1\n',
    {},
    '1 refused: The row is 3600 s long, and the next one begins after 1800 s',
  ],
  [
    'kWh is said, the name has kW',
    'start,A (kW)\n2024-01-01T00:00Z,1\n2024-01-01T00:30Z,1\n',
    half,
    'The unit is set to kWh, and column A (kW) says kW',
  ],
  [
    'no unit',
    'start,A\n2024-01-01T00:00Z,1\n2024-01-01T00:30Z,1\n',
    { layout: 'wide' },
    'Nothing names the unit of column A: set unit',
  ],
  [
    'mwh',
    'start,A (mwh)\n2024-01-01T00:00Z,1\n2024-01-01T00:30Z,1\n',
    { layout: 'wide' },
    'The name A (mwh) can be read as milliwatt-hours or as megawatt-hours',
  ],
  [
    'power is said, kWh in the name',
    'start,A (kWh)\n2024-01-01T00:00Z,1\n2024-01-01T00:30Z,1\n',
    { layout: 'wide', quantity: 'power' },
    'The quantity is set to power, and the unit is kWh',
  ],
]

describe('steps are facts', () => {
  cases(steps)

  test('days of 23 and 25 hours', () => {
    const profile: Profile = { ...half, zone: 'Europe/Paris', dateFormat: 'yyyy-MM-dd' }
    const days = (first: number, month: string) =>
      `start,A\n${[0, 1, 2].map((each) => `2024-${month}-${first + each},1`).join('\n')}\n`
    const lengths = (file: string) =>
      read(file, profile).readings.map(({ durationS }) => durationS / 3600)
    expect(lengths(days(30, '03').replace('2024-03-32', '2024-04-01'))).toEqual([24, 23, 24])
    expect(lengths(days(26, '10'))).toEqual([24, 25, 24])
  })
})

const ends: readonly Case[] = [
  [
    'midnight',
    'start,A\n2024-01-01T23:30Z,1\n2024-01-02T00:00Z,2\n',
    { ...half, stamp: 'end' },
    ['01-01T23:00 1000000', '01-01T23:30 2000000'],
  ],
  [
    '24:00',
    'start,A\n2024-01-01 23:30,1\n2024-01-01 24:00,2\n',
    { ...half, stamp: 'end' },
    ['01-01T23:00 1000000', '01-01T23:30 2000000'],
  ],
  [
    'only ends',
    'meter,interval end,kWh\nA,2024-01-01T00:30Z,1\nA,2024-01-01T01:00Z,2\n',
    {},
    ['01-01T00:00 1000000', '01-01T00:30 2000000'],
  ],
  [
    'mean power',
    'start,A\n2024-01-01T01:00Z,1\n2024-01-01T02:00Z,2\n',
    { ...half, unit: 'kW', stamp: 'end' },
    ['01-01T00:00 1000000', '01-01T01:00 2000000'],
  ],
  [
    'the repeated hour',
    ['00:30,1', '01:00,2', '01:30,3', '01:00,4', '01:30,5', '02:00,6'].reduce(
      (file, row) => `${file}2024-10-27 ${row}\n`,
      'start,A\n',
    ),
    { ...half, zone: 'Europe/London', stamp: 'end' },
    [
      '10-26T23:00 1000000',
      '10-26T23:30 2000000',
      '10-27T00:00 3000000',
      '10-27T00:30 4000000',
      '10-27T01:00 5000000',
      '10-27T01:30 6000000',
    ],
  ],
  [
    'the last minute',
    `${dated}A,2024-01-01,23:00,23:29,1\nA,2024-01-01,23:30,23:59,2\n`,
    {},
    ['01-01T23:00 1000000', '01-01T23:30 2000000'],
  ],
  [
    'an end at midnight',
    `${dated}A,2024-01-01,23:00,23:30,1\nA,2024-01-01,23:30,00:00,2\n`,
    {},
    ['01-01T23:00 1000000', '01-01T23:30 2000000'],
  ],
]

describe('stamps at the end', () => {
  cases(ends)
})

const halfHourZones: readonly Case[] = [
  [
    'Kolkata',
    'start,A\n2024-01-01 00:00,1\n2024-01-01 01:00,2\n',
    { ...half, zone: 'Asia/Kolkata' },
    ['12-31T18:30 1000000', '12-31T19:30 2000000'],
  ],
  [
    'Kathmandu',
    'start,A\n2024-01-01 00:00,1\n2024-01-01 01:00,2\n',
    { ...half, zone: 'Asia/Kathmandu' },
    ['12-31T18:15 1000000', '12-31T19:15 2000000'],
  ],
  [
    "St John's",
    'start,A\n2024-01-01 00:00,1\n2024-01-01 01:00,2\n',
    { ...half, zone: 'America/St_Johns' },
    ['01-01T03:30 1000000', '01-01T04:30 2000000'],
  ],
  [
    'Lord Howe goes back half an hour',
    'start,A\n2024-04-07 01:00,1\n2024-04-07 01:30,2\n2024-04-07 01:30,3\n2024-04-07 02:00,4\n',
    { ...half, zone: 'Australia/Lord_Howe' },
    ['04-06T14:00 1000000', '04-06T14:30 2000000', '04-06T15:00 3000000', '04-06T15:30 4000000'],
  ],
  [
    'Adelaide goes forward',
    'start,A\n2024-10-06 01:30,1\n2024-10-06 03:00,2\n2024-10-06 03:30,2\n',
    { ...half, zone: 'Australia/Adelaide' },
    ['10-05T16:00 1000000', '10-05T16:30 2000000', '10-05T17:00 2000000'],
  ],
]

describe('zones of half hours', () => {
  cases(halfHourZones)
})
