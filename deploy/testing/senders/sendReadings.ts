import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export type SendParameters = {
  readonly port: number
  readonly token: string
  readonly connections: number
  /** Requests a second, at even distances whatever the answers; 0: each after its answer. */
  readonly rate: number
  readonly seconds: number
  /** The time of the first readings, s: a later run must not repeat those of an earlier one. */
  readonly fromS: number
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
    ...{ ...parameters, nextRequest: requestWriter(parameters) },
    ...{ all: [], idle: [], waiting: [], byStatus: {}, latenciesMs: [], broken: 0, isOver: false },
  }
  const { connections, seconds, rate } = parameters
  // A hundred at a time: what a server has not accepted yet is bounded, and lost beyond that.
  for (let opened = 0; opened < connections; opened += openTogether) {
    const together = Math.min(openTogether, connections - opened)
    await Promise.all(Array.from({ length: together }, () => open(run)))
  }
  const beganMs = performance.now()
  let offered = 0
  for (let elapsedMs = 0; elapsedMs < seconds * 1000; elapsedMs = performance.now() - beganMs) {
    const due = rate === 0 ? connections : Math.floor((elapsedMs / 1000) * rate)
    for (; offered < due; offered++) {
      sendOn(run, run.idle.pop(), rate === 0 ? beganMs : beganMs + (offered / rate) * 1000)
    }
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
  const latenciesMs = run.latenciesMs.sort((left, right) => left - right)
  const tookS = (performance.now() - beganMs) / 1000
  return { seconds: tookS, byStatus: run.byStatus, latenciesMs, broken: run.broken, unanswered }
}

function open(run: Run): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: run.port, host: '127.0.0.1', noDelay: true }, resolve)
    const connection: Connection = { socket, dueMs: 0, rest: '' }
    run.all.push(connection)
    run.idle.push(connection)
    socket.setEncoding('latin1')
    socket.on('error', reject)
    socket.on('data', (text: string) => takeAnswer(run, connection, text))
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
  connection.socket.write(run.nextRequest())
}

function takeAnswer(run: Run, connection: Connection, text: string): void {
  connection.rest += text
  const status = statusOfWhole(connection.rest)
  if (status === null) return
  connection.rest = ''
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
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(answer.slice(0, head))?.[1] ?? 0)
  return answer.length >= head + 4 + length ? answer.slice(9, 12) : null
}

/** Each meter's readings follow one another, a second each. */
function requestWriter({ token, fromS }: SendParameters): () => string {
  let count = 0
  return () => {
    const meter = meterName(count % metersOfBench)
    const start = new Date((fromS + Math.floor(count / metersOfBench)) * 1000).toISOString()
    const body = `[{"meter":"${meter}","start":"${start}","duration_s":1,"energy_wh":0.1}]`
    count += 1
    return (
      'POST /api/v1/readings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
      `Authorization: Bearer ${token}\r\nIdempotency-Key: ${fromS}-${count}\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body}`
    )
  }
}

export const metersOfBench = 1_000

export function meterName(index: number): string {
  return `MAC${String(index).padStart(6, '0')}`
}
