import { describe, expect, test } from 'vitest'
import type { Profile } from './profileShape.ts'
import { type Case, cases, read } from './testing/cases.ts'

const kWh: Profile = { unit: 'kWh' }
const hours = Array.from({ length: 12 }, (_, at) => `2024-03-05T${String(at).padStart(2, '0')}:00Z`)
/** Two rows an hour, one behind the other. */
const pairs = (first: string, second: string) =>
  hours
    .map((hour, at) => `M,${hour},${at + 1},${first}\nM,${hour},${at + 0.5},${second}\n`)
    .join('')

const twice: readonly Case[] = [
  [
    'by a column that is not read, which is named',
    `meter,start,kwh,obis\n${pairs('1-1:1.8.0', '1-1:2.8.0')}`,
    {},
    'Lines 2 and 3 have one stamp and other values, and so have most rows of M: the column obis',
  ],
  [
    'of a few intervals, by a column that is not read',
    'meter,date,kwh,hour\nM,2024-03-05,1,0\nM,2024-03-05,2,9\nM,2024-03-06,3,0\nM,2024-03-06,4,9\n',
    {},
    'the column hour tells them apart, and no meter by it. Set columns with what it is',
  ],
  [
    'by two words for one direction',
    `meter,start,kwh,flow\n${pairs('Afname Dag', 'Afname Nacht')}`,
    {},
    'the column flow tells them apart, and no meter by it. Set columns',
  ],
  [
    'by nothing',
    `start,A\n${hours.map((hour, at) => `${hour},${at}\n${hour},${at + 1}\n`).join('')}`,
    kWh,
    'Lines 2 and 3 have one stamp and other values',
  ],
]

describe('intervals that are said twice', () => {
  cases(twice)
  test('by a set of rows that comes again below are restated', () => {
    // Twelve would be the two halves of a day.
    const ten = hours.slice(0, 10)
    const set = (add: number, file: string) =>
      ten.map((hour, at) => `M,${hour},${at + add},${file}\n`).join('')
    const { understood } = read(
      `meter,start,kwh\n${set(1, '')}${set(2, '')}`.replace(/,\n/g, '\n'),
      {},
    )
    expect(understood.conflicts).toHaveLength(10)
    // A number of each row tells no series apart.
    const numbered = `meter,start,kwh,row\n${set(1, '#')}${set(2, '#')}`
    let row = 0
    const { conflicts } = read(
      numbered.replaceAll('#', () => `${row++}`),
      {},
    ).understood
    expect(conflicts).toHaveLength(10)
  })
})

const flows = (first: string, second: string, more: Profile = {}): Case => [
  `${first} and ${second}`,
  'meter,start,kwh,direction\n' +
    [0, 1].map((at) => `M,${hours[at]},1,${first}\nM,${hours[at]},3,${second}\n`).join(''),
  more,
  ['03-05T00:00 1000000', '03-05T00:00 -3000000', '03-05T01:00 1000000', '03-05T01:00 -3000000'],
]

describe('which way the energy of a row went', () => {
  cases([
    flows('import', 'export'),
    flows('consumption', 'production'),
    flows('Bezug', 'Einspeisung'),
    flows('Afname Dag', 'Injectie Nacht'),
    flows('Active Import Interval (kW)', 'Active Export Interval (kW)'),
    flows('IN', 'OUT'),
    flows('1', '19'),
    flows('A+', 'A-', { flow: { 'A+': 'import', 'A-': 'export' } }),
  ])
  test('in a word that nobody knows: refused by name', () => {
    const { readings, refusals } = read(`meter,start,kwh,flow\n${pairs('import', 'sideways')}`, {})
    expect(readings).toHaveLength(12)
    expect(refusals).toHaveLength(12)
    expect(refusals[0]).toMatchObject({ line: 3, value: 'sideways', reason: 'unparsable' })
    expect(refusals[0]?.detail).toContain('Add it to flow')
  })
})

