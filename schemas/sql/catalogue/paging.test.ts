import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutPage, readPage } from './paging.ts'

const startMs = Date.UTC(2013, 1, 11)
type Row = { readonly start_ms: number; readonly meter: string }

/** As the store answers: `after` continues within the first or last instant. */
function ask(query: 'merged_deviation' | 'exceptions', all: readonly Row[], page: string | null) {
  const {
    from_ms = 0,
    to_ms = Number.POSITIVE_INFINITY,
    after = '',
  } = page === null ? {} : readPage(query, page)
  const edgeMs = query === 'exceptions' ? to_ms - 1 : from_ms
  const left = all.filter(({ start_ms, meter }) => {
    if (start_ms < from_ms || start_ms >= to_ms) return false
    return after === '' || start_ms !== edgeMs || meter > after
  })
  const sign = query === 'exceptions' ? -1 : 1
  return left.sort((one, other) => {
    return sign * (one.start_ms - other.start_ms) || (one.meter < other.meter ? -1 : 1)
  })
}

test.each(['merged_deviation', 'exceptions'] as const)(
  'pages of %s have every row once, however many one instant holds',
  (query) => {
    const counts = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 9 })
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 9 }), (perInstant, limit) => {
        const all = perInstant.flatMap((count, slot) =>
          Array.from({ length: count }, (_, row) => {
            return { start_ms: startMs + slot * 1_800_000, meter: `M${row}` }
          }),
        )
        const paged: Row[] = []
        for (let page: string | null = null; ; ) {
          const rows = ask(query, all, page).slice(0, limit + 1)
          const { count, next, isTruncated } = cutPage(query, { rows, limit })
          expect(count).toBeLessThanOrEqual(limit)
          expect(isTruncated).toBe(next !== null)
          paged.push(...rows.slice(0, count))
          page = next
          if (page === null) break
        }
        expect(paged).toEqual(ask(query, all, null))
      }),
    )
  },
)

test('rising rows are cut between instants where one fits, and `next` is the instant', () => {
  const at = (slot: number, meter: string) => ({ start_ms: startMs + slot * 1_800_000, meter })
  const rows = [at(0, 'A'), at(1, 'A'), at(1, 'B')]
  const whole = { count: 1, isTruncated: true, next: '2013-02-11T00:30:00.000Z' }
  expect(cutPage('merged_deviation', { rows, limit: 2 })).toEqual(whole)
  const within = { count: 1, isTruncated: true, next: '2013-02-11T00:30:00.000Z/A' }
  expect(cutPage('merged_deviation', { rows: rows.slice(1), limit: 1 })).toEqual(within)
})

test.each([
  ['merged_deviation', 'x'],
  ['exceptions', '2013-02-11T00:30:00.000Z'],
  ['view_settlements', '7/e'],
] as const)('a page that is no next of %s is refused: %s', (query, page) => {
  expect(() => readPage(query, page)).toThrow('takes the `next` of this view')
})
