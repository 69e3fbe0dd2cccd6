import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { setImmediate as othersRun } from 'node:timers/promises'
import { ZodError } from 'zod'
import {
  OnceKeyMisplacedError,
  ParametersMissingError,
  ParametersUnknownError,
  PartitionUnnamedError,
} from '../../../schemas/errors/views.ts'
import { InvariantError, NotFoundError } from '../../../schemas/errors/wattproofError.ts'
import { readPublished } from '../../../schemas/ports/readPublished.ts'
import {
  type InsertOptions,
  onceRowSets,
  type Partition,
  type StreamFormat,
  type Views,
} from '../../../schemas/ports/views.ts'
import { catalogue, type QueryName } from '../../../schemas/sql/catalogue/catalogue.ts'
import type { Query } from '../../../schemas/sql/defineQuery.ts'
import { countInserted } from '../../../schemas/sql/insertColumns.ts'
import {
  type PartitionedRowSetName,
  type PartitionKey,
  partitionedBy,
  runRowSets,
} from '../../../schemas/sql/partitions.ts'
import { type RowSetName, rowSets } from '../../../schemas/sql/rowSets.ts'
import { type ClickHouseConnection, connectClickHouse } from './clickhouseConnection.ts'
import { toViewsError } from './clickhouseErrors.ts'
import { type AnyInserted, encoderOf } from './encodeInserted.ts'
import { namedQuery } from './namedQueries.ts'

export type OpenClickHouseViewsParameters = {
  /** `http://user:password@host:port`; the database is `wattproof`. */
  readonly url: string
  readonly limits?: Partial<ReadLimits>
  /** Somebody waits for each answer: a store that stands still is an error within two seconds. */
  readonly isAwaited?: boolean
}

/** Limits of one read; beyond them it is refused. */
export type ReadLimits = {
  readonly executionS: number
  readonly resultRows: number
  readonly memoryBytes: number
}

const limitsDefault: ReadLimits = {
  executionS: 30,
  resultRows: 5_000_000,
  memoryBytes: 2_000_000_000,
}

/** Days or months one insert may touch; the engine's own limit of 100 guards against mistakes. */
const partitionsMax = '1000'
/** Partitions per statement, since the length of a statement is limited. */
const dropsMax = 500

/** Rows decoded in one turn: some milliseconds. */
const decodedAtOnce = 10_000

const formatNames: Readonly<Record<StreamFormat, string>> = {
  json: 'JSONEachRow',
  csv: 'CSVWithNames',
  arrow: 'ArrowStream',
}

/** `Views` on ClickHouse, a server or the embedded one; both speak HTTP. */
export async function openClickHouseViews(
  parameters: OpenClickHouseViewsParameters,
): Promise<Views> {
  const { url, isAwaited = false } = parameters
  const connection = await connectClickHouse(url, { isAwaited })
  const settings = readSettings({ ...limitsDefault, ...parameters.limits })
  return {
    query: queryOf(connection, settings),
    stream: (name, given, format) => stream(connection, settings, { name, given, format }),
    insert: (rowSet, given, options = {}) => {
      // The type of `given` follows that of the row set; here it is any of them.
      return insert(connection, { rowSet, given: given as AnyInserted, ...options })
    },
    drop: (rowSet, partitions) => drop(connection, rowSet, partitions),
    ping: () => ping(connection),
    close: () => connection.close(),
  }
}

type Settings = Readonly<Record<string, string | number>>
type Parameters = Readonly<Record<string, unknown>>

/**
 * The port types name, parameters and rows together; inside the engine they have the types of any
 * entry.
 */
function queryOf(connection: ClickHouseConnection, settings: Settings): Views['query'] {
  return (name, given?: Parameters) =>
    query(connection, settings, { name, given }) as Promise<never[]>
}

