import fc from 'fast-check'
import protobuf from 'protobufjs'
import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../errors/wattproofError.ts'
import type { MeterId } from '../ids.ts'
import { columnsOf, decodeColumns, decodeFrame, encodeColumns, encodeFrame } from './frame.ts'
import type { Reading } from './reading.ts'
import { meterAt, readingAt, readingsOf, startMsAt } from './readingColumns.ts'
import { anyReadings } from './testing/anyReadings.ts'
import { aReading } from './testing/aReading.ts'

const root = new protobuf.Root()
root.resolvePath = (_, target) => target
const Frame = root
  .loadSync(`${import.meta.dirname}/frame.proto`, { keepCase: true })
  .lookupType('Frame')

test('columns and readings are two forms of the same, through bytes too', () => {
  fc.assert(
    fc.property(anyReadings, (readings) => {
      const columns = columnsOf(readings)
      expect(readingsOf(columns)).toEqual(readings)
      const bytes = encodeColumns(columns)
      expect(bytes).toEqual(encodeFrame(readings))
      const decoded = decodeColumns(bytes)
      expect(decoded.act).toBeNull()
      expect(readingsOf(decoded.columns)).toEqual(readings)
      expect(encodeColumns(decoded.columns)).toEqual(bytes)
    }),
  )
})

test('columns say what a protobuf library reads', () => {
  fc.assert(
    fc.property(anyReadings, (readings) => {
      const bytes = encodeFrame(readings)
      expect(readingsOf(decodeColumns(bytes).columns)).toEqual(readByLibrary(bytes))
    }),
  )
})

test('a column of equal values has one, of whatever is shared', () => {
  const readings = Array.from({ length: 100 }, (_, slot) => {
    return aReading({ startMs: 1_800_000 * slot, powerW: slot % 2 === 0 ? null : 5 })
  })
  const { columns } = decodeColumns(encodeFrame(readings))
  const { meter, durationS, quality, standing, dtS, powerW, reactiveVar } = columns
  expect([meter, durationS, quality, standing].map((each) => each.length)).toEqual([1, 1, 1, 1])
  expect([dtS, powerW].map((each) => each.length)).toEqual([100, 100])
  expect(reactiveVar).toEqual(Float32Array.of(Number.NaN))
  expect(startMsAt(columns, 99)).toBe(99 * 1_800_000)
  expect(readingAt(columns, 98).powerW).toBeNull()
})

test('a column that is aligned is no copy, and one that is not is one', () => {
  const readings = [0, 1, 2, 3].map((revision) => aReading({ revision }))
  const frame = encodeFrame(readings)
  const shared = [0, 1, 2, 3].filter((offset) => {
    const buffer = new ArrayBuffer(frame.length + 8)
    const within = new Uint8Array(buffer, offset, frame.length)
    within.set(frame)
    const { columns } = decodeColumns(within)
    expect(Array.from(columns.revision)).toEqual([0, 1, 2, 3])
    return columns.revision.buffer === buffer
  })
  expect(shared).toHaveLength(1)
})

test('equal rosters are one object, and each is its own frame’s', () => {
  const frameOf = (names: string[]) =>
    encodeFrame(names.map((meter) => aReading({ meter, revision: names.length })))
  const rosters = [['A', 'B', 'C'], ['A', 'B'], ['A'], ['A', 'B', 'C', 'D'], ['A', 'C', 'B']]
  const rosterOf = (names: string[]) => decodeColumns(frameOf(names)).columns.roster
  const first = rosters.map(rosterOf)
  expect(first).toEqual(rosters)
  // A shorter list that was read before is the begin of a longer one.
  for (const [index, names] of rosters.entries()) {
    expect(rosterOf(names)).toEqual(names)
    expect(rosterOf(names)).toBe(rosterOf(names))
    expect(first[index]).toEqual(names)
  }
  const { columns } = decodeColumns(frameOf(['A', 'C', 'B']))
  expect([0, 1, 2].map((row) => meterAt(columns, row))).toEqual(['A', 'C', 'B'])
})

