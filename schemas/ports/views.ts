/** A named query: `schemas/sql/queries/NAME.sql`. */
export type QueryName = string
/** A named row set: a table that rows may be added to, `schemas/sql/rowSets.ts`. */
export type RowSetName = string

export type QueryParameters = Readonly<
  Record<string, string | number | bigint | boolean | null | readonly (string | number)[]>
>

/**
 * 64-bit integers come back as strings (a double would round them), instants as `…_ms` numbers
 * where the query says `toUnixTimestamp64Milli` and casts to Float64, the rest as JSON has it.
 */
export type Row = Readonly<Record<string, unknown>>

/** Formats a result may be streamed in; `json` is one JSON object a line. */
export type StreamFormat = 'json' | 'csv' | 'arrow'

/**
 * The store of views: what batch and speed publish and serving reads.
 *
 * What every engine promises:
 * - only named queries and named row sets; no SQL from outside.
 * - `insert` resolves once the rows are durable and visible to every later query. Rows carry their
 *   own key and version: inserting them again changes no answer.
 * - `query` sees each published generation whole or not at all.
 *
 * What every engine expects:
 * - `migrate` (`deploy/migrate.ts`) has brought the schema up to date.
 * - inserts in batches; one row a call is slow (some 60 calls a second).
 *
 * @throws NotFoundError for an unknown name, InvalidArgumentError for a missing or wrong
 * parameter, RetryableError when the store cannot be reached.
 */
export interface Views {
  query<R extends Row = Row>(name: QueryName, parameters?: QueryParameters): Promise<R[]>
  stream(
    name: QueryName,
    parameters: QueryParameters,
    format: StreamFormat,
  ): Promise<AsyncIterable<Uint8Array>>
  insert(rowSet: RowSetName, rows: readonly Row[]): Promise<void>
  ping(): Promise<void>
  close(): Promise<void>
}
