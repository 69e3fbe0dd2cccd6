import type { ParametersOf, QueryName, RowOf } from '../sql/catalogue.ts'
import type { InsertRow, RowSetName } from '../sql/rowSets.ts'

/** A query without parameters is asked for by its name alone. */
export type Given<Name extends QueryName> = Name extends QueryName
  ? keyof ParametersOf<Name> extends never
    ? []
    : [parameters: ParametersOf<Name>]
  : never

/** Formats a result may be streamed in; `json` is one JSON object a line. */
export type StreamFormat = 'json' | 'csv' | 'arrow'

/**
 * The store of views: what batch and speed publish and serving reads.
 *
 * What every engine promises:
 * - only named queries (`sql/catalogue.ts`) and named row sets (`sql/rowSets.ts`), typed by their
 *   entries; no SQL from outside.
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
  query<Name extends QueryName>(name: Name, ...given: Given<Name>): Promise<RowOf<Name>[]>
  /** The bytes as the store writes them; nothing is decoded. */
  stream<Name extends QueryName>(
    name: Name,
    parameters: ParametersOf<Name>,
    format: StreamFormat,
  ): Promise<AsyncIterable<Uint8Array>>
  insert<Name extends RowSetName>(rowSet: Name, rows: readonly InsertRow<Name>[]): Promise<void>
  ping(): Promise<void>
  close(): Promise<void>
}
