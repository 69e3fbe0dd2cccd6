import { describe, expect, test } from 'vitest'
import { InvalidArgumentError } from '../../../schemas/errors/wattproofError.ts'
import { readTable } from './readTable.ts'
import type { TableProfile } from './table.ts'
import { readAll } from './testing/readAll.ts'

describe('what is detected', () => {
  test.each([
    ['comma', 'start,A\n2024-01-01T00:00Z,1\n', ',', 1],
    [
      'semicolon and decimal comma',
      'Date;kWh\n01/02/2024 00:00;4,03\n01/02/2024 00:30;2,01',
      ';',
      1,
    ],
    ['tab', 'start\tA\n2024-01-01\t1,5\n', '\t', 1],
    ['bar', 'start|A\n2024-01-01|1\n', '|', 1],
    ['a comma in the header only', 'Date;Valeur, kWh\n01/02/2024;4,03\n', ';', 1],
    ['series called by numbers', 'start,1001,1002\n2024-01-01 00:00,1.5,2\n', ',', 1],
    ['numbers called by numbers', 'id,1,2,3\n7,0.1,0.2,1\n8,0.1,4,2\n', ',', 1],
    ['times as names', 'Date,00:30,01:00\n1-Jan-2024,0.1,0.2\n', ',', 1],
    ['no header', '2013-08-01 00:00,4.2\n2013-08-01 00:15,4.1\n', ',', null],
    [
      'a preamble',
      'Name,J. Doe\nMeter,12\n\nDate,Start,End,Use,Unit\n1/1/2024,00:00,00:14,0.1,kWh',
      ',',
      4,
    ],
    [
      'a preamble of the same width',
      'Name,J. Doe\nStreet,Main\nDate,kWh\n1/1/2024,0.1\n2/1/2024,3',
      ',',
      3,
    ],
    [
      'a preamble with a table of its own',
      'PRM;Du;Au\n123;01/01/2024;02/01/2024\nHorodate;Valeur\n' +
        '2024-01-01T00:30:00+01:00;340\n2024-01-01T01:00:00+01:00;250\n2024-01-01T01:30:00+01:00;9',
      ';',
      3,
    ],
    [
      'a bad first row',
      'meter,start,duration_s,energy_wh\nA,soon,1800,1\nA,2024-01-01,1800,1',
      ',',
      1,
    ],
    ['units below the header', 'start,A,B\n,kWh,kWh\n2024-01-01,1,2\n', ',', 1],
    ['what the file says', 'sep=;\nstart;A\n2024-01-01;1\n', ';', 2],
    ['dates alone', 'day\n2024-01-01\n2024-12-25\n', null, 1],
  ] as const)('%s', (_, text, delimiter, headerLine) => {
    const read = readTable(Buffer.from(text), {})
    expect({ delimiter: read.delimiter, headerLine: read.headerLine }).toEqual({
      delimiter,
      headerLine,
    })
    expect(read.evidence.map(({ field }) => field)).toEqual(['encoding', 'delimiter', 'headerRow'])
  })

  test('a line of units is no row, and what is above the header is kept', () => {
    const read = readAll('Meter,12\nstart,A\n,kWh\n2024-01-01,1\n2024-01-02,1')
    expect(read.rows).toEqual([
      ['2024-01-01', '1'],
      ['2024-01-02', '1'],
    ])
    expect(read.table.preamble.map(({ cells }) => cells)).toEqual([
      ['Meter', '12'],
      ['', 'kWh'],
    ])
  })
})

describe('lines', () => {
  test.each([
    ['LF', '\n'],
    ['CR LF', '\r\n'],
    ['CR', '\r'],
    ['CR CR LF', '\r\r\n'],
  ])('%s: counted from 1, header and blank lines too', (_, end) => {
    const text = ['start,A', '', '2024-01-01,1', ',', '2024-01-02,"2', '2"', 'x,3', ''].join(end)
    const read = readAll(text)
    expect(read.lines).toEqual([3, 5, 7])
    expect(read.rows[1]).toEqual(['2024-01-02', `2${end}2`])
  })

  test('a row keeps its own bytes', () => {
    const { table } = readAll('start,A\r\n2024-01-01,"1,5"\r\n')
    const [row] = [...table.rows()]
    expect(Buffer.from(row!.original).toString()).toBe('2024-01-01,"1,5"')
  })
})

