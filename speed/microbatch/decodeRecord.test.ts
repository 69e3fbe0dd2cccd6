import { expect, test } from 'vitest'
import { columnsOf, encodeActFrame, encodeFrame, noColumns } from '../../schemas/reading/frame.ts'
import { aReading } from '../../schemas/reading/testing/aReading.ts'
import { decodeRecord } from './decodeRecord.ts'

const position = { topic: 'readings.v1', partition: 1, offset: 7 }
const recordOf = (value: Uint8Array) => {
  return { position, loggedMs: 5, key: new Uint8Array(), value }
}

test('a frame is decoded into its columns', () => {
  const at = { partition: 1, offset: 7, loggedMs: 5, isFrame: true }
  const readings = [aReading()]
  expect(decodeRecord(recordOf(encodeFrame(readings)))).toEqual({
    ...at,
    columns: columnsOf(readings),
    act: null,
  })
  const act = { kind: 'withdrawal', ingest: 'i1' } as const
  expect(decodeRecord(recordOf(encodeActFrame(act)))).toEqual({ ...at, columns: noColumns, act })
})

test.each([
  ['nothing', new Uint8Array()],
  ['text', new TextEncoder().encode('{"meter":"MAC000005","energy_wh":219}')],
  ['a frame that was cut', encodeFrame([aReading()]).slice(0, 9)],
  // As frames were in the first format.
  ['a header that lies', Uint8Array.from([87, 80, 70, 49, 255, 0, 0, 0, 255, 0, 0, 0])],
])('%s is no frame, and no reason to stop', (_, value) => {
  expect(decodeRecord(recordOf(value))).toMatchObject({ isFrame: false, columns: noColumns })
})
