import { describe, expect, test } from 'vitest'
import { profileNamed } from './builtInProfiles.ts'
import type { Profile } from './profileShape.ts'
import { type Case, cases, half, read } from './testing/cases.ts'

const day = '2024-01-15'
const rowsOf = (rows: readonly string[]) => rows.map((row) => `${day} ${row}\n`).join('')
const two = ['01-15T00:00 1000000', '01-15T00:30 2000000']

const below: readonly Case[] = [
  [
    'of power',
    `Timestamp,kWh\n${rowsOf(['00:00,1', '00:30,2', '01:00,1'])}\nPeak,kW\n${rowsOf(['18:00,20'])}`,
    { meter: 'M' },
    '2 refused: Columns have other names from here on',
  ],
  [
    'of reactive power',
    `Zeit;Wirkleistung (kW)\n${rowsOf(['00:00;1', '00:30;2', '01:00;1'])}` +
      `Zeitpunkt;Blindleistung (kvar)\n${rowsOf(['00:00;7', '00:30;8'])}`,
    { meter: 'M', columns: { start: 'Zeit', value: 'Wirkleistung (kW)' } },
    '3 refused: Columns have other names from here on',
  ],
  [
    'of sums of days',
    `Timestamp,kWh\n${rowsOf(['00:00,1', '00:30,2'])}Day,kWh\n${day},72\n2024-01-16,80\n`,
    { meter: 'M' },
    '3 refused: Columns have other names from here on',
  ],
  ...[
    ...['Export,', 'Export', '"Grid export",', ',Export', 'Einspeisung,', 'Production,'],
    ...['Gas (m3),', 'Gas (m³),', 'Gas', 'Wasser,', 'Reactive (kvarh),'],
  ].map(
    (title): Case => [
      `whose title is ${title}`,
      `start,A\n${rowsOf(['00:00,1', '00:30,2'])}${title}\n${rowsOf(['00:00,7', '00:30,8'])}`,
      half,
      '3 refused: The rows below are of "',
    ],
  ),
  ...['Total,', 'Sum', 'end of export file no 2', 'injection test by the new technician'].map(
    (remark): Case => [
      `but ${remark} is no title`,
      `start,A\n${rowsOf(['00:00,1', '00:30,2'])}${remark}\n${rowsOf(['01:00,7', '01:30,8'])}`,
      half,
      remark.endsWith(',') ? [...two, '01-15T01:00 7000000', '01-15T01:30 8000000'] : '1 refused: ',
    ],
  ),
  [
    'but a remark costs its own row',
    `start,A\n${rowsOf(['00:00,1', '00:30,2'])}meter was read,by hand\n${rowsOf(['01:00,3'])}`,
    half,
    '1 refused: "meter was read" is not a stamp',
  ],
]

describe('another table below', () => cases(below))

const commas: readonly Case[] = [
  [
    'beside a column without a name',
    `start,A,\n${rowsOf(['00:00,0,5', '00:30,0,6', '01:00,1,2'])}`,
    half,
    '3 refused: A number right of a value, in a column without a name',
  ],
  ...['Notes', 'status', 'Bemerkung'].map(
    (name): Case => [
      `beside ${name}`,
      `start,A,${name}\n${rowsOf(['00:00,0,5', '00:30,0,6', '01:00,1,2'])}`,
      half,
      `Line 2: "0" and, under ${name}, "5" may be one number`,
    ],
  ),
  [
    'but words and empty cells are none',
    `start,A,Notes\n${rowsOf(['00:00,1,', '00:30,2,checked 3'])}`,
    half,
    two,
  ],
  ...[';', '\t'].map(
    (delimiter): Case => [
      `nor is anything between ${JSON.stringify(delimiter)}`,
      `start,A,Notes,\n${rowsOf(['00:00,1,5,6', '00:30,2,6,7'])}`.replaceAll(',', delimiter),
      half,
      two,
    ],
  ),
  [
    'nor where the sign is a point',
    `start,A,Notes\n${rowsOf(['00:00,1,5', '00:30,2,6'])}`,
    { ...half, decimal: '.' },
    two,
  ],
  [
    'but where it is said to be a comma',
    `start,A,Notes\n${rowsOf(['00:00,0,5', '00:30,0,6'])}`,
    { ...half, decimal: ',' },
    'if they are two, set decimal to "."',
  ],
  [
    'nor in JSON',
    JSON.stringify([
      { start: `${day} 00:00`, A: 1, Notes: 5 },
      { start: `${day} 00:30`, A: 2, Notes: 6 },
    ]),
    half,
    two,
  ],
  ...['0,0', '192,192', '0,1'].map((codes): Case => {
    const [first, second] = codes.split(',')
    const file = `start,A,status\n${rowsOf([`00:00,1,${first}`, `00:30,2,${second}`])}`
    return [`nor is a status of ${codes}`, file, half, two]
  }),
  [
    'nor is a day of the week',
    `start,A,Day of week\n${rowsOf(['00:00,1,5', '00:30,2,6'])}`,
    half,
    two,
  ],
  [
    'nor is a sum beside a state, of hass',
    'statistic_id\tunit\tstart\tsum\tstate\n' +
      [13, 14, 15].map((at) => `sensor:a\tWh\t15.01.2024 ${at}:00\t${at}\t${at * 7}\n`).join(''),
    { ...profileNamed('hass'), zone: 'UTC', meters: { 'sensor:a': 'M' } },
    ['01-15T14:00 1000', '01-15T15:00 1000'],
  ],
  ['nor is an empty column', `start,A,\n${rowsOf(['00:00,1,', '00:30,2,'])}`, half, two],
]

