import { describe, expect, test } from 'vitest'
import { metersNamed } from './meterNames.ts'
import { profileOfTexts } from './profileOfTexts.ts'
import { readWithProfile } from './readWithProfile.ts'
import { read } from './testing/cases.ts'

const file = (names: string) =>
  `Time Bucket (UTC),${names}\n2024-01-15 00:00,1,2\n2024-01-15 01:00,3,4\n`
const panel = file('Main Panel (kW),Heat Pump (kW)')

describe('series whose names are no meters', () => {
  test('are called by the profile', () => {
    const profile = profileOfTexts({ 'meters.Main Panel': 'HOUSE', 'meters.Heat Pump': 'HP' })
    const { readings, refusals, understood } = read(panel, profile)
    expect(refusals).toEqual([])
    expect(readings.map(({ meter, energyMwh }) => [meter, energyMwh])).toEqual([
      ['HOUSE', 1_000_000n],
      ['HP', 2_000_000n],
      ['HOUSE', 3_000_000n],
      ['HP', 4_000_000n],
    ])
    expect(understood.evidence.filter(({ field }) => field === 'meters')).toMatchObject([
      { value: 'HOUSE', why: 'set for the series Main Panel (kW)' },
      { value: 'HP' },
    ])
  })

  test('by the whole name of the column, and with a dot in it', () => {
    const names = { 'meters.Main Panel (kW)': 'A', 'meters.1-1:1.8.0 net': 'B' }
    const { readings } = read(file('Main Panel (kW),1-1:1.8.0 net (kW)'), profileOfTexts(names))
    expect(new Set(readings.map(({ meter }) => meter))).toEqual(new Set(['A', 'B']))
  })

  test('keep the direction that their names give', () => {
    const profile = profileOfTexts({
      unit: 'kWh',
      'meters.To Grid': 'OUT',
      'meters.From Grid': 'IN',
    })
    const { readings } = read(file('From Grid,To Grid'), profile)
    expect(readings.map(({ meter, energyMwh }) => `${meter} ${energyMwh}`).slice(0, 2)).toEqual([
      'IN 1000000',
      'OUT -2000000',
    ])
  })

  test('are refused with what to set, and so is a name that is not there', () => {
    expect(read(panel, {}).refusals[0]?.detail).toContain('Set meters, such as Main Panel=')
    const wrong = { meters: { 'Main Pannel': 'HOUSE' } }
    expect(() => read(panel, wrong)).toThrow('The column for the meter HOUSE, Main Pannel, is not')
    expect(() => profileOfTexts({ 'meters.A': 'b c' })).toThrow('meters')
    const twice = { meters: { 'Main Panel': 'A', 'Heat Pump': 'A' } }
    expect(() => read(panel, twice)).toThrow('are both of the meter A')
  })

  test('a cell that is read again alone is of the same meter', () => {
    const { pinned } = read(panel, { meters: { 'Main Panel': 'HOUSE', 'Heat Pump': 'HP' } })
    const alone = 'Time Bucket (UTC),Heat Pump (kW)\n2024-01-15 00:00,2\n'
    const { readings } = read(alone, {
      ...{ ...pinned.profile, step: 3600 },
      ...metersNamed(pinned.profile, new Set(['Heat Pump'])),
    })
    expect(readings.map(({ meter }) => meter)).toEqual(['HP'])
  })
})

test('the meters of a column, too', () => {
  const tidy = 'meter,start,kWh\nHall east,2024-01-15 00:00,1\nHall east,2024-01-15 00:30,2\n'
  const { readings } = read(tidy, { meters: { 'Hall east': 'H1' } })
  expect(readings.map(({ meter }) => meter)).toEqual(['H1', 'H1'])
})

describe('a name in meters that the file does not have is refused by name', () => {
  const one = 'start,A (kWh)\n2024-01-15 00:00,1\n2024-01-15 00:30,2\n'
  const tidy = 'meter,start,kWh\nA,2024-01-15 00:00,1\nB,2024-01-15 00:00,2\n'
  const meters = { A: 'M1', Bb: 'M2' }
  test.each([
    ['one series', one, { layout: 'wide' as const, meters }],
    ['one series that is said', one, { layout: 'wide' as const, meter: 'M', meters }],
    ['rows', tidy, { meters, step: 1800 }],
    ['rows of one meter', one.replace('A (kWh)', 'kWh'), { meter: 'A', meters }],
  ])('%s', (_, file_, profile) => {
    expect(() => read(file_, profile)).toThrow('Bb')
  })
  test('but may be in another part of it', () => {
    const { readings } = readWithProfile(
      Buffer.from(tidy),
      { meters, step: 1800 },
      { isPart: true },
    )
    expect(readings.map(({ meter }) => meter)).toEqual(['M1', 'B'])
  })
  test.each([{ A: 'M', B: 'M' }, { A: 'B' }])('rows of two names are not one meter: %o', (two) => {
    expect(() => read(tidy, { meters: two, step: 1800 })).toThrow('Rows of A and of B are both')
  })
})

describe('names that every object has are names of meters', () => {
  const names = ['constructor', 'toString', 'hasOwnProperty']
  test.each(names)('%s', (name) => {
    const meters = { A: 'M1' }
    const rows = `meter,start,kWh\nA,2024-01-15 00:00,1\n${name},2024-01-15 00:00,2\n`
    const tidy = read(rows, { meters, step: 1800 })
    const wide = read(`start,A,${name}\n2024-01-15 00:00,1,2\n`, {
      ...{ layout: 'wide', unit: 'kWh', meters, step: 1800 },
    })
    for (const { readings } of [tidy, wide]) {
      expect(readings.map(({ meter }) => meter)).toEqual(['M1', name])
    }
  })
  test('or of none', () => {
    const file_ = 'meter,start,kWh\nA,2024-01-15 00:00,1\n__proto__,2024-01-15 00:00,1\n'
    const { refusals } = read(file_, { meters: { A: 'M1' }, step: 1800 })
    expect(refusals).toMatchObject([{ value: '__proto__' }])
  })
  test('and no words of quality', () => {
    const file_ = 'meter,start,kWh,quality\nM,2024-01-15 00:00,1,constructor\n'
    expect(read(file_, { step: 1800 }).refusals).toMatchObject([{ value: 'constructor' }])
  })
})
