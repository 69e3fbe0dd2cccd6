import { describe, expect, test } from 'vitest'
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

const registers: readonly Case[] = [
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

describe('a register that is not said to be one', () => cases(registers))