describe('a decimal comma without quotes', () => cases(commas))

const wh = (sign: string, stamp: string, delimiter: string) =>
  `Datum${delimiter}Verbrauch (Wh)\n` +
  ['12', '13', '14']
    .map((date) => `${stamp.replace('15', date)}${delimiter}${date}${sign}345\n`)
    .join('')

describe('groups of three digits and nothing else', () => {
  test.each<[what: string, file: string]>([
    ['a point between semicolons, beside 15.01.2024', wh('.', '15.01.2024', ';')],
    ['a comma between tabs', wh(',', '15.01.2024', '\t')],
  ])('%s are a fraction or thousands', (_, file) => {
    const profile: Profile = { layout: 'wide', meter: 'M' }
    expect(() => read(file, profile)).toThrow('or as thousands: set decimal, to')
    const sign = file.includes(',') ? ',' : '.'
    const sums = (['.', ','] as const).map((decimal) => {
      const thousands = decimal === sign ? '' : sign
      return read(file, { ...profile, decimal, thousands }).readings[0]?.energyMwh
    })
    expect(sums.toSorted()).toEqual([12_345_000n, 12_345n].toSorted())
  })

  test('are a fraction where the date is of no such country', () => {
    const file = wh('.', '2024-01-15', ';')
    expect(read(file, { layout: 'wide', meter: 'M' }).readings[0]?.energyMwh).toBe(12_345n)
  })
})

describe('the zone that a file names', () => {
  const named = (name: string) => `${name};A\n${rowsOf(['00:00;1', '00:30;2'])}`
  test.each(['Zeit (CET)', 'Timestamp (EST)', 'start_cet', 'Zeit [MEZ]', 'Time (AEST)'])(
    '%s is none by itself',
    (name) => {
      expect(() => read(named(name), half)).toThrow('which is not a zone name: set zone')
      const { readings } = read(named(name), { ...half, zone: 'Etc/GMT-1' })
      expect(readings[0]?.startMs).toBe(Date.UTC(2024, 0, 14, 23))
    },
  )
  test.each(['timestamp_America/New_York', 'Time Bucket (America/New_York)'])('%s', (name) => {
    const { readings, understood } = read(named(name), half)
    expect(understood.zone).toBe('America/New_York')
    expect(readings[0]?.startMs).toBe(Date.UTC(2024, 0, 15, 5))
  })
  test.each(['Date/Time', 'Datum/Zeit', 'latest', 'Time (best)', 'Date (DMY)'])(
    '%s: none',
    (name) => {
      expect(read(named(name), half).understood.zone).toBe('UTC')
    },
  )

  test('in a column of a tidy file', () => {
    const file = (zone: string) =>
      `meter,start,zone,kWh\nM,2024-01-15 00:00,${zone},1\nM,2024-01-15 00:30,${zone},2\n`
    for (const zone of ['Europe/Berlin', 'CET', '+01:00']) {
      expect(() => read(file(zone), {})).toThrow('zone')
    }
    expect(read(file('SE3'), {}).readings).toHaveLength(2)
    expect(read(file('Europe/Berlin'), { zone: 'Europe/Berlin' }).readings).toHaveLength(2)
  })

  test.each(['timestamp,timestamp_utc', 'timestamp_utc,timestamp', 'local time,time (UTC)'])(
    '%s: UTC is read',
    (names) => {
      const isFirst = names.startsWith('timestamp_utc')
      const rows = ['00', '01'].map((hour) => {
        const [local, utc] = [`2024-07-15 ${hour}:00`, `2024-07-14 ${hour === '00' ? 22 : 23}:00`]
        return `${(isFirst ? [utc, local] : [local, utc]).join(',')},1\n`
      })
      const { readings, refusals } = read(`${names},A\n${rows.join('')}`, half)
      expect(refusals).toEqual([])
      expect(readings.map(({ startMs }) => startMs)).toEqual([
        Date.UTC(2024, 6, 14, 22),
        Date.UTC(2024, 6, 14, 23),
      ])
    },
  )
})

