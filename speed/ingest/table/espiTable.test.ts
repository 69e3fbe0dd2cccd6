import { describe, expect, test } from 'vitest'
import { InvalidArgumentError } from '../../../schemas/errors/wattproofError.ts'
import { readAll } from './testing/readAll.ts'

const base = 'https://utility.example/espi/1_1/resource/UsagePoint/5391320454'
const reading = (start: number | string, value: number | string, more = '') =>
  `<espi:IntervalReading>${more}<espi:timePeriod><espi:duration>900</espi:duration>` +
  `<espi:start>${start}</espi:start></espi:timePeriod><espi:value>${value}</espi:value>` +
  '</espi:IntervalReading>'
const entry = (links: string, content: string) =>
  `<entry>${links}<title>T</title><content>${content}</content>` +
  '<updated>2024-02-01T00:00:00Z</updated></entry>'
const link = (rel: string, path: string) => `<link rel="${rel}" href="${base}${path}"/>`
const readingOf = (id: number) =>
  entry(
    link('self', `/MeterReading/${id}`) +
      link('related', `/MeterReading/${id}/IntervalBlock`) +
      link('related', `/ReadingType/${id}`),
    '<espi:MeterReading/>',
  )
const blockOf = (id: number, readings: string) =>
  entry(
    link('self', `/MeterReading/${id}/IntervalBlock/1`) +
      link('up', `/MeterReading/${id}/IntervalBlock`),
    '<espi:IntervalBlock><espi:interval><espi:start>0</espi:start></espi:interval>' +
      `${readings}</espi:IntervalBlock>`,
  )
const typeOf = (id: number, members: Record<string, number>) =>
  entry(
    link('self', `/ReadingType/${id}`),
    `<espi:ReadingType>${Object.entries(members)
      .map(([name, value]) => `<espi:${name}>${value}</espi:${name}>`)
      .join('')}</espi:ReadingType>`,
  )
const feed = (...entries: string[]) =>
  '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" ' +
  `xmlns:espi="http://naesb.org/espi">\n${entries.join('\n')}\n</feed>`

const imported = { flowDirection: 1, accumulationBehaviour: 4, uom: 72, powerOfTenMultiplier: -3 }
const exported = { flowDirection: 19, accumulationBehaviour: 3, uom: 72, intervalLength: 3600 }

test('readings of two channels, each by its own reading type, which may come last', () => {
  const quality = '<espi:ReadingQuality><espi:quality>8</espi:quality></espi:ReadingQuality>'
  // 1704067200 is 2024-01-01T00:00:00Z.
  const read = readAll(
    feed(
      readingOf(1),
      readingOf(2),
      blockOf(1, reading(1704067200, 1234567, quality)),
      blockOf(2, reading(1704067200, -25)),
      typeOf(2, exported),
      typeOf(1, imported),
    ),
  )
  expect(read.table).toMatchObject({ format: 'espi-xml', headerLine: null })
  expect(read.table.header.join()).toBe(
    'start,duration_s,value,unit,quality,meter,flow,accumulation,channel,said_at',
  )
  const start = '2024-01-01T00:00:00Z'
  const said = '2024-02-01T00:00:00Z'
  expect(read.rows).toEqual([
    [start, '900', '1234.567', 'Wh', 'estimated', '5391320454', 'import', 'delta', '1', said],
    [start, '900', '-25', 'Wh', '', '5391320454', 'export', 'cumulative', '2', said],
  ])
  expect(read.lines).toEqual([5, 6])
  expect(read.originals[1]).toBe(reading(1704067200, -25))
})

test('the only reading type needs no link, and its length serves where a reading has none', () => {
  const short =
    '<IntervalReading><timePeriod><start>0</start></timePeriod><value>7</value></IntervalReading>'
  const type = '<ReadingType><uom>38</uom><intervalLength>1800</intervalLength></ReadingType>'
  const read = readAll(`<root><IntervalBlock>${short}</IntervalBlock>${type}</root>`)
  expect(read.rows[0]!.slice(0, 4)).toEqual(['1970-01-01T00:00:00Z', '1800', '7', 'W'])
})

