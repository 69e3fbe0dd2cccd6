import { expect, test } from 'vitest'
import { StoredRecordError } from '../errors/views.ts'
import { decodeDeadLetter, encodeDeadLetter } from './deadLetter.ts'

const encoder = new TextEncoder()

test('a dead letter is read as it was written; a damaged one is refused by name', () => {
  const original = encoder.encode('MAC000002,never,1')
  const about = {
    ...({ reason: 'bad-timestamp', detail: 'never', source: 'a.csv', index: 3 } as const),
    ...{ line: 5, column: 'start', value: 'never', readAs: '{"kind":"row"}' },
  }
  const written = encodeDeadLetter({ ...about, original }, 5)
  const originalBase64 = Buffer.from(original).toString('base64')
  expect(decodeDeadLetter(written)).toEqual({ ...about, receivedMs: 5, originalBase64 })
  for (const damaged of ['{', '{}', JSON.stringify({ ...about, reason: 'bad luck' })]) {
    expect(() => decodeDeadLetter(encoder.encode(damaged))).toThrow(StoredRecordError)
  }
})
