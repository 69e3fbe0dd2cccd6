import { describe, expect, test } from 'vitest'
import type { Profile } from './profileShape.ts'
import { half, read } from './testing/cases.ts'

const day = '2024-01-15'
const rowsOf = (rows: readonly string[]) => rows.map((row) => `${day} ${row}\n`).join('')

describe('the direction of a series', () => {
  const pair = (left: string, right: string) =>
    read(`start;${left};${right}\n${rowsOf(['00:00;1;2', '00:30;3;4'])}`, half)
  test.each([
    ...[
      ['A+', 'A-'],
      ['Delivered', 'Received'],
      ['Taken', 'Returned'],
      ['Load', 'Feed_in'],
    ],
    ...[
      ['Load', 'FeedIn'],
      ['from_grid', 'to_grid'],
      ['1-1:1.8.0', '1-1:2.8.0'],
      ['Use', 'Sell'],
    ],
    ...[
      ['prelevata', 'immessa'],
      ['pobrana', 'oddana'],
      ['Load', 'Surplus'],
      ['In', 'injection'],
    ],
    ...[
      ['verbruik', 'teruglevering'],
      ['Last', 'PV-Einspeisung'],
      ['Consumo', 'Energía vertida'],
    ],
    ...[
      ['Consumo', 'inyección'],
      ['A', 'Rückspeisung (kWh)'],
      ['Load', 'Energy exported'],
    ],
  ])('%s | %s', (left, right) => {
    const { readings, refusals, understood } = pair(left, right)
    const seen = [...readings.map(({ energyMwh }) => energyMwh), ...refusals.map(() => 0n)]
    expect(seen.filter((each) => each < 0n).length + refusals.length).toBeGreaterThanOrEqual(2)
    expect(understood.evidence.filter(({ field }) => field === 'sign')).toMatchObject([
      { value: 'export', why: `the series is called ${right}` },
    ])
  })

  test.each([
    ...[
      ['energy_received_from_grid (kWh)', 'energy_delivered_to_grid (kWh)'],
      ['Utmatning', 'Inmatning'],
      ['bought-12', 'sold-12'],
      ['Zone A+', 'Zone A-'],
      ['Electricity delivered (kWh)', 'Electricity received (kWh)'],
    ],
    ...[
      ['received', 'supplied to the grid'],
      ['Delivered to customer', 'Received from customer'],
      ['S1 1-1:1.8.0', 'S1 1-1:2.8.0'],
      ['1.29.0', '2.29.0'],
    ],
  ])('%s is taken, and %s fed in', (left, right) => {
    const bare = (name: string) => name.replace(' (kWh)', '')
    const { readings, refusals } = read(
      `start;${left};${right}\n${rowsOf(['00:00;1;2', '00:30;3;4'])}`,
      { layout: 'wide', unit: 'kWh', meters: { [bare(left)]: 'T', [bare(right)]: 'F' } },
    )
    expect(refusals).toEqual([])
    expect(readings.map(({ energyMwh }) => energyMwh / 1_000_000n)).toEqual([1n, -2n, 3n, -4n])
  })

  test.each([
    ...['Flat_2_8_1', 'Flat 2.8.1', 'Zone A-', 'Phase A -', 'Block A-', 'Building E-', 'Utmatning'],
    ...['Electricity received (kWh)', 'Energy sold to customer', 'sold-12', 'surplus.store'],
    ...[
      'returned_goods',
      'Energy received from grid',
      'exported_to_HOME',
      'Sold to household',
      'Feed to Building 3',
    ],
  ])('%s is not turned', (name) => {
    const profile: Profile = { layout: 'wide', unit: 'kWh', meter: 'M' }
    const { readings } = read(`start;${name}\n${rowsOf(['00:00;1', '00:30;2'])}`, profile)
    expect(readings.map(({ energyMwh }) => energyMwh)).toEqual([1_000_000n, 2_000_000n])
  })

  test.each(['Electricity received (kWh)', 'sold-12'])('%s alone is shown', (name) => {
    const profile: Profile = { layout: 'wide', unit: 'kWh', meter: 'M' }
    const { evidence } = read(
      `start;${name}\n${rowsOf(['00:00;1', '00:30;2'])}`,
      profile,
    ).understood
    expect(evidence).toContainEqual(
      expect.objectContaining({ value: 'import', why: expect.stringContaining('set sign') }),
    )
  })

  test('a cell of it that is read again alone is of the same direction', () => {
    const { pinned } = pair('Delivered', 'Received')
    const columns = { ...pinned.profile.columns, ...pinned.columnsAlone('Received') }
    const alone = (value: string) =>
      read(`start;Received\n${day} 00:00;${value}\n`, { ...pinned.profile, columns, step: 1800 })
    expect(alone('2').readings).toMatchObject([{ energyMwh: -2_000_000n }])
    expect(alone('-2').readings).toEqual([])
    expect(pinned.columnsAlone('Delivered')).toEqual({})
  })

  test.each(['A', 'Reception', 'meter 2.80', 'B-2', 'Received less imported', 'A-B'])(
    '%s says none',
    (name) => {
      const { evidence } = pair('Load', name).understood
      expect(evidence.filter(({ field }) => field === 'sign')).toEqual([])
    },
  )
})

