import { zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { InvalidArgumentError } from '../../../schemas/errors/wattproofError.ts'
import { readAll } from './testing/readAll.ts'
import { writeWorkbook } from './testing/writeWorkbook.ts'

const styles =
  '<numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy\\ hh:mm;@"/>' +
  '<numFmt numFmtId="165" formatCode="[h]:mm"/>' +
  '<numFmt numFmtId="166" formatCode="0.0 &quot;kWh today&quot;"/></numFmts>' +
  '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>' +
  `<cellXfs>${[0, 164, 14, 165, 166].map((id) => `<xf numFmtId="${id}"/>`).join('')}</cellXfs>`
const texts = '<si><t>start</t></si><si><r><t>k</t></r><r><t>Wh</t></r><rPh><t>x</t></rPh></si>'
// 2024-01-01 is day 45,292 from 30 December 1899: 2 + 124 × 365 + 30 leap days.
const rows =
  '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2" t="s"><v>1</v></c></row>' +
  '<row r="4"><c r="A4" s="1"><v>45292.020833333336</v></c>' +
  '<c r="C4" s="4"><v>0.30000000000000004</v></c></row>' +
  '<row r="5"><c r="A5" s="1"><v>45292.041666666664</v></c>' +
  '<c r="C5"><f>A1+1</f><v>1E-2</v></c></row>' +
  '<row r="6"><c r="A6" s="1"><v>45292.0625</v></c><c r="C6"><f>A1+1</f></c></row>' +
  '<row r="7"/>' +
  '<row r="8"><c r="A8" s="1"><v>45292.083333333336</v></c><c r="D8"><v>9</v></c></row>' +
  '<row r="9"><c r="A9" s="1"><v>45293</v></c><c r="C9" t="e"><v>#N/A</v></c></row>'

test('dates as their format shows them, answers of formulas, 15 digits of a number', () => {
  const read = readAll(writeWorkbook([{ name: 'Data', rows }], { styles, texts }))
  expect(read.table).toMatchObject({ format: 'xlsx', header: ['start', '', 'kWh'], headerLine: 2 })
  expect(read.rows).toEqual([
    ['2024-01-01 00:30:00', '', '0.3'],
    ['2024-01-01 01:00:00', '', '0.01'],
    ['2024-01-02 00:00:00', '', '#N/A'],
  ])
  expect(read.lines).toEqual([4, 5, 9])
  expect(read.refused).toEqual([
    { line: 6, detail: expect.stringContaining('C6 is a formula without a stored value') },
    { line: 8, detail: expect.stringContaining('4 cells under 3 names') },
  ])
})

test.each([
  [false, '45292', '2024-01-01'],
  [true, '43830', '2024-01-01'],
  [false, '59', '1900-02-28'],
  [false, '61', '1900-03-01'],
])('a date alone; counted from 1904: %s', (is1904, day, date) => {
  const elapsed = '<c s="3"><v>1.0208333333333333</v></c>'
  const cells = `<row r="1"><c s="2"><v>${day}</v></c>${elapsed}<c><v>7</v></c></row>`
  const read = readAll(writeWorkbook([{ name: 'x', rows: cells }], { styles, is1904 }))
  // 1.0208333 days are 24.5 hours.
  expect(read.rows).toEqual([[date, '24:30:00', '7']])
})

describe('sheets', () => {
  const note = {
    name: 'Notes',
    rows: '<row r="1"><c t="inlineStr"><is><t>Dear customer</t></is></c></row>',
  }
  const data = { name: 'Data', rows: '<row r="1"><c s="2"><v>45292</v></c><c><v>7</v></c></row>' }
  const other = { name: 'Other', rows: '<row r="1"><c s="2"><v>45293</v></c><c><v>8</v></c></row>' }

  test('the one with a table is read, a hidden one only when it is said', () => {
    const file = writeWorkbook([note, data, { ...other, state: 'hidden' }], { styles })
    expect(readAll(file).rows).toEqual([['2024-01-01', '7']])
    expect(readAll(file, { sheet: 'Other' }).rows).toEqual([['2024-01-02', '8']])
  })

  test.each([
    [[data, other], {}, /Data from row 1 on and Other from row 1 on. Say which with --sheet/],
    [[note], {}, /No sheet .* Notes/],
    [[data], { sheet: 'Wrong' }, /no sheet Wrong; it has Data/],
  ])('%#: refused', (sheets, profile, sentence) => {
    expect(() => readAll(writeWorkbook(sheets, { styles }), profile)).toThrow(sentence)
  })
})

describe('an archive that is no workbook, or a hostile one', () => {
  const bomb = '<!DOCTYPE s [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
  test.each<[string, Uint8Array, RegExp]>([
    ['a zip', zipSync({ 'a.csv': new Uint8Array(9) }), /zip archive/],
    ['OpenDocument', zipSync({ 'content.xml': new Uint8Array(9) }), /OpenDocument/],
    ['a cut one', writeWorkbook([{ name: 'x', rows }]).slice(0, 700), /cannot be unpacked/],
    [
      'a document type',
      writeWorkbook([{ name: 'x', rows }], {
        more: { 'xl/sharedStrings.xml': `${bomb}<sst>&b;</sst>` },
      }),
      /declares a document type/,
    ],
    [
      'broken XML',
      writeWorkbook([{ name: 'x', rows: '<row><c></row>' }]),
      /cannot be read on line 1/,
    ],
    [
      'too many columns',
      writeWorkbook([{ name: 'x', rows: '<row><c r="ZZZZ1"/></row>' }]),
      /columns; at most/,
    ],
  ])('%s', (_, file, sentence) => {
    expect(() => readAll(file)).toThrow(InvalidArgumentError)
    expect(() => readAll(file)).toThrow(sentence)
  })

  test('what unpacks to more than the limit is not unpacked further', () => {
    const text = `<si><t>${'a'.repeat(2 << 20)}</t></si>`
    const file = writeWorkbook([{ name: 'x', rows }], { texts: text })
    expect(file.length).toBeLessThan(10_000)
    expect(() => readAll(file)).toThrow(/bytes; at most/)
  })
})
