import { expect, test } from 'vitest'
import { hrefOf, parseRoute, takeToken } from './route.ts'

const range = { fromMs: Date.UTC(2013, 1, 11, 17), toMs: Date.UTC(2013, 1, 11, 20) }

test('an address and a route round-trip', () => {
  for (const route of [
    { page: 'now', id: null, range: null },
    { page: 'event', id: 'high-2013-02-11', range },
    { page: 'home', id: 'a:b/c d', range: null },
  ] as const) {
    expect(parseRoute(hrefOf(route))).toEqual(route)
  }
})

test('addresses are short enough to read', () => {
  expect(hrefOf({ page: 'event', id: 'high', range })).toBe(
    '#/event/high?from=2013-02-11T17:00Z&to=2013-02-11T20:00Z',
  )
})

test('unreadable parts are dropped', () => {
  const now = { page: 'now', id: null, range: null }
  expect(parseRoute('')).toEqual(now)
  expect(parseRoute('#/nowhere')).toEqual(now)
  expect(parseRoute('#/now?from=yesterday&to=2013-02-11T20:00Z')).toEqual(now)
  expect(parseRoute('#/now?from=2013-02-11T20:00Z&to=2013-02-11T17:00Z')).toEqual(now)
  expect(parseRoute('#/home/%E0%A4')).toEqual({ page: 'home', id: '%E0%A4', range: null })
})

test('a token is removed from the address', () => {
  expect(takeToken('#token=abc')).toEqual({ token: 'abc', hash: '#/now' })
  expect(takeToken('#/home/M1?token=a%2Bb')).toEqual({ token: 'a+b', hash: '#/home/M1' })
  expect(takeToken('#/now?token=abc&from=1&to=2')).toEqual({
    token: 'abc',
    hash: '#/now?from=1&to=2',
  })
  expect(takeToken('#/now?from=1&token=abc')).toEqual({ token: 'abc', hash: '#/now?from=1' })
  expect(takeToken('#/chain')).toEqual({ token: null, hash: '#/chain' })
})
