import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Session } from 'chdb'
import { joinChunks } from './joinChunks.ts'
import { type RequestSettings, settingsClause } from './requestSettings.ts'
import type { GuardedStatement } from './statementGuard.ts'

/** Where the answer goes, and in which form. */
export type Answering = Pick<RequestSettings, 'settings'> & {
  readonly response: ServerResponse
  readonly queryId: string
  readonly isHeldBack: boolean
  /** File with the data of an insert. */
  readonly dataFile: string | null
}

/**
 * Runs one statement on a session and answers. A failure before the first byte is an error
 * response; a later one breaks the connection.
 */
export async function runStatement(
  session: Session,
  statement: GuardedStatement,
  answering: Answering,
): Promise<void> {
  if (statement.kind === 'insert') return runInsert(session, statement, answering)
  if (statement.kind === 'read' && !answering.isHeldBack) {
    return runStream(session, statement, answering)
  }
  const format = statement.kind === 'read' ? statement.format : 'TabSeparated'
  const result = await session.queryAsync(statement.sql, { format })
  const counts = { read_rows: result.rowsRead, read_bytes: result.bytesRead }
  answering.response.writeHead(200, headersOf(answering.queryId, format, counts))
  answering.response.end(result.bytes())
}

/** Through a file, since chdb's own raw insert corrupts bytes that are not text. */
async function runInsert(
  session: Session,
  { target, format }: { target: string; format: string },
  { response, queryId, dataFile, settings }: Answering,
): Promise<void> {
  const file = `'${dataFile?.replace(/[\\']/g, '\\$&')}'`
  const result = await session.queryAsync(
    `INSERT INTO ${target} FROM INFILE ${file} COMPRESSION 'none' ` +
      `SETTINGS ${settingsClause({ settings })} FORMAT ${format}`,
  )
  response.writeHead(200, headersOf(queryId, format, { written_rows: result.rowsRead }))
  response.end()
}

async function runStream(
  session: Session,
  { sql, format }: { sql: string; format: string },
  { response, queryId }: Answering,
): Promise<void> {
  const stream = session.queryStream(sql, { format })
  const chunks = joinChunks(bytesOf(stream), format)
  try {
    // Read the first chunk before sending the status, so that an error can still be reported.
    let next = await chunks.next()
    response.writeHead(200, headersOf(queryId, format))
    for (; !next.done && !response.destroyed; next = await chunks.next()) {
      if (!response.write(next.value)) await drained(response)
    }
    response.end()
  } finally {
    await chunks.return(undefined)
    stream.cancel()
  }
}

async function* bytesOf(stream: AsyncIterable<{ raw(): Uint8Array }>): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) yield chunk.raw()
}

/** Resolves once the reader has received what was written, or is gone. */
async function drained(response: ServerResponse): Promise<void> {
  const stop = new AbortController()
  const { signal } = stop
  await Promise.race([
    once(response, 'drain', { signal }),
    once(response, 'close', { signal }),
  ]).finally(() => stop.abort())
}

function headersOf(
  queryId: string,
  format: string,
  counts: Readonly<Record<string, number>> = {},
): Record<string, string> {
  const written = Object.entries(counts).map(([name, count]) => [name, String(count)])
  return {
    'Content-Type': format === 'JSONEachRow' ? 'application/json' : 'application/octet-stream',
    'X-ClickHouse-Query-Id': queryId,
    'X-ClickHouse-Format': format,
    'X-ClickHouse-Timezone': 'UTC',
    'X-ClickHouse-Summary': JSON.stringify(Object.fromEntries(written)),
  }
}