test('meters in pieces of a frame are one list', () => {
  const roster = ['A', 'B', 'C'].map((each) => each as MeterId)
  const rows = roster.map((meter) => aReading({ meter, revision: 7 }))
  decodeFrame(encodeFrame(rows.slice(0, 1)))
  const [head, tail] = [rows.slice(0, 1), rows.slice(1)].map((some) => {
    const { roster: names } = columnsOf(some)
    return Frame.encode(Frame.create({ roster: names })).finish()
  })
  const columns = Frame.create({ t0_ms: 0, meter: [2, 1, 0], energy_mwh: [1, 2, 3] })
  const bytes = Buffer.concat([head!, Frame.encode(columns).finish(), tail!])
  expect(decodeFrame(bytes).readings.map(({ meter }) => meter)).toEqual(['C', 'B', 'A'])
})

test('what no reading of the log has is refused by row', () => {
  const say = (columns: object) => () =>
    decodeColumns(
      Frame.encode(Frame.create({ roster: ['A'], energy_mwh: [1, 2], ...columns })).finish(),
    )
  expect(say({ quality: [2, 3] })).toThrow('Row 1 has no quality')
  expect(say({ standing: [7] })).toThrow('Row 0 has no standing')
  expect(say({ meter: [0, 1] })).toThrow('Row 1 refers to a meter')
  expect(say({ t0_ms: Number.MAX_SAFE_INTEGER })).toThrow('Row 0 has no t0_ms')
  expect(say({ energy_mwh: [] })).toThrow('no column')
  expect(say({ energy_mwh: [], power_w: [5, 5] })).toThrow('Row 0 has no energy_mwh')
})

test('more rows or meters than a frame has are refused before they are kept', () => {
  const single = Uint8Array.of(0x39, 1, 0, 0, 0, 0, 0, 0, 0)
  const tiny = Uint8Array.of(0x1a, 1, 65)
  const repeat = (field: Uint8Array, count: number) => {
    const bytes = new Uint8Array(field.length * count)
    for (let at = 0; at < count; at++) bytes.set(field, at * field.length)
    return bytes
  }
  expect(() => decodeColumns(repeat(single, 20_001))).toThrow('at most 20000 readings')
  expect(() => decodeColumns(repeat(tiny, 20_001))).toThrow('at most 20000 meters')
  const many = Buffer.concat([tiny, repeat(single, 20_000)])
  expect(decodeColumns(many).columns.rows).toBe(20_000)
  expect(() => decodeColumns(repeat(tiny, 300_000))).toThrow(InvalidArgumentError)
})

/** By the published definition alone. */
function readByLibrary(bytes: Uint8Array): Reading[] {
  const read = Frame.toObject(Frame.decode(bytes), { longs: Number })
  const rows = read.energy_mwh.length
  return Array.from({ length: rows }, (_, row): Reading => {
    const of = (key: string, absent: number): number => {
      const values: number[] = read[key] ?? [absent]
      return values[values.length === 1 ? 0 : row]!
    }
    const power = of('power_w', Number.NaN)
    const reactive = of('reactive_var', Number.NaN)
    return {
      ...aReading({
        meter: read.roster[of('meter', 0)],
        startMs: read.t0_ms + 1000 * of('dt_s', 0),
        energyMwh: of('energy_mwh', 0),
      }),
      durationS: of('duration_s', 0),
      powerW: Number.isNaN(power) ? null : power,
      reactiveVar: Number.isNaN(reactive) ? null : reactive,
      quality: of('quality', 2) as Reading['quality'],
      standing: of('standing', of('quality', 2) === 0 ? 0 : 1) as Reading['standing'],
      revision: of('revision', 0),
      saidAtMs: of('said_at_ms', 0) || null,
      isVoid: of('is_void', 0) !== 0,
      source: read.source ?? '',
      ingest: read.ingest ?? '',
    }
  })
}
