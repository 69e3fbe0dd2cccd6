import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../../../schemas/errors/wattproofError.ts'
import { meterId } from '../../../schemas/ids.ts'
import { decodeDeadLetter, encodeDeadLetter } from '../../../schemas/reading/deadLetter.ts'
import { decodeFrame, encodeFrame } from '../../../schemas/reading/frame.ts'
import { quality, type Reading } from '../../../schemas/reading/reading.ts'
import { stated } from '../../../schemas/reading/testing/aReading.ts'
import { energyMwh } from '../../../schemas/units.ts'
import { framesOf } from '../framesOf.ts'
import { formatOf } from './format.ts'
import { type ParsedBody, parseBody } from './parseBody.ts'
import { rowsOfDeadLetter } from './rowsOfDeadLetter.ts'

const nowMs = Date.parse('2013-02-12T00:00Z')
const startMs = Date.parse('2013-02-11T16:30Z')

const half = { meter: 'MAC000002', start: '2013-02-11T16:30Z', duration_s: 1800, energy_wh: 0.1 }

test('a tidy row, exactly', () => {
  const csv =
    'meter,start,duration_s,energy_wh,power_w,quality\nA,2013-02-11T16:30Z,1800,0.1,0.2,\n'
  const { rows, rejections } = parse('text/csv', csv)
  expect(rejections).toEqual([])
  // 0.1 Wh is 100 mWh; 0.2 W is kept as the nearest f32.
  expect(rows.map(({ reading }) => reading)).toEqual([
    readingOf({ meter: meterId('A'), energyMwh: energyMwh(100), powerW: Math.fround(0.2) }),
  ])
})

test.each([
  // unit, cell, mWh over half an hour
  ['kwh', '0.253', 253_000],
  ['wh', '0.0005', 0], //   half a milliwatt-hour, to even
  ['w', '506', 253_000], // 506 W * 0.5 h = 253 Wh
  ['kw', '0.506', 253_000],
  ['w', '0.001', 0], //     0.5 mWh, to even
  ['w', '0.003', 2], //     1.5 mWh, to even
])('a wide cell in %s: %s is %d mWh', (unit, cell, expected) => {
  const csv = `stamp,A,B\n2013-02-11 16:30:00,${cell},\n`
  const { rows, gapsByKind } = parse('text/csv', csv, { layout: 'wide', unit, step: '1800' })
  expect(rows.map(({ reading }) => reading.energyMwh)).toEqual([expected])
  expect(gapsByKind).toEqual({ 'empty-cell': 1 })
})

test('a wide timestamp is read in the zone; gaps are counted, bad cells are not', () => {
  const csv = 'stamp,A,B,C\n2013-07-11 16:30,1,nan,x\nnever,1,2,3\n'
  const wide = { layout: 'wide', unit: 'kwh', step: '1800', zone: 'Europe/London' }
  const { rows, gapsByKind, rejections } = parse('text/csv', csv, {
    ...wide,
    nowMs: Date.parse('2014-01-01'),
  })
  expect(rows[0]!.reading.startMs).toBe(Date.parse('2013-07-11T15:30Z'))
  expect(gapsByKind).toEqual({ word: 1 })
  expect(rejections.map(({ reason, index }) => [reason, index])).toEqual([
    ['not-a-number', 0],
    // A row whose stamp cannot be read is refused cell by cell.
    ['bad-timestamp', 1],
    ['bad-timestamp', 1],
    ['bad-timestamp', 1],
  ])
})

