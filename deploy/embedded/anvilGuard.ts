import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import {
  ChainBusyError,
  ChainGuardError,
  ChainPasswordError,
  ChainRequestError,
  ForeignCallerError,
} from '../../schemas/errors/embeddedAnvil.ts'
import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import { engineUser } from '../sockets/enginePlaces.ts'
import { listenOnSocket } from '../sockets/socketPath.ts'
import { type AskNode, passMethod } from './anvilMethods.ts'
import type { ChainTime } from './chainTime.ts'
import { areSame, type Credentials, readBasic } from './credentials.ts'
import { isForeign } from './foreign.ts'

export type AnvilGuard = {
  /** Until then every request is refused as one to ask again. */
  open(ask: AskNode): void
  close(): void
}

export type AnvilGuardOptions = {
  /** The socket it listens on. */
  readonly file: string
  readonly password: string
  readonly passed: readonly string[]
  /** How far blocks may be set ahead; absent: as far as a test likes. */
  readonly time?: ChainTime
}

/** A contract's code is 48 kB in hexadecimal, a claim of many lines a few hundred. */
const bodyBytesMax = 2 << 20
const batchMax = 64
const runningMax = 64
const internalError = -32_603

/**
 * The only way to the embedded chain: JSON-RPC over HTTP on a socket that is the owner's alone, for
 * who has the password, for no web page, and for the methods that wattproof uses. There is no
 * WebSocket.
 */
export async function openAnvilGuard(options: AnvilGuardOptions): Promise<AnvilGuard> {
  const guard: Guard = {
    expected: { user: engineUser, password: options.password },
    passed: new Set(options.passed),
    time: options.time ?? null,
    ask: null,
    running: 0,
  }
  const server = createServer({ connectionsCheckingInterval: 2_000 }, (request, response) => {
    void answer(guard, request, response)
  })
  server.headersTimeout = 5_000
  server.requestTimeout = 10_000
  server.keepAliveTimeout = 30_000
  server.on('upgrade', (_, socket) => {
    socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  })
  await listenOnSocket(server, options.file)
  return {
    open: (ask) => {
      guard.ask = ask
    },
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

type Guard = {
  readonly expected: Credentials
  readonly passed: ReadonlySet<string>
  readonly time: ChainTime | null
  ask: AskNode | null
  running: number
}

async function answer(guard: Guard, request: IncomingMessage, response: ServerResponse) {
  let body: { status: number; text: string }
  try {
    checkHeaders(guard, request)
    const asked = parse(await readBody(request))
    const answers = Array.isArray(asked) ? runBatch(guard, asked) : run(guard, asked)
    body = { status: 200, text: JSON.stringify(await answers) }
  } catch (error) {
    const status = error instanceof ChainGuardError ? error.status : 500
    body = { status, text: JSON.stringify({ jsonrpc: '2.0', id: null, error: failureOf(error) }) }
    // What is left of the body is not worth reading.
    response.setHeader('connection', 'close')
    request.resume()
  }
  if (response.destroyed) return
  response.writeHead(body.status, { 'content-type': 'application/json' })
  response.end(body.text)
}

/** Before anything of the body is read. */
function checkHeaders({ expected, ask, running }: Guard, { method, headers }: IncomingMessage) {
  if (isForeign(headers)) throw new ForeignCallerError()
  const given = readBasic(headers.authorization) ?? { user: '', password: '' }
  if (!areSame(given, expected)) throw new ChainPasswordError()
  if (method !== 'POST') throw new ChainRequestError({ fault: 'not-post' })
  const [type = ''] = (headers['content-type'] ?? '').split(';')
  if (type.trim().toLowerCase() !== 'application/json') {
    throw new ChainRequestError({ fault: 'content-type' })
  }
  if (ask === null || running >= runningMax) throw new ChainBusyError({ running })
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bodyBytesMax) {
      throw new ChainRequestError({ fault: 'too-large', max: bodyBytesMax })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ChainRequestError({ fault: 'not-json' })
  }
}

function runBatch(guard: Guard, asked: readonly unknown[]): Promise<unknown[]> {
  if (asked.length === 0 || asked.length > batchMax) {
    throw new ChainRequestError({ fault: 'batch', max: batchMax })
  }
  return Promise.all(asked.map((each) => run(guard, each)))
}

/** One call; a refusal is its answer. */
async function run(guard: Guard, asked: unknown): Promise<object> {
  const { id = null, method, params = [] } = (asked ?? {}) as Record<string, unknown>
  const name = { jsonrpc: '2.0', id: typeof id === 'number' || typeof id === 'string' ? id : null }
  guard.running++
  try {
    if (typeof method !== 'string' || !Array.isArray(params)) {
      throw new ChainRequestError({ fault: 'call' })
    }
    if (guard.ask === null) throw new ChainBusyError({ running: guard.running })
    const { ask, passed, time } = guard
    const asking = { method, parameters: params }
    return { ...name, ...(await passMethod(asking, { ask, passed, time })) }
  } catch (error) {
    return { ...name, error: failureOf(error) }
  } finally {
    guard.running--
  }
}

function failureOf(error: unknown): { code: number; message: string } {
  const code = error instanceof ChainGuardError ? error.code : internalError
  return { code, message: sentenceOf(error) }
}
