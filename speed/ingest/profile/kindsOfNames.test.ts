import { describe, expect, test } from 'vitest'
import { profileOfTexts } from './profileOfTexts.ts'
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
    const { readings } = read(alone, { ...pinned.profile, step: 3600 })
    expect(readings.map(({ meter }) => meter)).toEqual(['HP'])
  })
})

test('the meters of a column, too', () => {
  const tidy = 'meter,start,kWh\nHall east,2024-01-15 00:00,1\nHall east,2024-01-15 00:30,2\n'
  const { readings } = read(tidy, { meters: { 'Hall east': 'H1' } })
  expect(readings.map(({ meter }) => meter)).toEqual(['H1', 'H1'])
})
