import { expect, test } from 'vitest'
import { authorize } from './authorize.ts'

const expected = { user: 'wattproof', password: 'p:ä-0123456789abc' }

function basic(text: string) {
  return { authorization: `Basic ${Buffer.from(text, 'utf8').toString('base64')}` }
}

test('user and password are accepted in either form', () => {
  expect(() => authorize(basic('wattproof:p:ä-0123456789abc'), expected)).not.toThrow()
  const headers = { 'x-clickhouse-user': 'wattproof', 'x-clickhouse-key': 'secret' }
  expect(() => authorize(headers, { user: 'wattproof', password: 'secret' })).not.toThrow()
})

test.each([
  {},
  { authorization: '' },
  { authorization: 'Basic' },
  { authorization: 'Basic !' },
  { authorization: 'Bearer p:ä-0123456789abc' },
  basic(''),
  basic('wattproof'),
  basic('wattproof:'),
  basic('wattproof:p'),
  basic('wattproof:p:ä-0123456789abcd'),
  basic('default:p:ä-0123456789abc'),
  { 'x-clickhouse-user': 'wattproof' },
  { 'x-clickhouse-key': 'p:ä-0123456789abc' },
  // Authorization takes precedence over the other headers.
  { ...basic('wattproof:no'), 'x-clickhouse-user': 'wattproof', 'x-clickhouse-key': 'p:ä-0' },
])('%j is refused', (headers) => {
  expect(() => authorize(headers, expected)).toThrow(expect.objectContaining({ code: 516 }))
})
