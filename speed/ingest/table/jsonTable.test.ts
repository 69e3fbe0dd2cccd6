import { expect, test } from 'vitest'
import { readAll } from './testing/readAll.ts'

test('an array: a column for each name that any element has', () => {
  const read = readAll(
    '[{"start":"2024-01-01","kwh":1.50},\n {"start":"2024-01-02","q":{"a":1e-7},"kwh":null}]',
  )
  expect(read.table).toMatchObject({ format: 'json', header: ['start', 'kwh', 'q.a'] })
  expect(read.rows).toEqual([
    ['2024-01-01', '1.5', ''],
    ['2024-01-02', '', '0.0000001'],
  ])
  expect(read.lines).toEqual([1, 2])
  expect(read.originals[0]).toBe('{"start":"2024-01-01","kwh":1.50}')
})

test.each([
  ['in UTF-16', Buffer.from('\uFEFF[{"m":"é","v":1}]', 'utf16le')],
  ['with a byte order mark', '\uFEFF[{"m":"é","v":1}]'],
])('an array %s', (_, file) => {
  expect(readAll(file).rows).toEqual([['é', '1']])
})

test('rows of values have numbered columns', () => {
  const read = readAll('[["2024-01-01",1],["2024-01-02",2]]')
  expect(read.table.header).toEqual(['column 1', 'column 2'])
  expect(read.rows).toEqual([
    ['2024-01-01', '1'],
    ['2024-01-02', '2'],
  ])
})

test('a list within an object, and what stands beside it', () => {
  const read = readAll(
    '{"resource":"electricity","values":{"list":[{"t":"2024-01-01","v":1}]},\n"next":null}',
  )
  expect(read.table.evidence[1]!.why).toContain('values.list')
  expect(read.table.preamble.map(({ cells }) => cells)).toEqual([
    ['resource', 'electricity'],
    ['next', ''],
  ])
  expect(read.rows).toEqual([['2024-01-01', '1']])
})

test('a list of objects that only wrap is no list of rows', () => {
  const nodes = '[{"from":"2024-01-01","consumption":1}]'
  const place = `{"consumption":{"nodes":${nodes}}}`
  const read = readAll(`{"data":{"viewer":{"places":[${place}]}}}`)
  expect(read.table.evidence[1]!.why).toContain('data.viewer.places.0.consumption.nodes')
  expect(read.rows).toEqual([['2024-01-01', '1']])
  expect(() => readAll(`{"places":[${place},${place}]}`)).toThrow(
    'places.0.consumption.nodes with 1 row and places.1.consumption.nodes with 1 row',
  )
})

test('NDJSON: lines of the file, and a bad one costs no other', () => {
  const read = readAll(
    '{"t":"a","v":1}\n\n{"t":"b","v":\n"x\n7\n{"t":"c","v":[1]}\r\n' +
      '{"t":"d","v":12345678901234567890}\n{"t":"e","v":2}',
  )
  expect(read.lines).toEqual([1, 8])
  expect(read.refused).toEqual([
    { line: 3, detail: expect.stringMatching(/^The row is not valid JSON/) },
    { line: 4, detail: expect.stringMatching(/^The row is not valid JSON/) },
    { line: 5, detail: 'The row is not a JSON object. Send each row as {"start": …, "value": …}.' },
    { line: 6, detail: 'v is a list, and a row has one value a name. Send a row each.' },
    { line: 7, detail: 'v has more digits than a JSON number can keep. Send it as text.' },
  ])
})

test('a broken element costs no other', () => {
  const read = readAll('[{"t":"a","v":1}, {"t" "b"}, 3, {"t":"c","v":2}]')
  expect(read.lines).toEqual([1, 4])
  expect(read.refused.map(({ line }) => line)).toEqual([2, 3])
})

test.each([
  ['no end', '[{"a":1},{"a":2}', /array does not end/],
  ['more', '[{"a":1}] x', /follows the end/],
  ['an empty array', '[]', /list is empty/],
  ['no members', '[{}, {}]', /No row of the JSON has members with a value. The first: It has no/],
  ['a list in each row', '[{"a":[1]}]', /The first: a is a list, and a row has one value a name/],
  [
    'an object alone',
    '{"meter":{"id":7},\n"unit":"kWh"}',
    /no list of rows; its members are meter, unit/,
  ],
  ['two lists', '{"a":[{"v":1}],\n"b":[{"v":1},{"v":2}]}', /a with 1 row and b with 2 rows/],
  ['no JSON', '{"a":\n 1', /begins as JSON, but is not/],
  ['a deep one', `{"a":\n${'['.repeat(200_000)}`, /begins as JSON, but is not|no list/],
])('refused as a whole: %s', (_, text, sentence) => {
  expect(() => readAll(text)).toThrow(sentence)
})
