import { describe, expect, test } from 'vitest'
import { quality as qualities } from '../../../schemas/reading/reading.ts'
import { itemsOfOutcome } from '../body/rowsOfProfile.ts'
import { profileOfTexts } from './profileOfTexts.ts'
import { half, read } from './testing/cases.ts'

const words = { 'quality.error': 'estimated', 'quality.OK': 'measured' }
const wide = (names: string, first: string, second: string) =>
  `Time,${names}\n2024-01-15 00:00,${first}\n2024-01-15 00:30,${second}\n`

describe('words that the profile maps', () => {
  test.each(['Quality', 'Status'])('say the quality of the series before %s', (name) => {
    const profile = profileOfTexts({ ...words, unit: 'kWh', layout: 'wide' })
    const { readings, refusals } = read(wide(`A,${name},B`, '1,OK,2', '3,error,4'), profile)
    expect(refusals).toEqual([])
    expect(readings.map(({ column, quality }) => [column, quality])).toEqual([
      ['A', qualities.measured],
      ['B', qualities.measured],
      ['A', qualities.estimated],
      ['B', qualities.measured],
    ])
  })
  test('in a column of any name that is said', () => {
    const said = { 'columns.quality': 'Remark', 'columns.start': 'Time' }
    const profile = profileOfTexts({ ...words, ...said, unit: 'kWh', layout: 'wide' })
    const { readings } = read(wide('A,Remark,B', '1,OK,2', '3,error,4'), profile)
    expect(readings.map(({ quality }) => quality)).toEqual(
      ['measured', 'measured', 'estimated', 'measured'].map(
        (word) => qualities[word as 'measured'],
      ),
    )
  })
  test('in rows, too, without anything else', () => {
    const file = 'meter,start,kWh,Status\nM,2024-01-15 00:00,1,OK\nM,2024-01-15 00:30,2,error\n'
    const { readings } = read(file, profileOfTexts(words))
    expect(readings.map(({ quality }) => quality)).toEqual([
      qualities.measured,
      qualities.estimated,
    ])
  })
})

describe('a word for no value counts', () => {
  const refused = (file: string) => read(file, half).refusals.map(({ column }) => column)
  test('for the series before its column', () => {
    expect(refused(wide('A,Quality,B', '1,OK,2', '3,error,4'))).toEqual(['A'])
    expect(refused(wide('A,Quality,B,Data quality', '1,OK,2,OK', '3,OK,4,error'))).toEqual(['B'])
  })
  test('for all of a row where its column is before or behind all series', () => {
    const file = (names: string, cells: string) => `Time,${names}\n2024-01-15 00:00,${cells}\n`
    expect(read(file('Quality,A,B', 'error,3,4'), { ...half, step: 1800 }).refusals).toHaveLength(2)
    expect(read(file('A,B,Quality', '3,4,error'), { ...half, step: 1800 }).refusals).toHaveLength(2)
  })
  test.each([
    ...[
      'Statut',
      'État',
      'Stato',
      'Estado',
      'Zustand',
      'Flags',
      'Qualität',
      'Qualité',
      'Kwaliteit',
    ],
    ...['Calidad', 'Gültigkeit', 'QC', 'Status code', 'Validità'],
  ])('in a column called %s', (name) => {
    expect(refused(wide(`A,${name}`, '1,ok', '0,missing'))).toEqual(['A'])
  })
  test.each([
    ...['Lücke', 'kein Wert', 'Störung', 'no value', 'gap', 'Data missing', 'unavailable', 'bad'],
    ...['sin datos', 'non disponible', 'em falta', 'guasto', 'brak danych', 'niet beschikbaar'],
  ])('as %s', (word) => {
    expect(refused(wide('A,Status', '1,ok', `0,${word}`))).toEqual(['A'])
  })
  test.each([
    ...['ok', 'valid', 'good', '0', '1', 'A', 'no remarks', 'not estimated', 'no error'],
    ...['bad weather', 'gap filled', 'fehlerfrei', 'sans défaut'],
  ])('and %s is none', (word) => {
    expect(refused(wide('A,Status', '1,ok', `2,${word}`))).toEqual([])
  })
  test('and is kept with the cell', () => {
    const items = [...itemsOfOutcome(read(wide('A,Quality,B', '1,OK,2', '3,error,4'), half))]
    const kept = items.flatMap((item) => ('readAs' in item ? item.readAs : []))
    expect(kept).toContainEqual(
      expect.objectContaining({ kind: 'cell', header: ['Time', 'A', 'Quality'] }),
    )
  })
})
