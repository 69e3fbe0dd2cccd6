import { expect, test } from 'vitest'
import { readAll } from './testing/readAll.ts'

const half = (from: number) => Array.from({ length: 48 }, (_, at) => String(from + at)).join(',')
const day = (date: string, values: string, end: string) => `300,${date},${values},${end}`
const channel = (suffix: string) => `200,NMI0000001,E1B1,E1,${suffix},N1,METER1,kWh,30,20240301`
const file = (...records: string[]) =>
  ['100,NEM12,202402010000,MDP1,RETAILER', ...records, '900', ''].join('\r\n')

test('a day becomes a row for each interval, in market time', () => {
  const read = readAll(file(channel('E1'), day('20240101', half(1), 'A,,,20240102030405,')))
  expect(read.table).toMatchObject({ format: 'nem12', headerLine: null })
  expect(read.rows).toHaveLength(48)
  const said = '2024-01-02T03:04:05+10:00'
  const rest = ['kWh', 'A', 'NMI0000001', 'import', 'delta', 'E1', said]
  expect(read.rows[0]).toEqual(['2024-01-01T00:00:00+10:00', '1800', '1', ...rest])
  expect(read.rows[47]).toEqual(['2024-01-01T23:30:00+10:00', '1800', '48', ...rest])
  expect(new Set(read.lines)).toEqual(new Set([3]))
})

test('the quality of parts of a day is in the records 400 below it', () => {
  const read = readAll(
    file(
      channel('B1'),
      day('20240101', half(1), 'V,,,,'),
      '400,1,20,F14,76,',
      '400,21,48,A,,',
      channel('E1'),
      day('20240102', half(1), 'S14,,,,'),
    ),
  )
  const qualities = read.rows.map((cells) => cells[4])
  expect(qualities.slice(0, 48)).toEqual([...Array(20).fill('F'), ...Array(28).fill('A')])
  expect(qualities.slice(48)).toEqual(Array(48).fill('S'))
  expect(read.rows.map((cells) => cells[6])).toEqual([
    ...Array(48).fill('export'),
    ...Array(48).fill('import'),
  ])
})

test('a record that cannot be read costs no other', () => {
  const read = readAll(
    file(
      day('20240101', half(1), 'A,,,,'),
      channel('E1'),
      day('20240230', half(1), 'A,,,,'),
      day('20240102', `${half(1)},49`, 'A,,,,'),
      '400,1,2,A,,',
      'junk',
      day('20240103', half(1), 'A,,,,'),
      '200,NMI2,,,E1,,,kWh,17,',
      day('20240104', half(1), 'A,,,,'),
    ),
  )
  expect(new Set(read.rows.map((cells) => cells[0]!.slice(0, 10)))).toEqual(new Set(['2024-01-03']))
  expect(read.refused.map(({ line }) => line)).toEqual([2, 4, 5, 6, 7, 9, 10])
  expect(read.refused[2]!.detail).toBe(
    'A day of 30 min intervals has 48 values and then its quality. Correct it.',
  )
})

test('records without the first one are no other table', () => {
  const records = '200,NCCC123456,E1B1Q1,E1,E1,,METER1,KWH,30,20240401\n300,20240305,0.1\n'
  expect(() => readAll(records)).toThrow(/Line 1 is a record 200 .* without the record 100/)
})

test('NEM13 has no intervals', () => {
  expect(() => readAll('100,NEM13,202402010000,A,B\n250,NMI\n')).toThrow(/NEM13 .* only NEM12/)
})
