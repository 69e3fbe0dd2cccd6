import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FrameFieldError, FrameMeterError, UnknownRosterError } from '../errors/frame.ts'
import type { MeterId } from '../ids.ts'
import { columnsOf, decodeColumns, decodeSentFrame, encodeColumns } from './frame.ts'
import { readingsOf } from './readingColumns.ts'
import { readRosterId, rosterIdBytes, rosterIdOf } from './roster.ts'
import { aReading } from './testing/aReading.ts'

const meters = ['M1', 'M2', 'M3'] as MeterId[]
const roster = rosterIdOf(meters)
const rosterOf = (asked: string) => (asked === roster ? meters : undefined)

test('the id of a roster is that of its meters in their order', () => {
  // printf 'M1\nM2\nM3\n' | sha256sum
  expect(roster).toBe('1cfb3287cf08694a')
  expect(rosterIdOf(meters.toReversed())).not.toBe(roster)
  // Names are not run together.
  expect(rosterIdOf(['M1M', '2'] as MeterId[])).not.toBe(rosterIdOf(['M1', 'M2'] as MeterId[]))
  expect(readRosterId(rosterIdBytes(roster))).toBe(roster)
  expect(rosterIdBytes('0000000000000102')).toEqual(Uint8Array.of(2, 1, 0, 0, 0, 0, 0, 0))
})

test('a frame by roster says what one that lists its meters says', () => {
  const anyRows = fc.array(fc.tuple(fc.nat(2), fc.nat(3), fc.integer({ min: -9, max: 9 })), {
    minLength: 1,
    maxLength: 9,
  })
  fc.assert(
    fc.property(anyRows, fc.boolean(), (rows, isInOrder) => {
      const some = isInOrder ? rows.slice(0, 3) : rows
      const readings = some.map(([meter, slot, energyMwh], row) => {
        const own = meters[isInOrder ? row : meter]!
        return aReading({ meter: own, startMs: slot * 1_800_000, energyMwh })
      })
      const listed = columnsOf(readings)
      const places = readings.map(({ meter }) => meters.indexOf(meter))
      const columns = { ...listed, roster: meters, meter: Uint32Array.from(places) }
      const frame = encodeColumns(columns, roster)
      const read = decodeColumns(frame, rosterOf).columns
      expect(readingsOf(read)).toEqual(readings)
      expect(read.roster).toBe(meters)
      expect(decodeSentFrame(frame, rosterOf).map(({ meter }) => meter)).toEqual(
        readings.map(({ meter }) => meter),
      )
    }),
  )
})

test('a row a meter needs no ids and no places: eight bytes', () => {
  const many = Array.from({ length: 1_000 }, (_, at) => `meter-${at}` as MeterId)
  const readings = many.map((meter, at) => aReading({ meter, energyMwh: at }))
  const frame = encodeColumns(columnsOf(readings), rosterIdOf(many))
  expect(frame.length).toBeLessThan(8 * 1_000 + 60)
  const { columns } = decodeColumns(frame, () => many)
  expect(readingsOf(columns)).toEqual(readings)
})

test('what names no roster that is known, or names its meters twice, is refused', () => {
  const readings = meters.map((meter) => aReading({ meter }))
  const columns = columnsOf(readings)
  const frame = encodeColumns(columns, roster)
  expect(() => decodeColumns(frame, () => undefined)).toThrow(UnknownRosterError)
  // A record of the log has its meters: it depends on nothing else.
  expect(() => decodeColumns(frame)).toThrow(FrameFieldError)
  // Field 3, two bytes: M1.
  const both = Uint8Array.from([...frame, 0x1a, 2, 0x4d, 0x31])
  expect(() => decodeColumns(both, rosterOf)).toThrow(FrameFieldError)
  // More rows than meters.
  expect(() => decodeColumns(frame, () => meters.slice(0, 2))).toThrow(FrameMeterError)
})
