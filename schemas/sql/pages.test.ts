import { afterAll, beforeAll, expect, test } from 'vitest'
import { openClickHouseViews } from '../../deploy/engines/views/clickhouseViews.ts'
import { startTestClickHouse, type TestClickHouse } from '../../deploy/testing/testClickHouse.ts'
import type { Views } from '../ports/views.ts'

/** Queries that begin after a row of another answer: each page has one row here. */
let server: TestClickHouse
let views: Views
beforeAll(async () => {
  server = await startTestClickHouse()
  views = await openClickHouseViews({ url: server.url })
})
afterAll(async () => {
  await views?.close()
  await server?.stop()
})

test('settlements and verdicts continue after any row, with or without a number', async () => {
  const settlement = {
    ...{ version: 1, root: '0x', leaf_count: 0, pay_micros: 0n, fee_micros: 0n },
    ...{ state: 'final', body: '' },
  }
  const settled = [
    ...(['a', 'b'] as const).map((event_id) => ({ event_id, revision: 1, period: null })),
    { event_id: 'c', revision: 2, period: 12 },
    { event_id: 'c', revision: 1, period: 12 },
    ...(['a', 'b'] as const).map((event_id) => ({ event_id, revision: 2, period: 9 })),
    { event_id: 'd', revision: 1, period: 0 },
  ]
  await views.insert(
    'settlements',
    [...settled].reverse().map((each) => ({ ...settlement, ...each })),
  )
  const verdicts = [7, 12].flatMap((settlementNumber) =>
    ['0xa', '0xb'].map((validator) => ({ period: settlementNumber, validator, version: 1 })),
  )
  await views.insert(
    'attestations',
    verdicts.map((each) => ({ ...each, signature: '', refusal: '' })),
  )
  const pagesOf = async (ask: (after: string) => Promise<{ key: string }[]>) => {
    const keys: string[] = []
    for (let after = ''; keys.length < 20; ) {
      const [row] = await ask(after)
      if (!row) break
      keys.push(row.key)
      after = row.key
    }
    return keys
  }
  const settlementKeys = await pagesOf(async (after) => {
    const rows = await views.query('view_settlements', { event: '', limit: 1, after })
    return rows.map((row) => ({ key: keyOf(row) }))
  })
  expect(settlementKeys).toEqual(settled.map(keyOf))
  const verdictKeys = await pagesOf(async (after) => {
    const rows = await views.query('view_attestations', { period: 0, limit: 1, after })
    return rows.map((row) => ({ key: `${row.period}/${row.validator}` }))
  })
  expect(verdictKeys).toEqual(['12/0xa', '12/0xb', '7/0xa', '7/0xb'])
})

type Numbered = {
  readonly period: number | null
  readonly event_id: string
  readonly revision: number
}

function keyOf(row: Numbered): string {
  return `${row.period ?? ''}/${row.event_id}/${row.revision}`
}
