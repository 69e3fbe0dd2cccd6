import fc from 'fast-check'
import protobuf from 'protobufjs'
import { describe, expect, test } from 'vitest'
import {
  FrameColumnError,
  FrameHeaderError,
  FrameMeterError,
  FrameRowsError,
} from '../errors/frame.ts'
import { InvalidArgumentError } from '../errors/wattproofError.ts'
import type { MeterId } from '../ids.ts'
import {
  columnsOf,
  decodeFrame,
  decodeSentFrame,
  encodeActFrame,
  encodeColumns,
  encodeFrame,
} from './frame.ts'
import { frameRowsMax } from './frameColumns.ts'
import { anyReadings } from './testing/anyReadings.ts'
import { aReading } from './testing/aReading.ts'

const example = aReading({ meter: 'MAC000005', powerW: 200, revision: 1 })

test('readings come back as they were, in their order', () => {
  fc.assert(
    fc.property(anyReadings, (readings) => {
      expect(decodeFrame(encodeFrame(readings))).toEqual({ readings, act: null })
    }),
  )
})

test('one reading is the same bytes as its columns', () => {
  fc.assert(
    fc.property(anyReadings, ([reading]) => {
      const one = [reading!]
      expect(encodeFrame(one)).toEqual(encodeColumns(columnsOf(one)))
    }),
  )
})

test('an act comes back as it was', () => {
  const acts = [
    { kind: 'withdrawal', ingest: 'i1' },
    { kind: 'rank', source: 'dso', fromMs: Date.UTC(2013, 1, 11), rank: -3 },
    { kind: 'rank', source: '', fromMs: 0, rank: 7 },
  ] as const
  for (const act of acts) {
    expect(decodeFrame(encodeActFrame(act))).toEqual({ readings: [], act })
    // Nobody but the log may hold one.
    expect(() => decodeSentFrame(encodeActFrame(act))).toThrow('is not a field of a frame')
  }
})

test('equal values of a column are one value, and the default is none', () => {
  const rows = Array.from({ length: 1_000 }, (_, index) => aReading({ energyMwh: index }))
  // 8 bytes of energy a reading; the rest is the same for all.
  expect(encodeFrame(rows).length).toBeLessThan(8_000 + 60)
  const apart = rows.map((row, index) => ({ ...row, startMs: row.startMs + 1_800_000 * index }))
  expect(encodeFrame(apart).length).toBeLessThan(12_000 + 60)
})

describe('any protobuf library', () => {
  const root = new protobuf.Root()
  root.resolvePath = (_, target) => target
  const file = `${import.meta.dirname}/frame.proto`
  const message = () => root.loadSync(file, { keepCase: true }).lookupType('Frame')
  const Frame = message()

  test('writes a frame of one that is read, packed or not', () => {
    const t0Ms = Date.UTC(2013, 1, 11)
    const said = { t0_ms: t0Ms, roster: ['G1'], duration_s: [1800], energy_mwh: [-250_000] }
    const [row] = decodeSentFrame(Frame.encode(Frame.create(said)).finish())
    expect(row).toEqual(aReading({ meter: 'G1', startMs: t0Ms, energyMwh: -250_000 }))
    const unpacked = Uint8Array.from([
      ...Frame.encode(Frame.create({ ...said, energy_mwh: [] })).finish(),
      // Field 7 as single values, -1 and -2 mWh.
      ...[0x39, ...new Uint8Array(BigInt64Array.of(-1n).buffer)],
      ...[0x39, ...new Uint8Array(BigInt64Array.of(-2n).buffer)],
    ])
    expect(decodeSentFrame(unpacked).map((each) => each.energyMwh)).toEqual([-1, -2])
  })

  test('reads what we write', () => {
    fc.assert(
      fc.property(anyReadings, (readings) => {
        const read = Frame.toObject(Frame.decode(encodeFrame(readings)), { longs: Number })
        const column = (key: string, row: number, absent: number) => {
          const values: number[] = read[key] ?? [absent]
          return values[values.length === 1 ? 0 : row]!
        }
        readings.forEach((reading, row) => {
          expect(read.roster[column('meter', row, 0)]).toBe(reading.meter)
          expect(read.t0_ms + 1000 * column('dt_s', row, 0)).toBe(reading.startMs)
          expect(column('energy_mwh', row, Number.NaN)).toBe(reading.energyMwh)
          expect(column('quality', row, 2)).toBe(reading.quality)
          expect(column('said_at_ms', row, 0)).toBe(reading.saidAtMs ?? 0)
        })
        expect([read.source ?? '', read.ingest ?? '']).toEqual([
          readings[0]!.source,
          readings[0]!.ingest,
        ])
      }),
    )
  })
})