test('an empty or nan tidy value is a gap; other errors are still reported', () => {
  const lines = [
    'A,2013-02-11T16:30Z,1800,,', // gap
    'B,2013-02-11T16:30Z,1800,nan,NaN', // gap
    'C,2013-02-11T16:30Z,1800,nan,2', // 2 W for half an hour: 1 Wh
    'D,2013-02-11T16:30Z,1800,0.1,nan',
    'E,2013-02-11T16:30Z,1800,x,',
    ',2013-02-11T16:30Z,1800,,',
    'F,never,1800,nan,',
    'G,2013-02-11T16:30Z,1800', // truncated, not a gap
    'H,2013-02-11T16:30Z,1800,NA,-', // gap, as in every other file
  ]
  const csv = `meter,start,duration_s,energy_wh,power_w\n${lines.join('\n')}\n`
  const { rows, gapsByKind, rejections } = parse('text/csv', csv)
  expect(gapsByKind).toEqual({ 'empty-cell': 1, word: 2 })
  const values = rows.map(({ reading }) => [reading.meter, reading.energyMwh, reading.powerW])
  expect(values).toEqual([
    ['C', 1_000, 2],
    ['D', 100, null],
  ])
  expect(rejections.map(({ reason, index }) => [reason, index])).toEqual([
    ['not-a-number', 4],
    ['missing-field', 5],
    ['missing-field', 6],
    ['missing-field', 7],
  ])
})

const malformed: readonly [string, string][] = [
  ['too-large', JSON.stringify({ ...half, meter: 'A'.repeat(70_000) })],
  ['unparsable', '{"meter":'],
  ['unparsable', '17'],
  ['missing-field', JSON.stringify({ meter: 'A', start: '2013-02-11T16:30Z', duration_s: 1800 })],
  ['missing-field', JSON.stringify({ ...half, meter: '' })],
  ['unknown-field', JSON.stringify({ ...half, colour: 'red' })],
  ['unknown-field', `${JSON.stringify(half).slice(0, -1)},"__proto__":{"energy_wh":1}}`],
  ['bad-meter-id', JSON.stringify({ ...half, meter: '../etc' })],
  ['bad-timestamp', JSON.stringify({ ...half, start: 'yesterday' })],
  ['bad-duration', JSON.stringify({ ...half, duration_s: 0 })],
  ['bad-duration', JSON.stringify({ ...half, duration_s: 1800.5 })],
  ['not-a-number', JSON.stringify({ ...half, energy_wh: 'much' })],
  ['not-a-number', JSON.stringify({ ...half, quality: 'guessed' })],
  // 500 kWh in half an hour is 1 MW.
  ['out-of-range', JSON.stringify({ ...half, energy_wh: 500_001 })],
  ['out-of-range', JSON.stringify({ ...half, energy_wh: -500_001 })],
  ['out-of-range', JSON.stringify({ ...half, power_w: -1_000_001 })],
  ['out-of-range', JSON.stringify({ ...half, energy_wh: '1e300' })],
  ['out-of-range', JSON.stringify({ ...half, revision: -1 })],
  ['in-the-future', JSON.stringify({ ...half, start: '2013-02-12T00:00Z' })],
]

test.each(malformed)('%s: %s', (reason, line) => {
  const good = JSON.stringify(half)
  const { rows, rejections } = parse('application/x-ndjson', `${good}\n${line}\n${good}`)
  expect(rows).toHaveLength(2)
  expect(rejections.map((each) => [each.reason, each.index])).toEqual([[reason, 1]])
  expect(text(rejections[0]!.original)).toBe(line.slice(0, 65_536))
  expect(rejections[0]!.detail.length).toBeLessThanOrEqual(300)
})

test('of several errors the first in order is reported', () => {
  const all = { colour: 'red', start: 'x', meter: '!', duration_s: -1, energy_wh: 'x' }
  expect(reasonOf(all)).toBe('unknown-field')
  expect(reasonOf({ ...all, colour: undefined })).toBe('bad-meter-id')
  expect(reasonOf({ ...all, colour: undefined, meter: 'A' })).toBe('bad-timestamp')
})

test('a JSON array: one broken element is one broken row', () => {
  const other = JSON.stringify({ ...half, meter: 'a]b' })
  const body = ` [ ${JSON.stringify(half)}, {oops} ,${other} ]\n`
  const { rows, rejections } = parse('application/json', body)
  expect(rows).toHaveLength(1)
  expect(rejections.map((each) => [each.reason, each.index])).toEqual([
    ['unparsable', 1],
    ['bad-meter-id', 2],
  ])
  expect(text(rejections[0]!.original)).toBe('{oops}')
  expect(parse('application/json', '[]').rows).toEqual([])
})

