import { describe, expect, test } from 'vitest'
import type { Profile } from './profileShape.ts'
import { type Case, cases, half, read } from './testing/cases.ts'

const wide = 'start,A\n2024-03-05T00:00Z,1\n2024-03-05T00:30Z,2\n'
const tidy = (name: string, first = 1) =>
  `meter,start,${name}\nM,2024-03-05T00:00Z,${first}\nM,2024-03-05T00:30Z,2\n`
const positive = ['03-05T00:00 1000000', '03-05T00:30 2000000']
const negative = ['03-05T00:00 -1000000', '03-05T00:30 -2000000']

const signs: readonly Case[] = [
  ['said to be export, series are negative', wide, { ...half, sign: 'export' }, negative],
  [
    'said to be export, beside a column of import',
    tidy('Import (kWh)'),
    { sign: 'export' },
    'The sign is set to export, and column Import (kWh) is import.',
  ],
  [
    'a value that is said to be one, whatever its name',
    tidy('Net (import - export) kWh'),
    { columns: { meter: 'meter', start: 'start', value: 'Net (import - export) kWh' } },
    positive,
  ],
  ['an export', tidy('Export (kWh)'), {}, negative],
  [
    'an export that is negative',
    tidy('Export (kWh)', -1).replace(',2\n', ',-2\n'),
    {},
    '2 refused: What is fed in is negative already',
  ],
]

describe('signs', () => cases(signs))

const pair = (names: string) => `start,${names}\n2024-03-05T00:00Z,1,2\n2024-03-05T00:30Z,3,4\n`
const fedIn = ['03-05T00:00 1000000', '03-05T00:00 -2000000', '03-05T00:30 3000000']
const wholly = 'can be read as all that is produced (import, which is positive) or as what of it'

const names: readonly Case[] = [
  ['of Import and Export', pair('Import,Export'), half, [...fedIn, '03-05T00:30 -4000000']],
  ['of a site each', pair('S1_load,S1_export'), half, [...fedIn, '03-05T00:30 -4000000']],
  ['of what is returned', pair('Delivered,Returned'), half, [...fedIn, '03-05T00:30 -4000000']],
  ['of a feed-in', pair('Load,Feed-in'), half, [...fedIn, '03-05T00:30 -4000000']],
  ['by OBIS', pair('1.8.0,2.8.0'), half, [...fedIn, '03-05T00:30 -4000000']],
  ['in German', pair('Bezug,Netzeinspeisung'), half, [...fedIn, '03-05T00:30 -4000000']],
  [
    'against which the sign is said',
    pair('Import,Export'),
    { ...half, sign: 'import' },
    [...fedIn.slice(0, 1), ...fedIn.slice(1).map((each) => each.replace('-2', '2'))].concat(
      '03-05T00:30 4000000',
    ),
  ],
  [
    'of an export that is negative',
    pair('Import,Export').replaceAll(/,(?=[24]\n)/g, ',-'),
    half,
    '2 refused: What is fed in is negative already. Set sign to import.',
  ],
  [
    'of what is produced',
    pair('PV_production,A'),
    half,
    [
      ...[
        '03-05T00:00 1000000',
        '03-05T00:00 2000000',
        '03-05T00:30 3000000',
        '03-05T00:30 4000000',
      ],
    ],
  ],
]

describe('series that a name says the direction of', () => {
  cases(names)
  test('show it', () => {
    const signOf = (header: string) =>
      read(pair(header), half).understood.evidence.filter(({ field }) => field === 'sign')
    expect(signOf('Import,Export')).toMatchObject([{ value: 'export' }])
    expect(signOf('A,Generation')).toMatchObject([{ why: expect.stringContaining('set sign') }])
    expect(signOf('A,B')).toEqual([])
  })
})

const alone: readonly Case[] = [
  ['without a sign', tidy('Production'), { unit: 'kWh' }, wholly],
  ['called generation', tidy('generation_kwh'), {}, wholly],
  ['said to be all of it', tidy('Production (kWh)'), { sign: 'import' }, positive],
  ['said to be what is fed in', tidy('Production (kWh)'), { sign: 'export' }, negative],
  [
    'beside what is taken',
    'meter,start,Consumption kWh,Production kWh\nM,2024-03-05T00:00Z,1,2\n' +
      'M,2024-03-05T00:30Z,3,4\n',
    {},
    [...fedIn, '03-05T00:30 -4000000'],
  ],
]

describe('what is produced, alone', () => cases(alone))

const units: readonly Case[] = [
  [
    'in the name of a series',
    'start,site1_kWh\n2024-03-05T00:00Z,1\n2024-03-05T00:30Z,2\n',
    { layout: 'wide', unit: 'kW' },
    'The unit is set to kW, and column site1_kWh says kWh.',
  ],
  [
    'beside its word above the header',
    `Zaehlpunkt,X\nEinheit,kW\n${wide}`,
    half,
    'The unit is set to kWh, and line 2 says kW.',
  ],
  [
    'under its word above the header',
    'PRM;Unite;Pas\n1;Wh;\nHorodate;Valeur\n2024-03-05T00:00Z;1\n2024-03-05T00:30Z;2\n',
    { columns: { start: 'Horodate', value: 'Valeur' }, meter: 'M', unit: 'W' },
    'The unit is set to W, and line 2 says Wh.',
  ],
]

describe('a unit that contradicts what was said', () => cases(units))