test('a frame that lies anywhere in a buffer is read', () => {
  const frame = encodeFrame([example])
  for (let offset = 0; offset < 9; offset++) {
    const buffer = new Uint8Array(frame.length + 20).fill(0xff)
    buffer.set(frame, offset)
    const within = buffer.subarray(offset, offset + frame.length)
    expect(decodeFrame(within).readings).toEqual([example])
  }
})

test('a frame has 20,000 readings at most', () => {
  const most = Array.from({ length: frameRowsMax }, () => example)
  expect(decodeFrame(encodeFrame(most)).readings).toHaveLength(20_000)
  expect(() => encodeFrame([...most, example])).toThrow(FrameRowsError)
})

describe('what is not a frame is refused by name', () => {
  const frame = encodeFrame([example, { ...example, meter: 'MAC000006' as MeterId }])

  test('nothing, and text', () => {
    expect(() => decodeFrame(new Uint8Array())).toThrow(FrameHeaderError)
    const text = new TextEncoder().encode('meter,start,duration_s,energy_wh')
    expect(() => decodeFrame(text)).toThrow(InvalidArgumentError)
  })

  test('cut anywhere: refused, or a frame that lacks a whole field', () => {
    for (let length = 0; length < frame.length; length++) {
      try {
        decodeFrame(frame.subarray(0, length))
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidArgumentError)
      }
    }
    expect(() => decodeFrame(new Uint8Array([...frame, 0]))).toThrow('not a protobuf message')
    expect(() => decodeFrame(frame.subarray(0, frame.length - 1))).toThrow('ends within field')
  })

  test('a column that is neither one value nor one a row, or not of whole values', () => {
    const writer = protobuf.Writer.create()
    writer.uint32((3 << 3) | 2).string('A')
    writer.uint32((7 << 3) | 2).bytes(new Uint8Array(24))
    writer.uint32((6 << 3) | 2).bytes(new Uint8Array(8))
    expect(() => decodeFrame(writer.finish())).toThrow('duration_s has 2 values and the frame 3')
    const uneven = protobuf.Writer.create()
      .uint32((7 << 3) | 2)
      .bytes(new Uint8Array(9))
      .finish()
    expect(() => decodeFrame(uneven)).toThrow(FrameColumnError)
  })

  test('an energy beyond what is kept exactly, or none', () => {
    const writer = protobuf.Writer.create()
    writer.uint32((3 << 3) | 2).string('A')
    writer.uint32((7 << 3) | 1).fixed64('9223372036854775807')
    expect(() => decodeFrame(writer.finish())).toThrow('Row 0 has no energy_mwh')
    const none = protobuf.Writer.create()
    none.uint32((3 << 3) | 2).string('A')
    none.uint32((8 << 3) | 5).float(5)
    const bytes = none.finish()
    expect(() => decodeFrame(bytes)).toThrow('Row 0 has no energy_mwh')
    expect(decodeSentFrame(bytes)).toMatchObject([{ energyMwh: null, powerW: 5 }])
  })

  test('a row of a meter that is not listed, and a field of a later version', () => {
    const writer = protobuf.Writer.create()
      .uint32((7 << 3) | 2)
      .bytes(new Uint8Array(8))
    expect(() => decodeFrame(writer.finish())).toThrow(FrameMeterError)
    const later = protobuf.Writer.create()
      .uint32((99 << 3) | 2)
      .string('new')
      .finish()
    expect(() => decodeFrame(Uint8Array.from([...frame, ...later]))).toThrow('Field 99')
  })

  test('any byte changed: a frame, or refused', () => {
    const changes = fc.tuple(fc.nat(frame.length - 1), fc.nat(255))
    fc.assert(
      fc.property(changes, ([at, byte]) => {
        const copy = frame.slice()
        copy[at] = byte
        try {
          decodeFrame(copy)
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidArgumentError)
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
