import { describe, expect, test } from 'vitest'
import { readTable } from './readTable.ts'
import { isTableRefusal } from './table.ts'

function read(text: string) {
  const table = readTable(new TextEncoder().encode(text), {})
  const rows = [...table.rows()]
  return {
    header: table.header,
    good: rows.filter((row) => !isTableRefusal(row)).map(({ line }) => line),
    refused: rows.filter(isTableRefusal).map(({ line }) => line),
  }
}

const good = ['01:00', '01:30', '02:00', '02:30'].map((time) => `2024-01-15T${time}Z,1`)

describe('a broken row on top of a table costs itself and no other', () => {
  test.each<[what: string, ...broken: string[]]>([
    ['an open quote', '2024-01-15T00:30Z,"1'],
    ['a NUL byte', '2024-01-15T00:30Z,\0'],
    ['a cell too many', '2024-01-15T00:30Z,0.1,5'],
    ['a cell too few', '2024-01-15T00:30Z'],
    [
      'several, each another',
      '2024-01-15T00:00Z',
      '2024-01-15T00:15Z,"1',
      '2024-01-15T00:30Z,1,2',
      '\0,\0',
    ],
  ])('%s', (_, ...broken) => {
    const named = read(`${['start,A', ...broken, ...good].join('\n')}\n`)
    expect(named.header).toEqual(['start', 'A'])
    expect(named.refused).toEqual(broken.map((_each, at) => at + 2))
    expect(named.good).toHaveLength(4)
    const units = read(`${['start,A', ',kWh', ...broken, ...good].join('\n')}\n`)
    expect([units.refused.length, units.good.length]).toEqual([broken.length, 4])
    const unnamed = read(`${[...broken, ...good].join('\n')}\n`)
    expect([unnamed.refused.length, unnamed.good.length]).toEqual([broken.length, 4])
    const below = read(`${['Account 12', '', 'start,A', ...broken, ...good].join('\n')}\n`)
    expect([below.header, below.refused.length]).toEqual([['start', 'A'], broken.length])
  })

  test('a row that is cut before its stamp', () => {
    const rows = good.map((row, at) => `L${at % 2},${row}`)
    for (const broken of ['L', 'L0', 'L1']) {
      const { header, refused } = read(`METER,START,USAGE\n${broken}\n${rows.join('\n')}\n`)
      expect(header).toEqual(['METER', 'START', 'USAGE'])
      expect(refused).toHaveLength(1)
    }
  })

  test('every row is broken', () => {
    const open = read('start,A\n2024-01-15T00:00Z,"1\n2024-01-15T00:30Z,"2\n')
    expect([open.header, open.refused.length]).toEqual([['start', 'A'], 2])
    const nul = read('start,A\n2024-01-15T00:00Z,\0\n2024-01-15T00:30Z,\0\n')
    expect([nul.header, nul.refused.length]).toEqual([['start', 'A'], 2])
  })
})