async function query(
  connection: ClickHouseConnection,
  settings: Settings,
  { name, given = {} }: { name: string; given: Parameters | undefined },
): Promise<unknown[]> {
  const entry = entryOf(name)
  const pinned = await fillIn(connection, settings, { entry, given })
  const query_params = checkParameters(name, entry, pinned)
  // The whole answer is buffered until it is complete, so that a late failure has its own error.
  const clickhouse_settings = { ...settings, wait_end_of_query: 1 as const }
  const { client, attempt } = connection
  const rows = await attempt(`query ${name}`, async (signal) => {
    const asked = {
      ...{ query: namedQuery(name).sql, query_params, clickhouse_settings },
      ...abortedBy(signal),
    }
    const result = await client.query({ ...asked, format: 'JSONEachRow' })
    return result.json()
  })
  return decodeRows(name, entry, rows)
}

/** In place: an answer may have millions of rows, so others have their turn between them. */
async function decodeRows(name: string, { decode }: Query, rows: unknown[]): Promise<unknown[]> {
  try {
    for (let row = 0; row < rows.length; row++) {
      rows[row] = decode(rows[row])
      if (row % decodedAtOnce === decodedAtOnce - 1) await othersRun()
    }
    return rows
  } catch (error) {
    if (!(error instanceof ZodError)) throw error
    const said = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    const sentence = `Query ${name} does not answer as its entry says: ${said.join('; ')}.`
    throw new InvariantError(sentence, {}, error)
  }
}

async function stream(
  connection: ClickHouseConnection,
  settings: Settings,
  asked: { name: string; given: Parameters; format: StreamFormat },
): Promise<AsyncIterable<Uint8Array>> {
  const entry = entryOf(asked.name)
  const given = await fillIn(connection, settings, { entry, given: asked.given })
  const query_params = checkParameters(asked.name, entry, given)
  const statement = `${namedQuery(asked.name).sql}\nFORMAT ${formatNames[asked.format]}`
  const what = `query ${asked.name}`
  const { client, attempt } = connection
  const result = await attempt(what, (signal) => {
    const asked = { query: statement, query_params, clickhouse_settings: settings }
    return client.exec({ ...asked, ...abortedBy(signal) })
  })
  return readStream(result.stream, what)
}

/** Not retried once rows flow: the reader has already seen some. */
async function* readStream(source: Readable, what: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of source) yield chunk as Uint8Array
  } catch (error) {
    throw toViewsError(error, what)
  } finally {
    source.destroy()
  }
}

type Inserting = InsertOptions & { readonly rowSet: RowSetName; readonly given: AnyInserted }

async function insert(
  connection: ClickHouseConnection,
  { rowSet, given, onceKey }: Inserting,
): Promise<void> {
  if (!Object.hasOwn(rowSets, rowSet)) throw new NotFoundError('row set', rowSet)
  const rows = countInserted(given)
  if (onceKey !== undefined && rows > (onceRowSets[rowSet] ?? 0)) {
    throw new OnceKeyMisplacedError({ rowSet, rows })
  }
  const { columns, encode, rowsMax } = encoderOf(rowSets[rowSet], given)
  const names = Object.keys(columns).map((name) => `\`${name}\``)
  const statement = `INSERT INTO ${rowSet} (${names.join(', ')}) FORMAT ArrowStream`
  const isOfRun = runRowSets.some((name) => name === rowSet)
  const attempt = isOfRun ? connection.once : connection.attempt
  const clickhouse_settings = {
    async_insert: 0 as const,
    wait_end_of_query: 1 as const,
    max_partitions_per_insert_block: partitionsMax,
    ...(onceKey === undefined ? {} : { insert_deduplication_token: onceKey }),
  }
  for (let from = 0; from < rows; from += rowsMax) {
    const body = encode({ from, to: Math.min(rows, from + rowsMax) })
    await attempt(`insert into ${rowSet}`, async (signal) => {
      const values = Readable.from([body], { objectMode: false })
      const asked = { query: statement, values, clickhouse_settings }
      const answer = await connection.client.exec({ ...asked, ...abortedBy(signal) })
      answer.stream.resume()
      await finished(answer.stream)
    })
  }
}