const numbers: readonly Case[] = [
  [
    'a point between three digits, beside 987',
    'start;A\n2024-03-13T00:00Z;1.234\n2024-03-13T00:15Z;987\n',
    kWh,
    '"1.234", beside "987", can be read as a fraction or as thousands: set decimal, and thousands.',
  ],
  [
    'a comma between three digits, beside 987',
    'start\tA\n2024-03-13T00:00Z\t1,234\n2024-03-13T00:15Z\t987\n',
    kWh,
    '"1,234", beside "987", can be read as a fraction or as thousands: set decimal, and thousands.',
  ],
  [
    'said to be thousands',
    'start;A\n2024-03-13T00:00Z;1.234\n2024-03-13T00:15Z;987\n',
    { unit: 'Wh', decimal: ',', thousands: '.' },
    ['03-13T00:00 1234000', '03-13T00:15 987000'],
  ],
  [
    'three decimals in all of them',
    'start;A\n2024-03-13T00:00Z;1.234\n2024-03-13T00:15Z;0.987\n',
    { unit: 'Wh' },
    ['03-13T00:00 1234', '03-13T00:15 987'],
  ],
]

describe('numbers with one sign between three digits', () => cases(numbers))

describe('exports of two meters in one file', () => {
  const part = (meter: string, value: number) =>
    `Name,X\nMeter Number,${meter}\n\nDate,Start Time,Duration,Consumption (kWh)\n` +
    `3/13/2024,0:00,60,${value}\n3/13/2024,1:00,60,${value}\n`
  test('the rows below the second meter are refused', () => {
    const { readings, refusals } = read(part('0001', 1) + part('0002', 2), {})
    expect(readings.map(({ meter, energyMwh }) => `${meter} ${energyMwh}`)).toEqual([
      ...['0001 1000000', '0001 1000000'],
    ])
    expect(refusals.at(-1)?.detail).toBe(
      'From here on rows are of the meter "0002". Move those of each meter to a file of its own.',
    )
  })
  const table = (above: string, value: number) =>
    `${above}\nstart,end,kwh\n2024-03-05T00:00Z,2024-03-05T01:00Z,${value}\n` +
    `2024-03-05T01:00Z,2024-03-05T02:00Z,${value}\n`
  test.each([
    ['beside its name, in fewer cells', 'Meter Number,0001', 'Meter Number,0002', [5, 7, 8]],
    ['under its name', 'Meter Number\n0001', 'Meter Number\n0002', [6, 7, 9, 10]],
    ['under its name and others', 'MPAN,Name\n0001,Li', 'MPAN,Name\n0002,Xu', [6, 7, 9, 10]],
    ['in as many cells', 'Meter Number,0001,', 'Meter Number,0002,', [5, 7, 8]],
  ])('a second meter %s takes no row of the first', (_, first, second, lines) => {
    const { readings, refusals } = read(table(first, 1) + table(second, 2), {})
    expect(readings.map(({ meter, energyMwh }) => `${meter} ${energyMwh}`)).toEqual([
      ...['0001 1000000', '0001 1000000'],
    ])
    expect(refusals.map(({ line }) => line)).toEqual(lines)
    for (const { detail } of refusals) expect(detail).toContain('of each meter to a file')
  })
  test('two parts of one meter are read', () => {
    const later = part('0001', 2).replaceAll('3/13', '3/14')
    expect(read(part('0001', 1) + later, {}).readings).toHaveLength(4)
  })
})

describe('a sign of thousands that the values show', () => {
  const file = (text: string) => `start;A (Wh)\n2024-01-15 00:00;${text}\n2024-01-15 00:30;12 345\n`
  test('is in the evidence', () => {
    const { understood } = read(file('1 000'), { layout: 'wide' })
    const found = understood.evidence.find(({ field }) => field === 'decimal')
    expect(found?.why).toContain('" " is of thousands')
  })
  test('is none behind a 0', () => {
    expect(read(file('0 123'), { layout: 'wide' }).refusals).toMatchObject([{ value: '0 123' }])
    const alone = file('0 123').replace('12 345', '2')
    expect(read(alone, { layout: 'wide' }).refusals).toMatchObject([{ value: '0 123' }])
  })
})