describe('one bad row costs no other', () => {
  test.each([
    [
      'too many cells',
      '2024-01-02,1,5',
      '3 cells under 2 names. Quote a cell that contains a comma.',
    ],
    ['too few cells', '2024-01-02', '1 cell under 2 names. Is the row cut?'],
    ['an open quote', '2024-01-02,"1', /not closed/],
    ['a quote within a cell', '2024-01-02,"1"5', /not closed/],
    ['a NUL byte', '2024-01-02,1\0', /NUL byte/],
    ['no UTF-8', '2024-01-02,\xe9\xe9', /not valid utf-8/],
    ['a long line', `2024-01-02,${'1'.repeat(2 << 20)}`, /limit is 1048576/],
  ])('%s', (_, line, detail) => {
    const bytes = Buffer.concat([
      Buffer.from('start,Zähler Köln\n2024-01-01,"1"\n'),
      Buffer.from(line, 'latin1'),
      Buffer.from('\n2024-01-03,3\n"2024-01-04","ü"\n'),
    ])
    const read = readAll(bytes)
    expect(read.lines).toEqual([2, 4, 5])
    expect(read.refused).toEqual([{ line: 3, detail: expect.stringMatching(detail) }])
  })
})

describe('refused as a whole, with a sentence', () => {
  test.each<[string, string | Buffer, TableProfile, RegExp]>([
    ['empty', '', {}, /^The file is empty\.$/],
    ['blank', ' \n\r\n', {}, /nothing but blank lines/],
    ['only a byte order mark', '\uFEFF', {}, /nothing but blank lines|is empty/],
    ['only a header', 'start,A\n', {}, /only a header, on line 1 \(start, A\)/],
    ['a preamble alone', 'Dear customer\nThank you.\n', {}, /No table .* "Dear customer"/],
    ['binary', Buffer.from(Array.from({ length: 999 }, (_, at) => at % 31)), {}, /binary/],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0]), {}, /packed by gzip/],
    ['a long line alone', 'x'.repeat(10 << 20), {}, /longer than/],
    [
      'another delimiter',
      'a;b\n2024-01-01;1,5\n',
      { delimiter: ',' },
      /set to comma, but that of line 2 is semicolon/,
    ],
    ['no delimiter', 'a,b\n2024-01-01,1\n', { delimiter: '::' }, /one ASCII character/],
    [
      'two delimiters',
      'k,l\na;1,2\nb;1,2\n',
      {},
      /"a", "1,2"\] by semi.*"a;1", "2"\] by comma|comma.*semi/,
    ],
    ['a row or names', 'oops,1,2\n2024-01-01,1.5,2\n2024-01-02,1.5,2', {}, /line 1 \(oops, 1, 2\)/],
    [
      'no workbook',
      'start,A\n2024-01-01,1\n',
      { format: 'xlsx' },
      /set to xlsx, but the file is not a zip/,
    ],
    ['no CSV', Buffer.from('PK\x03\x04'), { format: 'csv' }, /set to csv, but the file is a zip/],
    ['a cut workbook', Buffer.from('PK\x03\x04'), {}, /cannot be unpacked/],
    ['a web page', '<!DOCTYPE html><html></html>', {}, /a web page/],
    [
      'encodings of the Mac',
      Buffer.from('D\x8ebut;A\r1/2/2024;4\r', 'latin1'),
      {},
      /"Début;A" in mac/,
    ],
    ['no such line', 'start,A\n2024-01-01,1\n', { headerRow: 9 }, /no line 9/],
    [
      'an unknown encoding',
      'start,A\n2024-01-01,1\n',
      { encoding: 'ebcdic' },
      /ebcdic is not known/,
    ],
    [
      'another encoding',
      '\uFEFFstart,A\n2024-01-01,1\n',
      { encoding: 'latin1' },
      /byte order mark of utf-8/,
    ],
    [
      'two encodings',
      Buffer.from('m\xb3,\xb1\n2024,1\n', 'latin1'),
      {},
      /"m³,±" in .* and "mł,±" in/,
    ],
  ])('%s', (_, file, profile, sentence) => {
    const read = () => readTable(Buffer.from(file as string), profile)
    expect(read).toThrow(InvalidArgumentError)
    expect(read).toThrow(sentence)
  })
})

test('a row or names: what was said', () => {
  const text = 'oops,1,2\n2024-01-01,1.5,2\n2024-01-02,1.5,2'
  expect(readAll(text, { headerRow: 0 }).rows[0]).toEqual(['oops', '1', '2'])
  expect(readAll(text, { headerRow: 1 }).table.header).toEqual(['oops', '1', '2'])
})

test('blank lines where the header was said to be are passed over', () => {
  const text = 'Data of 2013\n\n\nstart,A\n2024-01-01,1\n2024-01-02,2\n'
  const { table, rows } = readAll(text, { headerRow: 2 })
  expect([table.headerLine, table.header]).toEqual([4, ['start', 'A']])
  expect(rows).toHaveLength(2)
  // Nothing there looks like a header.
  expect(() => readAll('start,A\n\n2024-01-01,1\n', { headerRow: 2 })).toThrow(/is blank/)
})

test('the header of a joined file is no row, and ="0123" is text', () => {
  const text = 'meter,start\n="0123",2024-01-01\nmeter,start\n"=""0456""",2024-01-02\n'
  const read = readAll(text)
  expect(read.rows).toEqual([
    ['0123', '2024-01-01'],
    ['0456', '2024-01-02'],
  ])
  expect(read.lines).toEqual([2, 4])
})