const others: readonly Case[] = [
  [
    'a meter, of several series',
    'start,A,B\n2024-03-05T00:00Z,1,2\n2024-03-05T00:30Z,1,2\n',
    { ...half, meter: 'M' },
    'The meter is set to M, and the series are A, B.',
  ],
  [
    'a key of rows as a meter',
    'id,start,end,kwh\n' +
      [0, 1, 2].map((at) => `${at},2024-03-05T0${at}:00Z,2024-03-05T0${at + 1}:00Z,1\n`).join(''),
    {},
    'Column id has another value in each row, so it names no meter',
  ],
]

describe('what is no meter', () => cases(others))

test('-9999 is refused until somebody says what it is', () => {
  const file = 'start,A\n2024-03-05T00:00Z,1\n2024-03-05T00:30Z,-9999\n'
  expect(read(file, half).refusals).toMatchObject([{ line: 3, value: '-9999' }])
  expect(read(file, { ...half, missing: ['-9999'] }).gaps).toHaveLength(1)
  expect(read(file, { ...half, missing: ['NA'] }).readings).toHaveLength(2)
})

const fromZero = Array.from({ length: 36 }, (_, at) => {
  return `2024-03-0${5 + Math.floor(at / 24)} ${at % 24}:00,${at * 4}\n`
})

/** What a load counts up to, by half hours: 0.07 to 0.43 kWh each, from `first` on. */
const counter = (first: number, count: number, restartsAfter = count) => {
  const rows: string[] = []
  let shown = first
  for (let at = 0; at < count; at++) {
    shown = at > 0 && at % restartsAfter === 0 ? 0 : shown + (7 + ((at * 29) % 37)) / 100
    rows.push(`${halfHour(at)},${shown.toFixed(2)}\n`)
  }
  return `start,A\n${rows.join('')}`
}

const registers: readonly Case[] = [
  [
    'that starts again each day',
    counter(0, 96, 48),
    half,
    'Series A, which falls only 1 time from "0.07" on, can be read as energies of intervals or as',
  ],
  [
    'of which the day ends with the file',
    counter(0, 144, 48),
    half,
    'falls only 2 times from "0.07" on, can be read as energies of intervals or as a register that',
  ],
  ['that was exchanged once', counter(8714, 144, 100), half, 'a register that starts again: set'],
  ['of one day', counter(871, 48), half, 'Series A, which never falls from "871.07" on'],
  [
    'from zero on',
    `start,A\n${fromZero.join('')}`,
    half,
    'Series A, which never falls from "0" on, can be read as energies of intervals or as a',
  ],
  [
    'by its name, of few days',
    'Datum;Zählerstand (kWh)\n13.03.2024;100\n14.03.2024;109\n15.03.2024;118\n16.03.2024;127\n',
    { layout: 'wide', meter: 'M' },
    'Series M, which never falls from "100" on, can be read as energies of intervals',
  ],
  [
    'by its name in ASCII, of few days',
    'Datum;Zaehlerstand (kWh)\n13.03.2024;100\n14.03.2024;109\n15.03.2024;118\n16.03.2024;127\n',
    { layout: 'wide', meter: 'M' },
    'Series M, which never falls from "100" on, can be read as energies of intervals',
  ],
  [
    'a load may rise through a day, and the longest has 25 hours',
    `start,A\n${Array.from({ length: 25 }, (_, at) => {
      return `${new Date(Date.UTC(2024, 10, 3, 7 + at)).toISOString()},${at}\n`
    }).join('')}`,
    { ...half, unit: 'Wh' },
    Array.from({ length: 25 }, (_, at) => {
      const day = 3 + Math.floor((7 + at) / 24)
      return `11-0${day}T${String((7 + at) % 24).padStart(2, '0')}:00 ${at * 1000}`
    }),
  ],
]

describe('a register that is not said to be one', () => {
  cases(registers)
  test('or that may be a load is shown', () => {
    const doubt = expect.objectContaining({ field: 'quantity', value: 'energy' })
    const ofFew = read(counter(871, 6), half)
    expect([ofFew.readings.length, ofFew.understood.evidence.at(-1)]).toEqual([6, doubt])
    // Equal steps are of no load.
    const saw = Array.from({ length: 96 }, (_, at) => `${halfHour(at)},${at % 48}\n`).join('')
    expect(read(`start,A\n${saw}`, { ...half, unit: 'Wh' }).understood.evidence.at(-1)).toEqual(
      doubt,
    )
    const said: Profile = { ...half, quantity: 'energy' }
    expect(read(counter(0, 96, 48), said).understood.evidence).not.toContainEqual(doubt)
  })
  test('of a load nothing is said', () => {
    const load = Array.from({ length: 96 }, (_, at) => {
      return `${halfHour(at)},${(1 + Math.sin(at / 7.6)).toFixed(3)}\n`
    })
    const { evidence } = read(`start,A\n${load.join('')}`, half).understood
    expect(evidence.map(({ field }) => field)).not.toContain('quantity')
  })
  test('said to be one, it costs the interval in which it starts again', () => {
    const { readings, refusals, gaps } = read(counter(0, 96, 48), { ...half, quantity: 'register' })
    expect([readings.length, refusals.length, gaps.length]).toEqual([94, 1, 1])
    expect(refusals[0]?.detail).toContain('register.reset')
  })
})

function halfHour(at: number): string {
  return new Date(Date.UTC(2024, 2, 5) + at * 1_800_000).toISOString()
}