test.each(['', '{}', '[', '[1', '["', '[1] x', '[1,]'])('not a JSON array: %s', (body) => {
  // A trailing comma leaves an empty element, an unparsable row; the rest is refused whole.
  if (body === '[1,]') expect(parse('application/json', body).rejections).toHaveLength(2)
  else expect(() => parse('application/json', body)).toThrow(InvalidArgumentError)
})

test.each([
  ['', 'must name its columns'],
  ['meter,start,energy_wh\n', 'duration_s'],
  ['meter,start,duration_s,energy_wh,colour\n', 'colour'],
  ['meter,meter,start,duration_s,energy_wh\n', 'twice'],
  ['meter,start,duration_s\n', 'energy_wh or power_w'],
  ['100,NEM12,202403060000,A,B\n', 'profile= for an export such as NEM12'],
  ['meter,start,Import,Export\n', 'or columns.start= and so on for columns of other names'],
])('a tidy file with an invalid header is refused as a whole: %s', (csv, sentence) => {
  expect(() => parse('text/csv', csv)).toThrow(sentence)
})

test('each line of CSV is parsed independently', () => {
  const csv =
    '\ufeffmeter,start,duration_s,energy_wh\r\n"A",2013-02-11T16:30Z,1800,"1"\r\n' +
    '"B,2013-02-11T16:30Z,1800,1\r\nC,2013-02-11T16:30Z,1800,1,9\r\nD,2013-02-11T16:30Z\r\n'
  const { rows, rejections } = parse('text/csv', csv)
  expect(rows.map(({ reading }) => reading.meter)).toEqual(['A'])
  expect(rejections.map(({ reason }) => reason)).toEqual([
    'unparsable',
    'unknown-field',
    'missing-field',
  ])
  expect(text(rejections[1]!.original)).toBe('C,2013-02-11T16:30Z,1800,1,9')
})

test.each(['2013-02-14T00:00Z', '1970-01-01T00:00Z', 'soon'])(
  'of a row that was said at %s that is the member that is wrong',
  (said_at) => {
    const bodies = [
      ['application/json', JSON.stringify([{ ...half, said_at }])],
      ['text/csv', `meter,start,duration_s,energy_wh,said_at\nA,${half.start},1800,1,${said_at}\n`],
    ] as const
    for (const [type, body] of bodies) {
      const [refused] = parse(type, body).rejections
      expect(refused).toMatchObject({ column: 'said_at', value: said_at })
      expect(refused).not.toHaveProperty('member')
    }
  },
)

test('bytes that are not UTF-8 are kept unchanged', () => {
  const line = new Uint8Array([0x7b, 0xff, 0xfe, 0x7d])
  const { rejections } = parseBody(line, optionsOf('application/x-ndjson'))
  expect(rejections[0]!.reason).toBe('unparsable')
  expect([...rejections[0]!.original]).toEqual([...line])
})

test('power alone makes energy: 0.003 W for half an hour is 1.5 mWh, to even', () => {
  const { energy_wh, ...rest } = half
  expect(energy_wh).toBe(0.1)
  const { rows } = parse('application/json', JSON.stringify([{ ...rest, power_w: '0.003' }]))
  expect(rows[0]!.reading.energyMwh).toBe(2)
})

test('a body with too many rows is refused as a whole', () => {
  const body = new TextEncoder().encode(`${JSON.stringify(half)}\n`.repeat(3))
  const options = { ...optionsOf('application/x-ndjson'), rowsMax: 2 }
  expect(() => parseBody(body, options)).toThrow('More than 2 readings')
})

test('of a body with too many rows no more are read than it may have', () => {
  let looked = 0
  class Watched extends Uint8Array {
    override indexOf(byte: number, from?: number) {
      looked++
      return super.indexOf(byte, from)
    }
  }
  const body = new Watched(Buffer.from('{}\n'.repeat(10_000)))
  for (const zone of [undefined, 'UTC', 'Europe/Rome']) {
    looked = 0
    const options = { format: { kind: 'ndjson', zone }, nowMs, source: '', rowsMax: 100 } as const
    expect(() => parseBody(body, options)).toThrow('More than 100 readings')
    expect(looked).toBeLessThan(1_000)
  }
})

