import { expect, test } from 'vitest'
import type { MeterKind } from './kind.ts'
import { mayBeNegative, meterKinds } from './kind.ts'
import { occupancyAt } from './occupancy.ts'
import { hashPoint, type Point, pointAt, readTerms, termsOf, writeTerms } from './point.ts'
import { aMeter } from './testing/aMeter.ts'

const site = (...kinds: MeterKind[]) => kinds.map((kind) => aMeter({ meter: kind, kind }))
const at = (fromMs: number, terms: string, programme = 'p'): Point => {
  return { site: 'S', programme, fromMs, terms: readTerms(terms) }
}

test('what a site takes from the grid is its net meter, else import less export', () => {
  expect(writeTerms(termsOf('net', site('import', 'export')))).toBe('-export +import')
  expect(writeTerms(termsOf('net', site('import', 'export', 'net')))).toBe('+net')
})

test('what a site uses is net + generation − storage, or its load meter', () => {
  const solar = site('net', 'generation', 'storage', 'appliance')
  expect(writeTerms(termsOf('load', solar))).toBe('+generation +net -storage')
  const registers = site('import', 'export', 'generation')
  expect(writeTerms(termsOf('load', registers))).toBe('-export +generation +import')
  expect(writeTerms(termsOf('load', site('net', 'load', 'generation')))).toBe('+load')
})

test('terms are read as they are written, in any order; another text is refused', () => {
  expect(readTerms(' +B  -A')).toEqual([
    { meter: 'A', sign: -1 },
    { meter: 'B', sign: 1 },
  ])
  expect(readTerms('')).toEqual([])
  for (const text of ['A', '+A +A', '+A -A', '+', '+a b', '*A']) {
    expect(() => readTerms(text), text).toThrow('is not a settlement point')
  }
})

test('each part of a definition is in its hash, the order of its terms is not', () => {
  const point = at(0, '+A -B')
  const others = [
    at(1, '+A -B'),
    at(0, '+A +B'),
    at(0, '+A'),
    at(0, '+A -B', 'q'),
    { ...point, site: 'T' },
  ]
  expect(new Set([point, ...others].map(hashPoint)).size).toBe(6)
  expect(hashPoint({ ...point, terms: [...point.terms].reverse() })).toBe(hashPoint(point))
})

test('a site has the point that began last, and none after one without terms', () => {
  const points = [at(20, ''), at(10, '+A'), at(30, '+B')]
  const found = [9, 10, 19, 20, 30].map((ms) => pointAt(points, ms))
  expect(found.map((point) => point && writeTerms(point.terms))).toEqual([
    ...[null, '+A', '+A', null, '+B'],
  ])
})

test('an occupancy ends where the next one begins', () => {
  const account = `0x${'1'.repeat(40)}` as const
  const known = [
    { site: 'S', fromMs: 20, account: null },
    { site: 'S', fromMs: 10, account },
  ]
  expect(occupancyAt(known, 9)).toBeNull()
  expect(occupancyAt(known, 19)).toMatchObject({ account, fromMs: 10, untilMs: 20 })
  expect(occupancyAt(known, 20)).toMatchObject({ account: null, untilMs: Number.POSITIVE_INFINITY })
})

test('a register that only counts up cannot be negative', () => {
  expect(meterKinds.filter(mayBeNegative)).toEqual(['net', 'generation', 'storage'])
})