describe('a column of directions that is not called so', () => {
  const rows = (...types: readonly string[]) => types.map(typed).join('')
  const file = (name: string, ...types: readonly string[]) =>
    `meter,start,kWh,${name}\n${rows(...types)}`
  test.each([
    ...['Export', 'Einspeisung', '2.8.0', '1-1:2.8.0', 'Injection', 'to grid', 'Generation'],
  ])('says %s of all rows', (word) => {
    for (const name of ['Type', 'OBIS', 'Register', 'Kanal']) {
      expect(() => read(file(name, word, word), {})).toThrow(
        `Column ${name} says "${word}", which is what is fed in`,
      )
    }
  })
  test('says it of one meter', () => {
    const fedIn = rows('Export', 'Export').replaceAll('M,', 'N,')
    const mixed = `${file('Type', 'Import', 'Import')}${fedIn}`
    expect(() => read(mixed, {})).toThrow('Column Type says "Export"')
    const columns = { meter: 'meter', start: 'start', value: 'kWh', flow: 'Type' }
    const { readings } = read(mixed, { columns, unit: 'kWh' })
    expect(readings.map(({ meter, energyMwh }) => [meter, energyMwh > 0n])).toEqual([
      ...[
        ['M', true],
        ['M', true],
      ],
      ...[
        ['N-export', false],
        ['N-export', false],
      ],
    ])
  })
  test('says it in a row a day', () => {
    const days = `meter,date,Type,00:00,06:00,12:00,18:00\nM,${day},Export,1,2,3,4\n`
    expect(() => read(days, { unit: 'kWh' })).toThrow('Column Type says "Export"')
  })
  test('says it of registers, too', () => {
    const profile: Profile = { quantity: 'register' }
    expect(() => read(file('OBIS', '2.8.0', '2.8.0'), profile)).toThrow('Column OBIS says "2.8.0"')
    expect(read(file('OBIS', '1.8.0', '1.8.0'), profile).readings).toHaveLength(1)
  })
  test('unless sign is said', () => {
    const { readings } = read(file('Type', 'Export', 'Export'), { sign: 'export' })
    expect(readings.every(({ energyMwh }) => energyMwh < 0n)).toBe(true)
  })
  test.each([
    ...[
      ['Type', 'Import', 'Import'],
      ['Type', 'Electricity', 'Electricity'],
      ['OBIS', '1.8.0', '1.8.0'],
      ['Status', 'Received', 'Exported'],
      ['Notes', 'export of May', 'read by hand'],
    ],
    ...[
      ['Site', 'Export Road', 'Mill'],
      ['Zone', 'A', 'B'],
      ['Tariff', '', ''],
      ['Read type', 'Actual', 'Net'],
      ['Register', '1', '1'],
      ['Type', 'Received', 'Returned'],
    ],
  ])('but %s: %s, %s is none', (name = '', ...types) => {
    expect(read(file(name, ...types), {}).readings.map(({ energyMwh }) => energyMwh)).toEqual([
      1_000_000n,
      2_000_000n,
    ])
  })
})

function typed(word: string, at: number): string {
  return `M,${day} 0${at}:00,${at + 1},${word}\n`
}

describe('a direction above the header', () => {
  const table = `start;A\n${rowsOf(['00:00;1', '00:30;2'])}`
  const values = (file: string, profile: Profile) =>
    read(file, profile).readings.map(({ energyMwh }) => energyMwh)
  test.each([
    ...['Direction;Export', 'Richtung;Einspeisung', 'OBIS;1-1:2.8.0', 'OBIS-Kennzahl;2.8.0'],
    ...['PRM;Grandeur métier\n1;Production', 'Meter;7;Flow;Injection'],
  ])('%s', (line) => {
    expect(() => read(`${line}\n\n${table}`, half)).toThrow('above the header can be read as')
    expect(values(`${line}\n\n${table}`, { ...half, sign: 'export' })).toEqual([
      ...[-1_000_000n, -2_000_000n],
    ])
    expect(values(`${line}\n\n${table}`, { ...half, sign: 'import' })).toEqual([
      ...[1_000_000n, 2_000_000n],
    ])
  })
  test.each([
    ...['Direction;Import', 'Richtung;Bezug', 'OBIS;1-1:1.8.0', 'Data export;2024-02-01'],
    ...['Title;Export', 'PRM;Grandeur métier\n1;Consommation', 'Direction;Import/Export'],
    ...['Direction;', 'Obis;', 'Report;Direction of exports'],
  ])('but %s is none', (line) => {
    expect(values(`${line}\n\n${table}`, half)).toEqual([1_000_000n, 2_000_000n])
  })
  test('nor one beside a column that says it', () => {
    const named = `Direction;Export\n\nstart;Export\n${rowsOf(['00:00;1', '00:30;2'])}`
    expect(values(named, half)).toEqual([-1_000_000n, -2_000_000n])
  })
})

test.each(['Unit;m³', 'Einheit;kvarh', 'Units;therms', 'Meter;Unit\n7;MJ'])(
  'another unit above the header is refused: %s',
  (line) => {
    const file = `${line}\n\nstart;A\n${rowsOf(['00:00;1', '00:30;2'])}`
    expect(() => read(file, half)).toThrow('The unit is set to kWh, and line')
  },
)
