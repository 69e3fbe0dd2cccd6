import { expect, test } from 'vitest'
import { authorize, refuseForeign } from './authorize.ts'

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

test.each([
  { host: 'localhost' },
  { host: '127.0.0.1:8123' },
  { host: '127.1.2.3:1' },
  { host: '[::1]:8123' },
])('a program of this machine is answered: %j', (headers) => {
  expect(() => refuseForeign(headers)).not.toThrow()
})

test.each([
  {},
  { host: '' },
  { host: 'evil.example' },
  { host: '127.0.0.1.evil.example:8123' },
  { host: 'localhost.evil.example' },
  { host: '127.0.0.1:8123@evil.example' },
  { host: '192.168.1.2:8123' },
  { host: '127.0.0.1:8123', origin: 'https://evil.example' },
  { host: '127.0.0.1:8123', origin: 'null' },
  { host: '127.0.0.1:8123', 'sec-fetch-site': 'same-origin' },
])('a web page, or another host name, is refused before it may log in: %j', (headers) => {
  expect(() => refuseForeign(headers)).toThrow(expect.objectContaining({ code: 497 }))
})
