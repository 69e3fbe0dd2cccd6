import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { InvalidArgumentError, NotFoundError } from '../../../schemas/errors/wattproofError.ts'
import type {
  QueryName,
  QueryParameters,
  Row,
  RowSetName,
  StreamFormat,
  Views,
} from '../../../schemas/ports/views.ts'
import { rowSets } from '../../../schemas/sql/rowSets.ts'
import { type ClickHouseConnection, connectClickHouse } from './clickhouseConnection.ts'
import { toViewsError } from './clickhouseErrors.ts'
import { encodeRows } from './encodeRows.ts'
import { type NamedQuery, namedQuery } from './namedQueries.ts'

export type OpenClickHouseViewsParameters = {
  /** `http://user:password@host:port`; the database is `wattproof`. */
  readonly url: string
  readonly limits?: Partial<ReadLimits>
}

/** What one read may take before it is refused. */
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

/** Rows a request: few enough to be encoded at once, many enough to make one part. */
const insertRowsMax = 50_000

const formatNames: Readonly<Record<StreamFormat, string>> = {
  json: 'JSONEachRow',
  csv: 'CSVWithNames',
  arrow: 'ArrowStream',
}

/** `Views` on ClickHouse, a server or the embedded one; both speak HTTP. */
export async function openClickHouseViews(
  parameters: OpenClickHouseViewsParameters,
): Promise<Views> {
  const connection = await connectClickHouse(parameters.url)
  const settings = readSettings({ ...limitsDefault, ...parameters.limits })
  return {
    query: (name, given = {}) => query(connection, settings, { name, given }),
    stream: (name, given, format) => stream(connection, settings, { name, given, format }),
    insert: (rowSet, rows) => insert(connection, rowSet, rows),
    ping: () => ping(connection),
    close: () => connection.close(),
  }
}

type Settings = Readonly<Record<string, string | number>>

async function query<R extends Row>(
  { client, attempt }: ClickHouseConnection,
  settings: Settings,
  { name, given }: { name: QueryName; given: QueryParameters },
): Promise<R[]> {
  const named = namedQuery(name)
  const query_params = checkParameters(named, given)
  // The whole answer is held back until it is complete, so that a late failure has its own error.
  const clickhouse_settings = { ...settings, wait_end_of_query: 1 as const }
  return attempt(`query ${name}`, async () => {
    const asked = { query: named.sql, query_params, clickhouse_settings }
    const result = await client.query({ ...asked, format: 'JSONEachRow' })
    return result.json<R>()
  })
}

async function stream(
  { client, attempt }: ClickHouseConnection,
  settings: Settings,
  asked: { name: QueryName; given: QueryParameters; format: StreamFormat },
): Promise<AsyncIterable<Uint8Array>> {
  const named = namedQuery(asked.name)
  const query_params = checkParameters(named, asked.given)
  const statement = `${named.sql}\nFORMAT ${formatNames[asked.format]}`
  const what = `query ${asked.name}`
  const result = await attempt(what, () => {
    return client.exec({ query: statement, query_params, clickhouse_settings: settings })
  })
  return readStream(result.stream, what)
}

/** Not tried again once it flows: the reader has seen some of it. */
async function* readStream(source: Readable, what: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of source) yield chunk as Uint8Array
  } catch (error) {
    throw toViewsError(error, what)
  } finally {
    source.destroy()
  }
}

async function insert(
  { client, attempt }: ClickHouseConnection,
  rowSet: RowSetName,
  rows: readonly Row[],
): Promise<void> {
  const columns = Object.hasOwn(rowSets, rowSet) ? rowSets[rowSet] : undefined
  if (!columns) throw new NotFoundError('row set', rowSet)
  const names = Object.keys(columns).map((name) => `\`${name}\``)
  const statement = `INSERT INTO ${rowSet} (${names.join(', ')}) FORMAT ArrowStream`
  for (let from = 0; from < rows.length; from += insertRowsMax) {
    const body = encodeRows(columns, rows.slice(from, from + insertRowsMax))
    await attempt(`insert into ${rowSet}`, async () => {
      const values = Readable.from([body], { objectMode: false })
      const settings = { async_insert: 0 as const, wait_end_of_query: 1 as const }
      const answer = await client.exec({ query: statement, values, clickhouse_settings: settings })
      answer.stream.resume()
      await finished(answer.stream)
    })
  }
}

async function ping({ client, attempt }: ClickHouseConnection): Promise<void> {
  await attempt('ping', async () => {
    const answer = await client.ping({ select: true })
    if (!answer.success) throw answer.error
  })
}

/** @throws InvalidArgumentError for one that is missing or that the query does not have. */
function checkParameters(query: NamedQuery, given: QueryParameters): Record<string, unknown> {
  const missing = [...query.parameters].filter((name) => given[name] === undefined)
  const unknown = Object.keys(given).filter((name) => !query.parameters.has(name))
  if (missing.length > 0) {
    throw new InvalidArgumentError(`Query ${query.name} also wants ${missing.join(', ')}.`)
  }
  if (unknown.length > 0) {
    throw new InvalidArgumentError(`Query ${query.name} has no ${unknown.join(', ')}.`)
  }
  return { ...given }
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
