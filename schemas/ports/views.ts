import type { ParametersOf, QueryName, RowOf } from '../sql/catalogue.ts'
import type { InsertRow, PartitionedRowSetName, RowSetName } from '../sql/rowSets.ts'

/** A query without parameters is asked for by its name alone. */
export type Given<Name extends QueryName> = Name extends QueryName
  ? keyof ParametersOf<Name> extends never
    ? []
    : [parameters: ParametersOf<Name>]
  : never

/** Formats a result may be streamed in; `json` is one JSON object a line. */
export type StreamFormat = 'json' | 'csv' | 'arrow'

export type InsertOptions = {
  /**
   * Of all inserts into `generations` with one key the first is stored and the others are none,
   * whichever process they come from; all resolve, and who asks afterwards sees whose it was.
   */
  readonly onceKey?: string
}

/** What a run wrote of a day, or what it wrote besides. */
export type Partition = { readonly run: number | bigint; readonly day?: string }

/**
 * The store of views: what batch and speed publish and serving reads.
 *
 * What every engine promises:
 * - only named queries (`sql/catalogue.ts`) and named row sets (`sql/rowSets.ts`), typed by their
 *   entries; no SQL from outside.
 * - `insert` resolves once the rows are durable and visible to every later query. Rows carry their
 *   own key and version: inserting them again changes no answer.
 * - `query` and `stream` see each published generation whole or not at all: of a query that takes a
 *   generation (`run`, `mark_ms`) the engine reads the newest first and fills it in, unless the
 *   caller pins one that an earlier `published_generation` named.
 * - row sets of a run (`partitionedBy`) are inserted once: a failure there is not tried again, as
 *   part of it may be stored. Their partitions can be dropped.
 *
 * What every engine expects:
 * - `migrate` (`deploy/migrate.ts`) has brought the schema up to date.
 * - inserts in batches; one row a call is slow (some 60 calls a second).
 *
 * @throws NotFoundError for an unknown name, InvalidArgumentError for a missing or wrong
 * parameter, RetryableError when the store cannot be reached.
 */
export interface Views {
  query<Name extends QueryName>(name: Name, ...given: Given<Name>): Promise<RowOf<Name>[]>
  /** The bytes as the store writes them; nothing is decoded. */
  stream<Name extends QueryName>(
    name: Name,
    parameters: ParametersOf<Name>,
    format: StreamFormat,
  ): Promise<AsyncIterable<Uint8Array>>
  insert<Name extends RowSetName>(
    rowSet: Name,
    rows: readonly InsertRow<Name>[],
    options?: InsertOptions,
  ): Promise<void>
  /**
   * Drops partitions of a row set that runs write, by day where it is stored so. One that is not
   * there is no error. The caller knows that no reader asks for them any more.
   */
  drop(rowSet: PartitionedRowSetName, partitions: readonly Partition[]): Promise<void>
  ping(): Promise<void>
  close(): Promise<void>
}
