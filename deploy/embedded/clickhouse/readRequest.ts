import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import {
  FormUnreadableError,
  OtherDatabaseError,
  StatementTooLongError,
} from '../../../schemas/errors/embeddedClickHouse.ts'
import { databaseName } from '../../engines/views/clickhouseConnection.ts'
import { type RequestSettings, readSettings } from './requestSettings.ts'

/** A request of ClickHouse's HTTP interface, parsed. */
export type ClickHouseRequest = RequestSettings & {
  readonly queryId: string
  readonly database: string
  readonly statement: string
  /** Buffer the answer until it is complete. */
  readonly isHeldBack: boolean
  /** True: the body is the data of an insert rather than the statement, and is still unread. */
  readonly hasData: boolean
}

/** Statements are short; lists of meters are long and come as parts of a form. */
const statementBytesMax = 16 << 20

/** @throws ClickHouseFailure for a request that this server does not support. */
export async function readRequest(request: IncomingMessage): Promise<ClickHouseRequest> {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const query = searchParams.get('query')
  const hasData = query !== null && request.method === 'POST' && !isForm(request)
  const body = hasData ? [] : await readBody(request)
  const pairs = [...searchParams, ...body]
  const statement = body.find(([name]) => name === 'query')?.[1] ?? query ?? ''
  return {
    ...readSettings(pairs),
    queryId: queryIdOf(searchParams.get('query_id')),
    database: checkDatabase(searchParams.get('database') ?? 'default'),
    statement,
    isHeldBack: searchParams.get('wait_end_of_query') === '1',
    hasData,
  }
}

/** The body up to a limit. @throws ClickHouseFailure 307 when it is longer. */
export async function* limitBody(
  request: AsyncIterable<Buffer>,
  bytesMax: number,
): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > bytesMax) {
      throw new StatementTooLongError({ bytesMax })
    }
    yield chunk
  }
}

async function readBody(request: IncomingMessage): Promise<[string, string][]> {
  const chunks: Buffer[] = []
  for await (const chunk of limitBody(request, statementBytesMax)) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  if (!isForm(request)) return bytes.length > 0 ? [['query', bytes.toString('utf8')]] : []
  const headers = { 'content-type': request.headers['content-type'] ?? '' }
  const form = await new Response(bytes, { headers }).formData().catch((error: unknown) => {
    throw new FormUnreadableError(error)
  })
  return [...form].map(([name, value]) => [name, typeof value === 'string' ? value : ''])
}

function isForm(request: IncomingMessage): boolean {
  return (request.headers['content-type'] ?? '').startsWith('multipart/form-data')
}

function checkDatabase(name: string): string {
  if (name === databaseName || name === 'default') return name
  throw new OtherDatabaseError({ database: name, only: databaseName })
}

/** It is returned in a header, so it must not contain a character that ends one. */
function queryIdOf(given: string | null): string {
  return given !== null && /^[\w-]{1,64}$/.test(given) ? given : randomUUID()
}
