import { describe, expect, test } from 'vitest'
import type { Profile } from './profileShape.ts'
import { type Case, cases, half, newYear, read } from './testing/cases.ts'

const delimiters: readonly Case[] = [
  [
    'tab',
    'start\tA\n2024-02-01T00:00Z\t4,03\n2024-02-01T00:30Z\t2,01\n',
    { ...half, unit: 'kW' },
    ['02-01T00:00 2015000', '02-01T00:30 1005000'],
  ],
  [
    'pipe and point',
    'start|A\n2024-02-01T00:00Z|4.03\n2024-02-01T00:30Z|2.01\n',
    half,
    ['02-01T00:00 4030000', '02-01T00:30 2010000'],
  ],
  [
    'thousands point and decimal comma',
    'start;A\n2024-02-01T00:00Z;1.234,5\n2024-02-01T00:15Z;12,25\n',
    { ...half, unit: 'W' },
    ['02-01T00:00 308625', '02-01T00:15 3062'],
  ],
  [
    'thousands comma and decimal point',
    'start,A\n2024-02-01T00:00Z,"1,234.5"\n2024-02-01T00:15Z,12.25\n',
    half,
    ['02-01T00:00 1234500000', '02-01T00:15 12250000'],
  ],
  [
    'quoted 1,234 alone',
    'start,A\n2024-02-01T00:00Z,"1,234"\n2024-02-01T00:30Z,"2,345"\n',
    half,
    '"1,234" can be read as decimal comma or as thousands: set decimal',
  ],
  [
    'quoted 1,234, said',
    'start,A\n2024-02-01T00:00Z,"1,234"\n2024-02-01T00:30Z,"2,345"\n',
    { ...half, decimal: ',' },
    ['02-01T00:00 1234000', '02-01T00:30 2345000'],
  ],
  [
    'unquoted decimal comma',
    'start,A\n2024-02-01T00:00Z,1,5\n2024-02-01T00:30Z,2,5\n',
    half,
    'wholly refused: ',
  ],
  [
    'day and month are uncertain',
    'start,A\n01/02/2024 00:00,1.5\n01/02/2024 00:30,1.5\n',
    half,
    '"01/02/2024 00:00" can be read as d/M/yyyy H:mm or as M/d/yyyy H:mm: set dateFormat',
  ],
  [
    'a day after the twelfth',
    'start,A\n12/02/2024 23:30,1.5\n13/02/2024 00:00,1.5\n',
    half,
    ['02-12T23:30 1500000', '02-13T00:00 1500000'],
  ],
  [
    'months by name',
    'start,A\n1-Feb-2024 00:00,1.5\n1-Feb-2024 00:30,1.5\n',
    half,
    ['02-01T00:00 1500000', '02-01T00:30 1500000'],
  ],
  [
    'half a day',
    'start,A\n2/13/2024 12:00 AM,1.5\n2/13/2024 12:30 PM,1.5\n2/13/2024 1:00 PM,2\n',
    half,
    ['02-13T00:00 1500000', '02-13T12:30 1500000', '02-13T13:00 2000000'],
  ],
]

describe('delimiter, decimal sign and mean power', () => {
  cases(delimiters)
})

const words: readonly Case[] = [
  [
    'three words',
    newYear('00:00Z,3', '00:30Z,1', '00:00Z,2', '00:00Z,1'),
    half,
    ['01-01T00:00 3000000', '01-01T00:30 1000000', '01-01T00:00 2000000', '01-01T00:00 1000000'],
  ],
  [
    'down to zero',
    'start,A\n2024-01-01T00:00Z,3\n2024-01-01T00:30Z,1\n2024-01-01T00:00Z,0\n',
    half,
    ['01-01T00:00 3000000', '01-01T00:30 1000000', '01-01T00:00 0'],
  ],
  [
    'negative',
    'start,A\n2024-01-01T00:00Z,-0.0000015\n2024-01-01T00:30Z,-1\n',
    half,
    // Half a milliwatt-hour goes to the even neighbour.
    ['01-01T00:00 -2', '01-01T00:30 -1000000'],
  ],
]

describe('two words for one interval', () => {
  cases(words)

  test('the later line counts, the conflict is named, a repeat is none', () => {
    const file = newYear('00:00Z,3', '00:30Z,1', '00:30Z,1', '00:00Z,2')
    const { series, conflicts, repeats } = read(file, half).understood
    expect(series[0]?.sumMwh).toBe(3_000_000n)
    expect(repeats).toBe(1)
    expect(conflicts).toMatchObject([{ lines: [2, 5], energiesMwh: [3_000_000n, 2_000_000n] }])
  })
})

test('the one series of a file may be named by the profile', () => {
  const { readings } = read('2024-01-01T00:00Z,1\n2024-01-01T00:15Z,2\n', {
    unit: 'kWh',
    meter: 'M',
  })
  expect(readings.map(({ meter, line }) => [meter, line])).toEqual([
    ['M', 1],
    ['M', 2],
  ])
})

