import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { isoUtc } from '../../../schemas/time.ts'
import { builtInProfiles, profileNamed } from './builtInProfiles.ts'
import { parseProfile } from './parseProfile.ts'
import { profileOfTexts } from './profileOfTexts.ts'
import { type Profile, profileShape } from './profileShape.ts'
import { readWithProfile } from './readWithProfile.ts'

const folder = path.join(import.meta.dirname, '../profiles')

test('the published schema is the shape that is checked', () => {
  const file = path.join(folder, 'profile.schema.json')
  const schema = { ...z.toJSONSchema(profileShape), title: 'How a file of readings is read' }
  expect(JSON.parse(fs.readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(schema)))
})

test('an unknown field and a wrong value are refused by name', () => {
  expect(() => parseProfile({ zone: 'UTC', steps: 1800 })).toThrow(
    "The profile's steps: there is no",
  )
  expect(() => parseProfile({ columns: { strat: 'x' } })).toThrow(
    "The profile's columns.strat: there",
  )
  expect(() => parseProfile({ step: 0.5 })).toThrow("The profile's step: ")
  expect(() => profileOfTexts({ unit: 'furlong' })).toThrow(
    'The profile\'s unit: "furlong" is none of mWh, Wh, kWh, MWh, W, kW, MW.',
  )
  expect(() => profileOfTexts({ thousands: '_' })).toThrow(
    '"_" is none of ".", ",", " ", "\'", "".',
  )
  expect(() => profileOfTexts({ 'flow.x': 'in' })).toThrow(
    'The profile\'s flow.x: "in" is none of import, export.',
  )
  expect(() => profileNamed('octopuss')).toThrow('No profile is called octopuss; there are ')
})

test('every profile is in a file of its name', () => {
  const files = fs.readdirSync(folder).filter((file) => /^(?!.*schema).*\.json$/.test(file))
  expect(files.map((file) => file.replace('.json', '')).sort()).toEqual(
    [...builtInProfiles.keys()].sort(),
  )
})

/** Sum by meter in mWh, first start and readings + refusals + gaps of the samples. */
const samples: readonly (readonly [
  string,
  Profile,
  Readonly<Record<string, bigint>>,
  string,
  number,
])[] = [
  // 0.21 + 0.19 + 0 + 1000.50 in; 0.35 out; the hour from 02:00 is not on the clock.
  ['pge', { meter: 'M' }, { M: 1_000_900_000n, 'M-export': -350_000n }, '2025-03-09T09:30', 8],
  ['green-button-csv', { meter: 'M', zone: 'UTC' }, { M: 950_000n }, '2023-07-04T22:00', 3],
  // 0.2 + 4 x 0.1 + 4 x 0.2 + 0.3: the order says which hour is the first.
  ['sdge', {}, { '05550001': 1_700_000n, '05550001-export': -50_000n }, '2024-11-03T07:45', 20],
  // 0.75, 0.25 and, at 03:00, the hour behind 01:00 with 2: sum is that of the end of its hour.
  ['hass', { zone: 'Europe/Berlin' }, { 'sensor.grid_import': 3_000_000n }, '2024-03-30T23:00', 4],
  ['octopus', { meter: 'M' }, { M: 328_000n }, '2024-10-27T00:30', 3],
  ['n3rgy', { meter: 'M' }, { M: 410_000n }, '2023-04-01T00:00', 4],
  // (4030 + 2010 + 1200) W x 0.5 h.
  ['enedis', {}, { '00000000000001': 3_620_000n }, '2024-01-31T23:00', 4],
  // (4.030 + 2.010 + 0.777) kW x 0.5 h.
  ['enedis-kw', { meter: 'M' }, { M: 3_408_500n }, '2024-01-31T23:00', 3],
  // (0.4 + 0.8 + 0.4 + 1.2) kW x 0.25 h in, 0.2 kW x 0.25 h out.
  [
    'e-redes',
    {},
    { PT0000000000000001AA: 700_000n, 'PT0000000000000001AA-export': -50_000n },
    '2024-03-30T23:30',
    8,
  ],
  // 48 x 0.1 + (0 + … + 47)/1000, and 48 x 0.2; generation 16 x 0.5.
  ['ausgrid-solar', {}, { '1-GC': 15_528_000n, '1-GG': 8_000_000n }, '2012-06-30T14:00', 144],
]

test('formats with one meaning need no profile', () => {
  const read = (file: string) =>
    readWithProfile(fs.readFileSync(path.join(folder, `samples/${file}`)), {}).understood.series
  const sums = [...read('nem12.csv'), ...read('green-button-xml.xml')].map((each) => {
    return [each.meter, each.sumMwh]
  })
  expect(sums).toEqual([
    // 48 x 0.1 + 46 x 0.2: the last two intervals are void; 8 x 0.5 fed in.
    ['NEM1200001-E1', 14_000_000n],
    ['NEM1200001-B1', -4_000_000n],
    // Values of mWh, then of Wh.
    ['UP1-IN', 223_456n],
    ['UP1-OUT', -250_000n],
  ])
})

