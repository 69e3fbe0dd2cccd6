import { PageUnreadableError } from '../../errors/view.ts'
import { type EpochMs, isoUtc } from '../../time.ts'
import type { QueryName } from './catalogue.ts'

/**
 * How the rows of a query are ordered, so that a page can begin after any of them.
 *
 * `rising` and `falling`: by their start, then by a key; `keys`: by these columns alone.
 */
type Paging =
  | { readonly by: 'rising' | 'falling'; readonly key: string }
  | { readonly by: 'keys'; readonly keys: readonly string[] }

const pagings = {
  merged_deviation: { by: 'rising', key: 'meter' },
  merged_group: { by: 'rising', key: 'group_id' },
  exceptions: { by: 'falling', key: 'meter' },
  forecast: { by: 'rising', key: 'meter' },
  // One row an instant.
  view_group_forecast: { by: 'rising', key: 'group_id' },
  view_baseline: { by: 'rising', key: 'meter' },
  counting_readings: { by: 'rising', key: 'meter' },
  view_rejected: { by: 'keys', keys: ['log_offset'] },
  view_events: { by: 'falling', key: 'event_id' },
  view_settlements: { by: 'keys', keys: ['period', 'event_id', 'revision'] },
  view_settlement_lines: { by: 'keys', keys: ['line_index'] },
  view_attestations: { by: 'keys', keys: ['period', 'validator'] },
} as const satisfies { readonly [name in QueryName]?: Paging }

/** A named query whose rows are answered in pages. */
export type PagedQuery = keyof typeof pagings

type StoredRow = Readonly<Record<string, unknown>>

export type PageOf = {
  /** Up to one more than `limit`, which shows that rows were left off. */
  readonly rows: readonly StoredRow[]
  readonly limit: number
}

/** Values for the parameters of the query, where a page begins. */
type PageStart = {
  readonly from_ms?: EpochMs
  readonly to_ms?: EpochMs
  /** Key of the last row of the page before. */
  readonly after?: string
}

export type CutPageReturnType = {
  /** How many of the rows are of this page. */
  readonly count: number
  readonly isTruncated: boolean
  /** What the next page begins with, or after; null at the end. */
  readonly next: string | null
}

/**
 * At most `limit` rows; the page that begins with `next` neither repeats nor misses any.
 *
 * Rows that rise in time are cut between instants where that is possible, and `next` is the instant
 * of the next page; it is `INSTANT/KEY` of the last row where one instant has more than a page.
 */
export function cutPage(query: PagedQuery, { rows, limit }: PageOf): CutPageReturnType {
  if (rows.length <= limit) return { count: rows.length, isTruncated: false, next: null }
  const paging: Paging = pagings[query]
  const last = rows[limit - 1]!
  if (paging.by === 'keys') {
    const next = paging.keys.map((key) => String(last[key] ?? '')).join('/')
    return { count: limit, isTruncated: true, next }
  }
  const startOf = (row: StoredRow) => Number(row.start_ms)
  const nextMs = startOf(rows[limit]!)
  const whole = rows.findIndex((row) => startOf(row) === nextMs)
  if (paging.by === 'rising' && whole > 0) {
    return { count: whole, isTruncated: true, next: isoUtc(nextMs) }
  }
  const next = `${isoUtc(startOf(last))}/${String(last[paging.key])}`
  return { count: limit, isTruncated: true, next }
}

/** What a page asks of its query. @throws PageUnreadableError for no `next` of this view. */
export function readPage(query: PagedQuery, page: string): PageStart {
  const paging: Paging = pagings[query]
  if (paging.by === 'keys') {
    if (page.split('/').length !== paging.keys.length) throw new PageUnreadableError({ page })
    return { after: page }
  }
  const cut = page.indexOf('/')
  const instant = cut < 0 ? page : page.slice(0, cut)
  const after = cut < 0 ? '' : page.slice(cut + 1)
  const ms: EpochMs = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(instant) ? Date.parse(instant) : Number.NaN
  if (Number.isNaN(ms) || (paging.by === 'falling' && after === '')) {
    throw new PageUnreadableError({ page })
  }
  return paging.by === 'rising' ? { from_ms: ms, after } : { to_ms: ms + 1, after }
}