test('any body is read, rejected by row, or refused as a whole', () => {
  const types = ['application/json', 'application/x-ndjson', 'text/csv']
  fc.assert(
    fc.property(fc.constantFrom(...types), fc.uint8Array({ maxLength: 80 }), (type, bytes) => {
      try {
        parseBody(bytes, optionsOf(type))
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidArgumentError)
      }
    }),
  )
})

test('a frame round-trips, and its rows are validated', () => {
  const good = readingOf({})
  const bad = readingOf({ durationS: 0 })
  const { rows, rejections } = parseBody(encodeFrame([good, bad]), optionsOf(frameType))
  expect(rows.map(({ reading }) => reading)).toEqual([good])
  expect(rejections.map(({ reason }) => reason)).toEqual(['bad-duration'])
  expect(decodeFrame(rejections[0]!.original).readings).toEqual([bad])
})

test('a frame says who says it, unless the request does', () => {
  const said = { source: 'dso', ingest: 'f1' }
  const frame = encodeFrame([readingOf(said)])
  const byOf = (by?: { source: string; ingest: string }) => {
    const { rows } = parseBody(frame, { ...optionsOf(frameType), ...(by && { by }) })
    return [rows[0]!.reading.source, rows[0]!.reading.ingest]
  }
  expect(byOf()).toEqual(['dso', 'f1'])
  expect(byOf({ source: 'gateway', ingest: '' })).toEqual(['gateway', 'f1'])
})

test('a rejected row can be read again from its dead letter', () => {
  const cases: [string, string, string, Record<string, string>][] = [
    ['A', 'text/csv', 'start,meter,duration_s,energy_wh\n2013-02-12T00:00Z,A,1800,1\n', {}],
    ['B', 'text/csv', 't,A,B\n2013-02-11T16:30Z,nan,1\n2013-02-12T00:00Z,nan,1\n', wideKwh],
    [half.meter, 'application/json', JSON.stringify([{ ...half, start: '2013-02-12T00:00Z' }]), {}],
    [
      half.meter,
      'application/x-ndjson',
      JSON.stringify({ ...half, start: '2013-02-12T00:00Z' }),
      {},
    ],
  ]
  for (const [meter, type, body, query] of cases) {
    const { rejections } = parse(type, body, query)
    expect(rejections.map(({ reason }) => reason)).toEqual(['in-the-future'])
    const again = [...rowsOfDeadLetter(decodeDeadLetter(encodeDeadLetter(rejections[0]!, nowMs)))]
    const content = { meter, start: Date.parse('2013-02-12T00:00Z'), durationS: 1800 }
    expect(again).toMatchObject([{ content }])
  }
})

test('frames split readings by meter and fit into a log record', () => {
  const readings = Array.from({ length: 25_000 }, (_, index) => {
    return readingOf({ meter: meterId(`m${index}`.padEnd(64, 'x')) })
  })
  const frames = [...framesOf(readings, 2).values()].flatMap((each) => each.frames)
  expect(frames.flatMap((frame) => decodeFrame(frame).readings)).toHaveLength(25_000)
  expect(Math.max(...frames.map((frame) => frame.length))).toBeLessThanOrEqual(1 << 20)
})

const frameType = 'application/vnd.wattproof.frame'
const wideKwh = { layout: 'wide', unit: 'kwh', step: '1800' }

function optionsOf(type: string, query = {}, now = nowMs) {
  return { format: formatOf(type, query), nowMs: now, source: 'test' }
}

type Given = { readonly nowMs?: number; readonly [name: string]: unknown }

function parse(type: string, body: string, given: Given = {}): ParsedBody {
  const { nowMs: now = nowMs, ...query } = given
  return parseBody(new TextEncoder().encode(body), optionsOf(type, query, now))
}

function reasonOf(fields: object): string | undefined {
  return parse('application/json', JSON.stringify([fields])).rejections[0]?.reason
}

function readingOf(part: Partial<Reading>): Reading {
  return {
    meter: meterId('MAC000002'),
    startMs,
    durationS: 1800,
    energyMwh: energyMwh(100),
    powerW: null,
    reactiveVar: null,
    quality: quality.measured,
    revision: 0,
    ...stated,
    ...part,
  }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