test('registers at the end of a step need one', () => {
  const { step: _, ...others } = profileNamed('hass')
  const bytes = fs.readFileSync(path.join(folder, 'samples/hass.csv'))
  expect(() => readWithProfile(bytes, { ...others, zone: 'UTC' })).toThrow(
    'The profile\'s register.at: "end" needs step, such as 3600.',
  )
})

test.each(samples)('%s', (name, more, sums, first, cells) => {
  const bytes = fs.readFileSync(path.join(folder, `samples/${name}.csv`))
  const outcome = readWithProfile(bytes, { ...profileNamed(name), ...more })
  const { series } = outcome.understood
  expect(Object.fromEntries(series.map(({ meter, sumMwh }) => [meter, sumMwh]))).toEqual(sums)
  expect(isoUtc(series[0]!.firstMs).slice(0, 16)).toBe(first)
  expect(outcome.refusals).toEqual([])
  expect(outcome.readings.length + outcome.gaps.length).toBe(cells)
  expect(outcome.cells).toBe(cells)
})

describe('days of 48 columns on a clock that changes', () => {
  const labels = Array.from({ length: 48 }, (_, at) => {
    const minutes = ((at + 1) * 30) % 1440
    return `${Math.floor(minutes / 60)}:${minutes % 60 === 0 ? '00' : '30'}`
  })
  const values = labels.map((_, at) => `0.${String(at + 100)}`)
  const head = `Sample\nCustomer,Generator Capacity,Postcode,Consumption Category,date,${labels}`
  const read = (date: string) => {
    const file = `${head},Row Quality\n1,3.78,2076,GC,${date},${values},\n`
    const outcome = readWithProfile(Buffer.from(file), profileNamed('ausgrid-solar'))
    expect(outcome.readings.length + outcome.refusals.length).toBe(48)
    const found = outcome.readings.map(({ startMs, energyMwh }) => {
      return [isoUtc(startMs).slice(5, 16), energyMwh] as const
    })
    return { found: Object.fromEntries(found), refusals: outcome.refusals }
  }

  test('the hour that is skipped is refused, and its neighbours keep their values', () => {
    const { found, refusals } = read('6/10/2024')
    expect(refusals.map(({ column }) => column)).toEqual(['2:30', '3:00'])
    expect(refusals[0]?.detail).toContain('2024-10-06 02:00 is not on the clock')
    // Column 2:00 is 01:30 +10:00, column 3:30 is 03:00 +11:00, column 0:00 ends the day.
    expect(found['10-05T15:30']).toBe(103_000n)
    expect(found['10-05T16:00']).toBe(106_000n)
    expect(found['10-06T12:30']).toBe(147_000n)
  })

  test('the hour that is repeated is refused: one column has the place of two', () => {
    const { found, refusals } = read('7/04/2024')
    expect(refusals.map(({ column }) => column)).toEqual(['2:30', '3:00'])
    expect(refusals[0]?.detail).toContain('2024-04-07 02:00 is twice on the clock')
    expect([found['04-06T14:30'], found['04-06T17:00']]).toEqual([103_000n, 106_000n])
  })
})

test('E-REDES: each value has its own state, and the values of the connection come first', () => {
  const { readings, refusals, understood } = readWithProfile(
    Buffer.from(
      'CPE;PT1\n' +
        'Data;Hora;Consumo medido na IC, Ativa (kW);Estado;' +
        'Injeção na rede medida na IC, Ativa (kW);Estado;' +
        'Consumo registado (kW);Estado;Injeção registada (kW);Estado\n' +
        '2024/07/01;00:15;0,400;Real;0,200;Estimado;9;Real;9;Real\n' +
        '2024/07/01;00:30;0,800;Estimado;0;Real;9;Real;9;Real\n',
    ),
    { ...profileNamed('e-redes'), meter: 'PT1' },
  )
  expect(refusals).toEqual([])
  // Mean kW over a quarter of an hour; quality 2 is measured, 0 estimated.
  expect(readings.map(({ meter, energyMwh, quality }) => [meter, energyMwh, quality])).toEqual([
    ['PT1', 100_000n, 2],
    ['PT1-export', -50_000n, 0],
    ['PT1', 200_000n, 0],
    ['PT1-export', 0n, 2],
  ])
  const [note] = understood.evidence
  expect([note?.field, note?.value]).toEqual(['profile', 'e-redes'])
  expect(note?.why).toContain('Not confirmed')
})