async function drop(
  { client, attempt }: ClickHouseConnection,
  rowSet: PartitionedRowSetName,
  partitions: readonly Partition[],
): Promise<void> {
  if (!Object.hasOwn(partitionedBy, rowSet)) throw new NotFoundError('partitioned row set', rowSet)
  const names = partitions.map((partition: Partial<Record<PartitionKey, unknown>>) => {
    const values = partitionedBy[rowSet].map((name) => partitionLiteral(name, partition[name]))
    return values.length === 1 ? values[0]! : `(${values.join(', ')})`
  })
  for (let from = 0; from < names.length; from += dropsMax) {
    const drops = names.slice(from, from + dropsMax).map((name) => `DROP PARTITION ${name}`)
    await attempt(`drop of ${rowSet}`, async (signal) => {
      const query = `ALTER TABLE ${rowSet} ${drops.join(', ')}`
      await client.command({ query, ...abortedBy(signal) })
    })
  }
}

const partitionValues: Readonly<Record<PartitionKey, RegExp>> = {
  day: /^\d{4}-\d{2}-\d{2}$/,
  month: /^\d{6}$/,
  run: /^\d{1,20}$/,
}

function partitionLiteral(name: PartitionKey, value: unknown): string {
  const text = String(value)
  if (!partitionValues[name].test(text))
    throw new PartitionUnnamedError({ column: name, value: text })
  return name === 'day' ? `'${text}'` : text
}

/**
 * The parameters that a caller may leave out: the newest generation, and no row to begin after.
 *
 * Before the first there is no run and no high-water mark: everything is the speed layer's.
 */
async function fillIn(
  connection: ClickHouseConnection,
  settings: Settings,
  asked: { entry: Query; given: Parameters },
): Promise<Parameters> {
  const { entry } = asked
  const isWithin = 'after' in entry.parameters && asked.given.after === undefined
  const given = isWithin ? { ...asked.given, after: '' } : asked.given
  const wants = (name: string) => name in entry.parameters && given[name] === undefined
  if (!wants('run') && !wants('high_water_ms')) return given
  const newest = await readPublished({ query: queryOf(connection, settings) })
  return {
    ...given,
    ...(wants('run') ? { run: newest?.run ?? 0 } : {}),
    ...(wants('high_water_ms') ? { high_water_ms: newest?.highWaterMs ?? 0 } : {}),
  }
}

async function ping({ client, attempt }: ClickHouseConnection): Promise<void> {
  await attempt('ping', async (signal) => {
    const answer = await client.ping({ select: true, ...abortedBy(signal) })
    if (!answer.success) throw answer.error
  })
}

function abortedBy(signal: AbortSignal | undefined): { abort_signal?: AbortSignal } {
  return signal ? { abort_signal: signal } : {}
}

function entryOf(name: string): Query {
  if (!Object.hasOwn(catalogue, name)) throw new NotFoundError('query', name)
  return catalogue[name as QueryName]
}

/** @throws InvalidArgumentError for a missing parameter or one that the query does not have. */
function checkParameters(name: string, { parameters }: Query, given: Parameters): Parameters {
  const missing = Object.keys(parameters).filter((each) => given[each] === undefined)
  const unknown = Object.keys(given).filter((each) => !Object.hasOwn(parameters, each))
  if (missing.length > 0) {
    throw new ParametersMissingError({ query: name, missing })
  }
  if (unknown.length > 0) {
    throw new ParametersUnknownError({ query: name, unknown })
  }
  return given
}

function readSettings(limits: ReadLimits): Settings {
  return {
    max_execution_time: limits.executionS,
    max_result_rows: String(limits.resultRows),
    max_memory_usage: String(limits.memoryBytes),
    result_overflow_mode: 'throw',
    timeout_overflow_mode: 'throw',
    output_format_json_quote_64bit_integers: 1,
    output_format_json_quote_denormals: 0,
    output_format_arrow_compression_method: 'none',
    output_format_arrow_string_as_string: 1,
    output_format_arrow_low_cardinality_as_dictionary: 0,
  }
}
