import type { PagedQuery } from '../../schemas/sql/catalogue/paging.ts'
import type { EpochMs } from '../../schemas/time.ts'

/** Values for the parameters of a view's query; an empty text or list means all. */
export type ViewValues = {
  readonly from_ms: EpochMs
  readonly to_ms: EpochMs
  readonly meter: string
  readonly meters: readonly string[]
  readonly group: string
  readonly event: string
  readonly revision: number
  readonly period: number
  readonly reason: string
  readonly limit: number
  /** Places of the log; none means everything that is stored. */
  readonly as_of: readonly number[]
  /** The generation to read; without it the newest. */
  readonly pin: { readonly run: bigint; readonly high_water_ms: EpochMs } | null
  /** Key of the last row of the page before. */
  readonly after: string
}

/** The named queries of views, all of which are answered in pages. */
export type ViewQuery = PagedQuery
