import { randomUUID } from 'node:crypto'
import { createWriteStream, mkdirSync, rmSync } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { DataMisplacedError } from '../../../schemas/errors/embeddedClickHouse.ts'
import { clickhouseSocket } from '../../sockets/enginePlaces.ts'
import { listenOnSocket } from '../../sockets/socketPath.ts'
import type { Credentials } from '../credentials.ts'
import { authorize, refuseForeign } from './authorize.ts'
import { describeFailure } from './failure.ts'
import { limitBody, readRequest } from './readRequest.ts'
import { noSettings } from './requestSettings.ts'
import { runStatement } from './runStatement.ts'
import { openSessionPool, type SessionPool } from './sessionPool.ts'
import { checkPlaceholders, type StatementGuard } from './statementGuard.ts'

export type ClickHouseServer = { close(): Promise<void> }

export type OpenClickHouseServerParameters = Credentials & {
  readonly dir: string
  readonly guard: StatementGuard
}

type ClickHouseContext = Credentials & {
  readonly pool: SessionPool
  readonly guard: StatementGuard
  readonly inbox: string
}

const insertBytesMax = 512 << 20
const receiveMsMax = 120_000
const answerMsMax = 300_000
/** Values of a query that are longer come as parts of a form. */
const headerBytesMax = 64 << 10

/**
 * ClickHouse's HTTP interface, as far as its client needs it, on an embedded ClickHouse.
 *
 * It listens on a socket in its folder, which is the owner's alone, requires a password, and runs
 * only statements that the guard knows.
 */
export async function openClickHouseServer(
  parameters: OpenClickHouseServerParameters,
): Promise<ClickHouseServer> {
  const { dir, guard, user, password } = parameters
  const inbox = path.join(dir, 'inbox')
  const pool = await openSessionPool(path.join(dir, 'data'))
  // Leftovers of interrupted inserts: the sender got no answer and sends them again.
  rmSync(inbox, { recursive: true, force: true })
  mkdirSync(inbox, { recursive: true, mode: 0o700 })
  const api: ClickHouseContext = { pool, guard, inbox, user, password }
  const server = createServer({ maxHeaderSize: headerBytesMax }, (request, response) => {
    void serve(api, request, response)
  })
  server.requestTimeout = receiveMsMax
  server.keepAliveTimeout = 30_000
  await listenOnSocket(server, clickhouseSocket(dir))
  return {
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeIdleConnections()
      await closed
      await pool.close()
    },
  }
}

async function serve(api: ClickHouseContext, request: IncomingMessage, response: ServerResponse) {
  // Buffered even for a slow reader, since a session waits for the end of the answer.
  const late = setTimeout(() => response.destroy(), answerMsMax)
  try {
    await answer(api, request, response)
  } catch (error) {
    // After the status there is no other way to report that the answer is incomplete.
    if (response.headersSent) response.destroy()
    else answerFailure(response, error, api.pool.engine)
    // A sender whose body is cut off would not read the reason.
    request.resume()
  } finally {
    clearTimeout(late)
  }
}

async function answer(api: ClickHouseContext, request: IncomingMessage, response: ServerResponse) {
  refuseForeign(request.headers)
  if (request.url === '/ping') return void response.end('Ok.\n')
  authorize(request.headers, api)
  const asked = await readRequest(request)
  const statement = api.guard(asked.statement)
  if ((statement.kind === 'insert') !== asked.hasData) {
    throw new DataMisplacedError()
  }
  if (statement.kind === 'read') checkPlaceholders(statement.sql, asked.parameters)
  const dataFile = asked.hasData ? path.join(api.inbox, randomUUID()) : null
  try {
    if (dataFile !== null && (await receive(request, dataFile)) === 0) return void response.end()
    // An insert says its settings itself: two statements less, which cost a sixth of a small one.
    const set = asked.hasData ? { ...asked, ...noSettings } : asked
    await api.pool.run(set, (session) => {
      return runStatement(session, statement, { ...asked, response, dataFile })
    })
  } finally {
    if (dataFile !== null) await rm(dataFile, { force: true })
  }
}

/** The number of bytes received. */
async function receive(request: IncomingMessage, file: string): Promise<number> {
  await pipeline(limitBody(request, insertBytesMax), createWriteStream(file, { mode: 0o600 }))
  return (await stat(file)).size
}

function answerFailure(response: ServerResponse, error: unknown, engine: string): void {
  const { status, code, text } = describeFailure(error, engine)
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=UTF-8',
    'X-ClickHouse-Exception-Code': String(code),
  })
  response.end(text)
}
