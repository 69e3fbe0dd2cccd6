import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readInTime, type TimePart } from './readInTime.ts'

type Row = { readonly startMs: number; readonly meter: string }
type Order = 'rising' | 'falling'

const anyRow = fc.record({ hour: fc.integer({ min: -2, max: 12 }), meter: fc.nat(5) })
const anyRows = fc.uniqueArray(anyRow, { selector: ({ hour, meter }) => `${hour} ${meter}` })
const hourMs = 3_600_000

test('part by part the rows of a page are those of one question', async () => {
  const orders = fc.constantFrom<Order[]>('rising', 'falling')
  const limits = fc.integer({ min: 1, max: 30 })
  const rates = fc.constantFrom(1, 200_000, 1_000_000, 7_000_000)
  await fc.assert(
    fc.asyncProperty(anyRows, orders, limits, rates, async (given, order, limit, rowsAnHour) => {
      const rows = given.map(({ hour, meter }) => ({ startMs: hour * hourMs, meter: `M${meter}` }))
      const whole = { range: { startMs: 0, endMs: 10 * hourMs }, after: 'M2', limit }
      const asked: TimePart[] = []
      const found = await readInTime({ ...whole, order, rowsAnHour }, async (part) => {
        asked.push(part)
        return answer(rows, order, part)
      })
      expect(found).toEqual(answer(rows, order, whole))
      const longest = Math.max(...asked.map(({ range }) => range.endMs - range.startMs))
      if (asked.length > 1) expect(longest).toBeLessThan(10 * hourMs)
      // Where all rows are few it is one question.
      if (rowsAnHour * 10 <= 1_000_000) expect(asked.length).toBe(1)
    }),
  )
})

test('of a million meters a full page asks for one part', async () => {
  const range = { startMs: 0, endMs: 25 * hourMs }
  const given = { range, after: '', limit: 1_001, rowsAnHour: 2_000_000 }
  for (const order of ['rising', 'falling'] as const) {
    const asked: TimePart[] = []
    await readInTime({ ...given, order }, async (part) => {
      asked.push(part)
      return Array.from({ length: part.limit }, () => 0)
    })
    const half = order === 'rising' ? [0, hourMs / 2] : [24.5 * hourMs, 25 * hourMs]
    expect(asked.map((each) => [each.range.startMs, each.range.endMs])).toEqual([half])
  }
})

/** As the queries do: `after` leaves out meters of the first instant of a page. */
function answer(rows: readonly Row[], order: Order, { range, after, limit }: TimePart): Row[] {
  const { startMs, endMs } = range
  const sign = order === 'rising' ? 1 : -1
  return rows
    .filter((row) => row.startMs >= startMs && row.startMs < endMs)
    .filter((row) => {
      const isFirst = order === 'rising' ? row.startMs === startMs : row.startMs === endMs - 1
      return after === '' || !isFirst || row.meter > after
    })
    .sort(
      (left, right) => sign * (left.startMs - right.startMs) || (left.meter < right.meter ? -1 : 1),
    )
    .slice(0, limit)
}