test('a block that says its unit itself, in words', () => {
  const interval =
    '<interval><servicePointId>42</servicePointId><unitOfMeasure>kWH</unitOfMeasure>' +
    '<secondsPerInterval>1800</secondsPerInterval></interval>'
  const reading =
    '<IntervalReading><timePeriod><start>0</start></timePeriod>' +
    '<readingQuality>ACTUAL</readingQuality><value>0.12</value></IntervalReading>'
  const read = readAll(`<feed><IntervalBlock>${interval}${reading}</IntervalBlock></feed>`)
  const start = '1970-01-01T00:00:00Z'
  expect(read.rows).toEqual([[start, '1800', '0.12', 'kWH', 'actual', '42', '', '', '', '']])
})

test.each([
  ['1000', 'uom 1000'],
  ['constructor', 'uom constructor'],
])('a unit of code %s, which has no name', (uom, unit) => {
  const type = `<ReadingType><uom>${uom}</uom></ReadingType>`
  const read = readAll(feed(type, `<IntervalBlock>${reading(0, 7)}</IntervalBlock>`))
  expect(read.rows[0]!.slice(2, 4)).toEqual(['7', unit])
})

test('a power of ten that is none is refused, never taken as another', () => {
  const type =
    '<ReadingType><uom>72</uom><powerOfTenMultiplier>k</powerOfTenMultiplier></ReadingType>'
  const read = readAll(feed(type, `<IntervalBlock>${reading(0, 7)}</IntervalBlock>`))
  expect(read.rows).toEqual([])
  expect(read.refused[0]!.detail).toBe(
    'powerOfTenMultiplier is "k", which is not a whole number. Correct it.',
  )
})

test('a reading that cannot be read costs no other', () => {
  const block = blockOf(1, reading('now', 1) + reading(0, 'x') + reading(900, 4))
  const read = readAll(
    feed(
      readingOf(1),
      readingOf(2),
      typeOf(1, imported),
      block,
      blockOf(2, reading(0, 1)),
      typeOf(3, exported),
    ),
  )
  expect(read.rows.map((cells) => cells[2])).toEqual(['0.004'])
  expect(read.refused.map(({ detail }) => detail)).toEqual([
    'start is "now", which is not a whole number of seconds. Correct it.',
    'value is "x", which is not a number. Correct it.',
    'Its ReadingType, which names the unit, is not in the file. Export both together.',
  ])
})

test('a file in another encoding, by its declaration', () => {
  const text = feed(typeOf(1, imported), blockOf(1, reading(0, 1))).replace('UTF-8', 'ISO-8859-1')
  const read = readAll(Buffer.from(text.replace('<title>T', '<title>Straße'), 'latin1'))
  expect(read.table.encoding).toBe('iso-8859-1')
  expect(read.rows).toHaveLength(1)
})

test('a declaration of UTF-16 that can be read as ASCII is not believed', () => {
  const text = feed(typeOf(1, imported), blockOf(1, reading(0, 1))).replace('UTF-8', 'utf-16')
  expect(readAll(text).table.encoding).toBe('utf-8')
  expect(readAll(Buffer.from(`\uFEFF${text}`, 'utf16le')).table.encoding).toBe('utf-16le')
})

describe('refused as a whole', () => {
  const bomb = `<!DOCTYPE f [<!ENTITY a "ha"><!ENTITY b "${'&a;'.repeat(99)}">]>`
  test.each([
    [
      'an entity bomb',
      feed(blockOf(1, reading(0, '&b;'))).replace('<feed', `${bomb}<feed`),
      /document type/,
    ],
    [
      'an external entity',
      feed().replace('<feed', '<!DOCTYPE f SYSTEM "file:///etc/passwd"><feed'),
      /document type/,
    ],
    ['an unknown entity', feed(blockOf(1, reading(0, '&b;'))), /entity/],
    ['a cut file', feed(blockOf(1, reading(0, 1))).slice(0, -20), /cannot be read on line/],
    ['too deep', '<a>'.repeat(100), /levels; at most 64/],
    ['a long text', `<a>${'x'.repeat(3 << 20)}</a>`, /at most 1048576/],
    ['another kind of XML', '<report><row/></report>', /not Green Button data: its root is report/],
    ['blocks without readings', feed(blockOf(1, '')), /no reading in them/],
    [
      'not UTF-8',
      Buffer.from('<?xml version="1.0" encoding="utf-8"?><a>\xff</a>', 'latin1'),
      /not valid UTF-8/,
    ],
  ])('%s', (_, file, sentence) => {
    expect(() => readAll(file)).toThrow(InvalidArgumentError)
    expect(() => readAll(file)).toThrow(sentence)
  })
})
