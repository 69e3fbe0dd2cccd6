import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../../../schemas/errors/wattproofError.ts'
import { readAll } from './testing/readAll.ts'
import { type CsvSpec, writeCsv } from './testing/writeCsv.ts'
import { writeWorkbook } from './testing/writeWorkbook.ts'

const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'iso-8859-15', 'macintosh']

/** What every encoding here has, and what CSV must quote. */
const cell = fc.string({
  unit: fc.constantFrom(...'abcXYZ 019.-+é"";,\t|'.split(''), '\n', '\r\n', '\r'),
  maxLength: 8,
})

const spec = fc.integer({ min: 1, max: 5 }).chain(
  (width): fc.Arbitrary<CsvSpec> =>
    fc.record({
      header: fc
        .array(cell, { minLength: width, maxLength: width })
        .map((names) => ['start', ...names]),
      rows: fc.array(
        fc.array(cell, { minLength: width, maxLength: width }).map((cells) => [stamp, ...cells]),
        { minLength: 1, maxLength: 6 },
      ),
      delimiter: fc.constantFrom(',', ';', '\t', '|'),
      lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
      encoding: fc.constantFrom(...encodings),
      hasMark: fc.boolean(),
      blanks: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 3 }),
      quotesAll: fc.boolean(),
    }),
)
const stamp = '2024-01-01 00:00'

test('what was written is read, on its own lines', () => {
  fc.assert(
    fc.property(spec, (each) => {
      const { bytes, lines } = writeCsv(each)
      const { encoding, delimiter } = each
      const read = readAll(bytes, { encoding, delimiter, headerRow: 1 })
      expect(read.table.header).toEqual(each.header)
      expect(read.rows).toEqual(each.rows)
      expect(read.lines).toEqual(lines)
      expect(read.refused).toEqual([])
    }),
    { numRuns: 100 },
  )
})

/** Where each row has another delimiter in a text, both may give a table (LIMITS). */
function withoutOthers(each: CsvSpec): CsvSpec {
  const others = new RegExp(`[${',;\t|'.replace(each.delimiter, '')}]`, 'g')
  const clean = (cells: readonly string[]) => cells.map((text) => text.replace(others, 'x'))
  return { ...each, header: clean(each.header), rows: each.rows.map(clean) }
}

test('what is detected is right, or a refusal: never another table', () => {
  fc.assert(
    fc.property(spec.map(withoutOthers), (each) => {
      const { bytes } = writeCsv({ ...each, encoding: 'utf-8' })
      let read: ReturnType<typeof readAll>
      try {
        read = readAll(bytes, { headerRow: 1 })
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidArgumentError)
        return
      }
      // Texts around one time are not always enough to tell; rows are then refused by name.
      expect(each.rows).toEqual(expect.arrayContaining(read.rows))
      expect(read.rows.length + read.refused.length).toBeGreaterThan(0)
    }),
    { numRuns: 100 },
  )
})

test('one row as csv-parse reads it', () => {
  fc.assert(
    fc.property(
      fc.array(cell, { minLength: 2, maxLength: 5 }),
      fc.boolean(),
      (cells, quotesAll) => {
        const rows = [[stamp, ...cells]]
        const plain = { delimiter: ',', lineEnd: '\n', encoding: 'utf-8', hasMark: false } as const
        const { bytes } = writeCsv({ ...plain, header: rows[0]!, rows, blanks: [], quotesAll })
        const theirs = parse(Buffer.from(bytes), {
          trim: true,
          record_delimiter: '\n',
        }) as string[][]
        expect(readAll(bytes, { headerRow: 0, delimiter: ',' }).rows).toEqual(theirs)
      },
    ),
  )
})

const half = Array.from({ length: 48 }, (_, at) => String(at)).join(',')
const files: Record<string, Uint8Array> = {
  csv: Buffer.from(
    'Name,"J ""D"""\n\nstart,A,é\n2024-01-01T00:00Z,"1,5",2\n2024-01-01T00:30Z,1,2\n',
  ),
  'utf-16': Buffer.from('\uFEFFstart\tA\r\n2024-01-01\t1,5\r\n2024-01-02\t2,5\r\n', 'utf16le'),
  json: Buffer.from('{"a":1,"list":[{"t":"2024-01-01","v":1.5},{"t":"2024-01-02","v":{"w":2}}]}'),
  ndjson: Buffer.from('{"t":"2024-01-01","v":1.5}\n{"t":"2024-01-02","v":2}\n'),
  nem12: Buffer.from(
    '100,NEM12,202402010000,A,B\n200,N,E1,1,E1,N1,M,kWh,30,\n' +
      `300,20240101,${half},V,,,,\n400,1,48,A,,\n900`,
  ),
  'green button': Buffer.from(
    '<?xml version="1.0"?><feed xmlns:e="x"><entry><e:ReadingType>' +
      '<e:uom>72</e:uom></e:ReadingType>' +
      '</entry><entry><e:IntervalBlock><e:IntervalReading><e:timePeriod><e:start>0</e:start>' +
      '</e:timePeriod><e:value>7</e:value></e:IntervalReading></e:IntervalBlock></entry></feed>',
  ),
  workbook: writeWorkbook([
    { name: 'x', rows: '<row r="1"><c><v>45292</v></c><c><v>1.5</v></c></row>' },
  ]),
}

type Mutation = { readonly at: number; readonly length: number; readonly bytes: Uint8Array }
const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 0, max: 12 }),
  bytes: fc.oneof(
    fc.uint8Array({ maxLength: 4 }),
    fc
      .constantFrom(
        '"',
        '""',
        '\n',
        '\r',
        ',',
        ';',
        '\0',
        '<',
        '&a;',
        '{',
        ']',
        '<!DOCTYPE a>',
        'é',
      )
      .map((text) => Buffer.from(text)),
  ),
})

test.each(Object.keys(files))('a damaged file is read or refused by a sentence: %s', (name) => {
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 6 }), fc.boolean(), (list, isCut) => {
      const damaged = list.reduce(mutate, files[name]!)
      const file = isCut ? damaged.subarray(0, Math.floor(damaged.length * list[0]!.at)) : damaged
      try {
        const { rows, table, refused } = readAll(file)
        for (const cells of rows) expect(cells).toHaveLength(table.header.length)
        for (const { detail } of refused) expect(detail).toMatch(/\S\.?$/)
      } catch (error) {
        if (!(error instanceof InvalidArgumentError)) throw error
        expect(error.message).toMatch(/\.$/)
      }
    }),
    { numRuns: 60 },
  )
})

function mutate(file: Uint8Array, { at, length, bytes }: Mutation): Uint8Array {
  const from = Math.floor(at * file.length)
  return Buffer.concat([file.subarray(0, from), bytes, file.subarray(from + length)])
}
