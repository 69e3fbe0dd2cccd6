import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrameHeaderError, FrameMeterError, FrameRowsError } from '../errors/frame.ts'
import { InvalidArgumentError } from '../errors/wattproofError.ts'
import type { MeterId } from '../ids.ts'
import { energyMwh } from '../units.ts'
import { decodeFrame, encodeFrame, frameRowsMax } from './frame.ts'
import type { Quality, Reading } from './reading.ts'

const uint32 = fc.integer({ min: 0, max: 0xffffffff })
const power = fc.option(fc.float({ noNaN: true }), { nil: null })
const anyReading: fc.Arbitrary<Reading> = fc.record({
  meter: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/).map((each) => each as MeterId),
  startMs: fc.integer({ min: -8.64e15 / 1000, max: 8.64e15 / 1000 }),
  durationS: uint32,
  energyMwh: fc.maxSafeInteger().map(energyMwh),
  powerW: power,
  reactiveVar: power,
  quality: fc.constantFrom<Quality>(0, 1, 2),
  revision: uint32,
})
const example: Reading = {
  ...{ meter: 'MAC000005' as MeterId, startMs: Date.UTC(2013, 1, 11), durationS: 1800 },
  ...{ energyMwh: energyMwh(100_000), powerW: 200, reactiveVar: null, quality: 2, revision: 1 },
}

test('readings come back as they were, in their order', () => {
  fc.assert(
    fc.property(fc.array(anyReading, { maxLength: 20 }), (readings) => {
      expect(decodeFrame(encodeFrame(readings))).toEqual(readings)
    }),
  )
})

test('a meter is named once, and a reading takes 37 bytes', () => {
  const frame = encodeFrame([example, { ...example, revision: 2 }, example])
  // 12 of the header, 1 + 9 of the name, 2 of padding.
  expect(frame.length).toBe(24 + 3 * 37)
  expect(new TextDecoder().decode(frame.subarray(0, 4))).toBe('WPF1')
  expect([...frame.subarray(4, 12)]).toEqual([3, 0, 0, 0, 1, 0, 0, 0])
  expect(encodeFrame([]).length).toBe(16)
})

test('a frame that lies anywhere in a buffer is read', () => {
  const frame = encodeFrame([example])
  for (let offset = 0; offset < 9; offset++) {
    const buffer = new Uint8Array(frame.length + 20).fill(0xff)
    buffer.set(frame, offset)
    expect(decodeFrame(buffer.subarray(offset, offset + frame.length))).toEqual([example])
  }
})

test('a frame has 20,000 readings at most', () => {
  const most = Array.from({ length: frameRowsMax }, () => example)
  expect(decodeFrame(encodeFrame(most))).toHaveLength(20_000)
  expect(() => encodeFrame([...most, example])).toThrow(FrameRowsError)
})

describe('what is not a frame is refused by name', () => {
  const frame = encodeFrame([example, { ...example, meter: 'MAC000006' as MeterId }])

  test('cut anywhere, or longer', () => {
    for (let length = 0; length < frame.length; length++) {
      expect(() => decodeFrame(frame.subarray(0, length)), `${length}`).toThrow(
        InvalidArgumentError,
      )
    }
    expect(() => decodeFrame(new Uint8Array([...frame, 0]))).toThrow('has another length')
    expect(() => decodeFrame(frame.subarray(0, 11))).toThrow('shorter than its header')
  })

  test('cut within the list of meters', () => {
    // Names of nine bytes, each after its length: 12 to 22 and 22 to 32.
    for (const [length, name] of [
      ...[
        [12, 0],
        [15, 0],
        [21, 0],
      ],
      ...[
        [22, 1],
        [31, 1],
      ],
    ] as const) {
      const cut = () => decodeFrame(frame.subarray(0, length))
      expect(cut, `${length}`).toThrow(`ends within its list of meters, at name ${name}`)
    }
  })

  test('another beginning', () => {
    expect(() => decodeFrame(changed(0, 0x58))).toThrow(FrameHeaderError)
  })

  test('more rows or meters than there are bytes for', () => {
    for (const at of [4, 5, 6, 7]) expect(() => decodeFrame(changed(at, 0xff))).toThrow('length')
    for (const at of [8, 9, 10, 11]) {
      expect(() => decodeFrame(changed(at, 0xff))).toThrow(InvalidArgumentError)
    }
  })

  test('a row of a meter that is not listed', () => {
    // The column before the last, of u32, begins 32 bytes a reading after the names.
    const at = frame.length - 2 * 37 + 2 * 32
    expect(decodeFrame(changed(at, 1))[0]!.meter).toBe('MAC000006')
    expect(() => decodeFrame(changed(at, 2))).toThrow(FrameMeterError)
    expect(() => decodeFrame(changed(at, 2))).toThrow('Row 0 refers to a meter')
  })

  test('any byte changed: a frame, or refused', () => {
    const changes = fc.tuple(fc.nat(frame.length - 1), fc.nat(255))
    fc.assert(
      fc.property(changes, ([at, byte]) => {
        try {
          expect(decodeFrame(changed(at, byte))).toHaveLength(2)
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidArgumentError)
        }
      }),
    )
  })

  function changed(at: number, byte: number): Uint8Array {
    const copy = frame.slice()
    copy[at] = byte
    return copy
  }
})