const quarters = ['00', '01'].flatMap((hour) => {
  return [`${hour}:00,1,5`, ...['15', '30', '45'].map((minute) => `${hour}:${minute},1,`)]
})

const others: readonly Case[] = [
  [
    'two columns of one meter',
    `start,A (kWh),A (kW)\n${rowsOf(['00:00,1,2', '00:30,1,2'])}`,
    { layout: 'wide' },
    'Columns A (kWh) and A (kW) are both of the meter A',
  ],
  [
    'two values an hour apart in rows of a quarter',
    `start,A (kW),B (kW)\n${rowsOf(quarters)}`,
    { layout: 'wide' },
    'Column B (kW) has a value every 3600 s',
  ],
  [
    'a date with times from and to',
    'Datum;Zeit von;Zeit bis;Verbrauch [kWh]\n15.01.2024;00:00;00:30;1\n15.01.2024;00:30;01:00;2\n',
    { meter: 'M' },
    two,
  ],
  [
    'a date with von and bis',
    'Datum;von;bis;Verbrauch [kWh]\n15.01.2024;00:00;00:30;1\n15.01.2024;00:30;01:00;2\n',
    { meter: 'M' },
    two,
  ],
  [
    'a date with a start time and an end time',
    'Date,Start Time,End Time,Usage (kWh)\n1/15/2024,00:00,00:30,1\n1/15/2024,00:30,01:00,2\n',
    { meter: 'M' },
    two,
  ],
]

describe('columns that belong together', () => {
  cases(others)
  test('two values with one missing between them are no longer step', () => {
    const file = `start,A,B\n${rowsOf(['00:00,1,5', '00:30,1,', '01:00,1,5'])}`
    expect(read(file, half).readings).toHaveLength(5)
  })
})

describe('a row that says its value is none', () => {
  const file = (name: string, word: string) =>
    `meter,start,kWh,${name}\nM,2024-01-15 00:00,1,ok\nM,2024-01-15 00:30,0,${word}\n`
  test.each([
    ['Status', 'missing'],
    ['Data status', 'ERROR'],
    ['Flag', 'Ungültig'],
    ['state', 'no data'],
  ])('by %s: %s', (name, word) => {
    const { readings, refusals } = read(file(name, word), {})
    expect(readings).toHaveLength(1)
    expect(refusals).toMatchObject([{ line: 3, value: word }])
    expect(refusals[0]?.detail).toContain('set quality')
  })
  test.each(['ok', 'measured', '0', ''])('but not by %s', (word) => {
    expect(read(file('Status', word), {}).readings).toHaveLength(2)
  })
})

const written: readonly Case[] = [
  ...[`12'345`, '12\u00a0345', '12\u202f345', '12\u2019345', '12 345'].map(
    (text): Case => [
      `${text} Wh`,
      `start;A (Wh)\n${rowsOf([`00:00;${text}`, '00:30;2000'])}`,
      { layout: 'wide' },
      ['01-15T00:00 12345000', '01-15T00:30 2000000'],
    ],
  ),
  ...['a.m.', 'a. m.', 'AM', 'am'].map(
    (half_): Case => [
      `12:00 ${half_}`,
      `start,A\n1/15/2024 12:00 ${half_},1\n1/15/2024 12:30 ${half_},2\n`,
      half,
      two,
    ],
  ),
  [
    'kW as the name of a value',
    `meter,start,kW\nM,2024-01-15 00:00,2\nM,2024-01-15 00:30,4\n`,
    {},
    two,
  ],
  ...['kWh,kW', 'kWh,kVA,kW', 'kW,kWh', 'kW,kVA,kWh'].map((names): Case => {
    const at = names.split(',').indexOf('kWh')
    const values = (kwh: number) => names.split(',').map((_, index) => (index === at ? kwh : 7))
    const rows = rowsOf([`00:00,${values(1)}`, `00:30,${values(2)}`])
    return [`kW is no value beside it: ${names}`, `Time,${names}\n${rows}`, { meter: 'M' }, two]
  }),
  [
    'nor is it with a column of meters',
    `meter,start,kWh,kW\nM,2024-01-15 00:00,1,7\nM,2024-01-15 00:30,2,7\n`,
    {},
    two,
  ],
  [
    'a row of units that begins with UTC',
    `start,A\n[UTC],[kWh]\n${rowsOf(['00:00,1', '00:30,2'])}`,
    { layout: 'wide' },
    two,
  ],
]

describe('ways of writing', () => cases(written))
