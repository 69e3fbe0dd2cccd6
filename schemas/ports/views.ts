import type { ParametersOf, QueryName, RowOf } from '../sql/catalogue/catalogue.ts'
import type { InsertColumns } from '../sql/insertColumns.ts'
import type { PartitionedRowSetName } from '../sql/partitions.ts'
import type { InsertRow, RowSetName } from '../sql/rowSets.ts'

/** A query without parameters takes only its name. */
export type Given<Name extends QueryName> = Name extends QueryName
  ? keyof ParametersOf<Name> extends never
    ? []
    : [parameters: ParametersOf<Name>]
  : never

/** Formats a result may be streamed in; `json` is one JSON object per line. */
export type StreamFormat = 'json' | 'csv' | 'arrow'

/**
 * A few rows, or as columns whatever can be many (`sql/insertColumns.ts`): typed arrays, texts
 * by their places in a list, integers of 128 bits by what each row adds to a base. Both ways store
 * the same.
 */
export type Inserted<Name extends RowSetName> = readonly InsertRow<Name>[] | InsertColumns<Name>

/**
 * Rows, given as such, that an insert stores at once; more are stored part by part, which queries
 * may see between.
 */
export const insertRowsMax = 50_000

/** What an insert with a key may store, and so many rows of it at most. */
export const onceRowSets: Readonly<Record<string, number>> = {
  generations: 1,
  meters: insertRowsMax,
}

/**
 * A store killed between accepting a key and storing its rows has used up the key. So who sees
 * none of the rows after an insert sends the next key, the same ones in the same order as others
 * do, and gives up after so many.
 */
export const onceKeysMax = 20

export type InsertOptions = {
  /**
   * Only the first insert into a row set of `onceRowSets` with a given key is stored, whichever
   * process sends it. All of them resolve; a query afterwards shows which one was stored.
   */
  readonly onceKey?: string
}

/** The rows of a run for one day, or those that belong to no day; a month of the speed view. */
export type Partition =
  | { readonly run: number | bigint; readonly day?: string }
  | { readonly month: string }

/**
 * The store of the views that batch and speed publish and serving reads.
 *
 * What every engine promises:
 * - only named queries (`sql/catalogue/`) and named row sets (`sql/rowSets.ts`), typed by their
 *   entries; no SQL from outside.
 * - `insert` resolves once the rows are durable and visible to every later query. Rows carry their
 *   own key and version: inserting them again changes no result.
 * - `query` and `stream` see each published generation completely or not at all: for a query that
 *   takes a generation (`run`, `high_water_ms`) the engine first reads the newest one and fills it
 *   in, unless the caller pins one from an earlier `published_generation`; a query that takes
 *   `after` begins at its first row without it.
 * - row sets of a run (`runRowSets`) are inserted once: a failed insert is not retried, because
 *   part of it may be stored. Partitions of these, and of the speed view, can be dropped.
 *
 * What every engine expects:
 * - `migrate` (`deploy/engines/views/migrate.ts`) has brought the schema up to date.
 * - inserts in batches; one row per call is slow (about 60 calls a second). Rows that can be many
 *   come as columns, of which none becomes an object a row.
 *
 * @throws NotFoundError for an unknown name, InvalidArgumentError for a missing or wrong
 * parameter, RetryableError when the store cannot be reached.
 */
export interface Views {
  query<Name extends QueryName>(name: Name, ...given: Given<Name>): Promise<RowOf<Name>[]>
  /** The bytes as the store returns them, not decoded. */
  stream<Name extends QueryName>(
    name: Name,
    parameters: ParametersOf<Name>,
    format: StreamFormat,
  ): Promise<AsyncIterable<Uint8Array>>
  insert<Name extends RowSetName>(
    rowSet: Name,
    given: Inserted<Name>,
    options?: InsertOptions,
  ): Promise<void>
  /**
   * Drops partitions of a row set (`sql/partitions.ts`). A missing one is not an error. The caller
   * ensures that no reader needs them any more.
   */
  drop(rowSet: PartitionedRowSetName, partitions: readonly Partition[]): Promise<void>
  ping(): Promise<void>
  close(): Promise<void>
}