test('what is fed in is negative, of a meter of its own', () => {
  const rows = ['A,00:00,1,0.25', 'A,00:30,2,'].map((row) => row.replace(',0', ',2024-01-01T0'))
  for (const names of ['Import (kWh),Export (kWh)', 'Consumption (kWh),Generation (kWh)']) {
    const { readings, gaps } = read(`meter,start,${names}\n${rows.join('\n')}\n`, {})
    expect(readings.map(({ meter, energyMwh }) => [meter, energyMwh])).toEqual([
      ['A', 1_000_000n],
      ['A-export', -250_000n],
      ['A', 2_000_000n],
    ])
    expect(gaps).toMatchObject([{ meter: 'A-export', why: 'empty-cell' }])
  }
  const flow =
    'meter,start,kWh,direction\nA,2024-01-01T00:00,1,import\nA,2024-01-01T00:00,3,export\n'
  const { readings } = read(`${flow}A,2024-01-01T00:30,1,import\nA,2024-01-01T00:30,3,export\n`, {})
  expect(readings.map(({ meter, energyMwh }) => [meter, energyMwh]).slice(0, 2)).toEqual([
    ['A', 1_000_000n],
    ['A-export', -3_000_000n],
  ])
})

describe('one bad cell costs no other', () => {
  const wide = (cell: string) =>
    `start,A,B,C\n2024-03-01T00:00Z,${cell},5.5,7\n2024-03-01T00:30Z,1.5,5,7\n`
  test.each([
    ['"1,2"', 2, 'A', '"1,2" is not a number with the decimal sign "."'],
    ['abc', 2, 'A', '"abc" is not a number'],
    ['1.2.3', 2, 'A', '"1.2.3" is not a number'],
    ['0x10', 2, 'A', '"0x10" is not a number'],
    ['$1.20', 2, 'A', '"$1.20" is not a number'],
    ['1.5 kWh', 2, 'A', '"1.5 kWh" is not a number'],
  ])('%s', (cell, line, column, detail) => {
    const { readings, refusals } = read(wide(cell), half)
    expect(readings).toHaveLength(5)
    expect(refusals).toMatchObject([{ line, column, detail: expect.stringContaining(detail) }])
  })

  test('absent cells are silence, not zero', () => {
    const words = ['', 'NA', 'NaN', 'NULL', '-', 'null']
    for (const word of words) {
      const { readings, gaps } = read(wide(word), half)
      expect([readings.length, gaps.length]).toEqual([5, 1])
    }
    expect(read(wide('-99'), { ...half, missing: ['-99'] }).gaps).toHaveLength(1)
    expect(read(wide('NA'), { ...half, missing: ['-99'] }).refusals).toHaveLength(1)
  })

  test('a meter that is no id, a word of quality, a unit', () => {
    const header = 'meter,start,duration_s,value,unit,quality\n'
    const row = (meter: string, unit: string, quality: string) =>
      `${meter},2024-03-01T00:00Z,1800,1,${unit},${quality}\n`
    const file =
      header +
      row('a b', 'kWh', '') +
      row('B', 'therm', '') +
      row('C', 'Wh', 'guess') +
      row('D', 'Wh', 'estimated')
    const { readings, refusals } = read(file, {})
    expect(readings).toMatchObject([{ meter: 'D', energyMwh: 1000n, standing: 'fill', line: 5 }])
    expect(refusals.map(({ line, reason, value }) => [line, reason, value])).toEqual([
      [2, 'bad-meter-id', 'a b'],
      [3, 'unparsable', 'therm'],
      [4, 'unparsable', 'guess'],
    ])
  })

  test('numbers of quality are of whoever wrote them, and refused until they are said', () => {
    const file =
      'meter,start,end,kwh,quality\n' +
      'A,2024-03-01T00:00Z,2024-03-01T00:30Z,1,0\nA,2024-03-01T00:30Z,2024-03-01T01:00Z,1,2\n'
    const { readings, refusals } = read(file, {})
    expect(readings).toEqual([])
    expect(refusals).toMatchObject([
      { line: 2, value: '0' },
      { line: 3, value: '2' },
    ])
    expect(refusals[0]?.detail).toContain('Add it to quality, such as 0=measured')
    const quality: Profile['quality'] = { 0: { quality: 'measured' }, 2: { void: true } }
    expect(read(file, { quality }).readings).toMatchObject([{ quality: 2 }, { isVoid: true }])
  })

  test('words of quality of a profile, and void', () => {
    const file = ['00:00Z,1800,1,S14', '00:30Z,1800,,N', '01:00Z,1800,3,F52'].reduce(
      (rows, row) => `${rows}A,2024-03-01T${row}\n`,
      'meter,start,duration_s,energy_wh,quality\n',
    )
    const quality: Profile['quality'] = {
      S: { quality: 'substituted', standing: 'stated' },
      N: { void: true },
      F: { quality: 'substituted', standing: 'held' },
    }
    const { readings, understood } = read(file, { quality })
    expect(readings.map(({ standing, isVoid }) => [standing, isVoid])).toEqual([
      ['stated', false],
      ['stated', true],
      ['held', false],
    ])
    expect(understood.series[0]?.sumMwh).toBe(4000n)
  })
})
