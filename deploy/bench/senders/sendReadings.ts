import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type BodyKind, requestTexts } from './requestTexts.ts'

export type SendParameters = {
  readonly port: number
  readonly token: string
  readonly connections: number
  /** Requests a second, at even distances whatever the answers; 0: each after its answer. */
  readonly rate: number
  readonly seconds: number
  /** It ends sooner, after so many answers: on a busy machine a second has few of them. */
  readonly answersMax?: number
  /** The time of the first readings, s: a later run must not repeat those of an earlier one. */
  readonly fromS: number
  /** Their length; without it a second. */
  readonly stepS?: number
  readonly body: BodyKind
}

export type Sent = {
  readonly seconds: number
  readonly byStatus: Readonly<Record<string, number>>
  /** From when a request was due, so that waiting for a free connection counts; sorted. */
  readonly latenciesMs: readonly number[]
  /** Connections that the server closed. */
  readonly broken: number
  /** Requests that were due and not answered `lastAnswersMsMax` after the last one. */
  readonly unanswered: number
  /** What sending took of the processor. */
  readonly cpuS: number
}

type Connection = { readonly socket: Socket; dueMs: number; rest: string }

type Run = SendParameters & {
  readonly nextRequest: () => string
  readonly all: Connection[]
  readonly idle: Connection[]
  /** When requests were due that no connection was free for. */
  readonly waiting: number[]
  readonly byStatus: Record<string, number>
  readonly latenciesMs: number[]
  broken: number
  isOver: boolean
}

const received = Buffer.alloc(64 << 10)
const tickMs = 4
const openTogether = 100
const lastAnswersMsMax = 10_000

/**
 * Sends one reading a request over many keep-alive connections, one request at a time on each.
 *
 * It shares two cores with the server and must take little of them, hence bare sockets. A request
 * is timed from when it was due: a server that stalls cannot slow down its own measurement.
 */
export async function sendReadings(parameters: SendParameters): Promise<Sent> {
  const run: Run = {
    ...{ ...parameters, nextRequest: requestTexts(parameters) },
    ...{ all: [], idle: [], waiting: [], byStatus: {}, latenciesMs: [], broken: 0, isOver: false },
  }
  const { connections, seconds, rate, answersMax = Number.POSITIVE_INFINITY } = parameters
  // A hundred at a time: what a server has not accepted yet is bounded, and lost beyond that.
  for (let opened = 0; opened < connections; opened += openTogether) {
    const together = Math.min(openTogether, connections - opened)
    await Promise.all(Array.from({ length: together }, () => open(run)))
  }
  const beganMs = performance.now()
  const began = process.cpuUsage()
  let offered = 0
  for (let elapsedMs = 0; elapsedMs < seconds * 1000; elapsedMs = performance.now() - beganMs) {
    const due = rate === 0 ? connections : Math.floor((elapsedMs / 1000) * rate)
    for (; offered < due; offered++) {
      sendOn(run, run.idle.shift(), rate === 0 ? beganMs : beganMs + (offered / rate) * 1000)
    }
    if (run.latenciesMs.length >= answersMax) break
    await sleep(tickMs)
  }
  run.isOver = rate === 0
  const overMs = performance.now()
  while (run.idle.length + run.broken < connections) {
    if (performance.now() - overMs > lastAnswersMsMax) break
    await sleep(tickMs)
  }
  run.isOver = true
  const unanswered = run.waiting.length + connections - run.idle.length - run.broken
  for (const { socket } of run.all) socket.destroy()
  const { user, system } = process.cpuUsage(began)
  const latenciesMs = run.latenciesMs.sort((left, right) => left - right)
  const tookS = (performance.now() - beganMs) / 1000
  const { byStatus, broken } = run
  const cpuS = (user + system) / 1e6
  return { seconds: tookS, byStatus, latenciesMs, broken, unanswered, cpuS }
}

function open(run: Run): Promise<void> {
  return new Promise((resolve, reject) => {
    // One buffer for all, without streams: an answer is read before the next one comes.
    const onread = {
      buffer: received,
      callback: (bytes: number) => {
        takeAnswer(run, connection, received.toString('latin1', 0, bytes))
        return true
      },
    }
    const to = { port: run.port, host: '127.0.0.1', noDelay: true, onread }
    const socket = connect(to, resolve)
    const connection: Connection = { socket, dueMs: 0, rest: '' }
    run.all.push(connection)
    run.idle.push(connection)
    socket.on('error', reject)
    socket.on('close', () => {
      if (!run.isOver) run.broken += 1
    })
  })
}

function sendOn(run: Run, connection: Connection | undefined, dueMs: number): void {
  if (!connection) {
    run.waiting.push(dueMs)
    return
  }
  connection.dueMs = dueMs
  connection.socket.write(run.nextRequest(), 'latin1')
}

function takeAnswer(run: Run, connection: Connection, text: string): void {
  const answer = connection.rest === '' ? text : connection.rest + text
  const status = statusOfWhole(answer)
  connection.rest = status === null ? answer : ''
  if (status === null) return
  run.byStatus[status] = (run.byStatus[status] ?? 0) + 1
  run.latenciesMs.push(performance.now() - connection.dueMs)
  const next = run.rate === 0 ? performance.now() : run.waiting.shift()
  if (next !== undefined && !run.isOver) sendOn(run, connection, next)
  else run.idle.push(connection)
}

/** The status of an answer that is there with its body, or null. */
function statusOfWhole(answer: string): string | null {
  const head = answer.indexOf('\r\n\r\n')
  if (head < 0) return null
  const at = answer.indexOf('content-length: ')
  const length = at < 0 ? 0 : Number.parseInt(answer.slice(at + 16, at + 24), 10)
  return answer.length >= head + 4 + length ? answer.slice(9, 12) : null
}
