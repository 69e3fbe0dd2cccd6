import { expect, test } from 'vitest'
import { encodeFrame } from '../../schemas/reading/frame.ts'
import { decodeRecord } from './decodeRecord.ts'

const position = { topic: 'readings.v1', partition: 1, offset: 7 }
const recordOf = (value: Uint8Array) => ({ position, key: new Uint8Array(), value })

test('a frame is decoded into its readings', () => {
  expect(decodeRecord(recordOf(encodeFrame([])))).toEqual({
    ...{ partition: 1, offset: 7, readings: [], isFrame: true },
  })
})

test.each([
  ['nothing', new Uint8Array()],
  ['text', new TextEncoder().encode('{"meter":"MAC000005","energy_wh":219}')],
  ['a frame that was cut', encodeFrame([]).slice(0, 9)],
  // Announces 255 rows and 255 names and has neither.
  ['a header that lies', Uint8Array.from([87, 80, 70, 49, 255, 0, 0, 0, 255, 0, 0, 0])],
])('%s is no frame, and no reason to stop', (_, value) => {
  expect(decodeRecord(recordOf(value))).toMatchObject({ isFrame: false, readings: [] })
})
