import { randomBytes } from 'node:crypto'
import { PassThrough, type Readable } from 'node:stream'
import { TooManyClientsError } from '../../../schemas/errors/request.ts'
import type { StreamTopic } from '../../shapes/stream.ts'
import { keepMessages, type Message } from './keepMessages.ts'

export type StreamHubLimits = {
  /** With the token. */
  readonly clientsMax: number
  /** Without it: in all, from one address, and how long each may stay, ms. */
  readonly openClientsMax: number
  readonly openClientsPerAddressMax: number
  readonly openMsMax: number
  /** Messages kept for who reconnects, and their bytes. */
  readonly messagesMax: number
  readonly keptBytesMax: number
  /** Bytes a client may be behind, with the token and without. */
  readonly bytesMax: number
  readonly openBytesMax: number
  readonly heartbeatMs: number
}

/** The public content of a message and, if different, the content for the token. */
export type StreamUpdate = { readonly open: unknown; readonly trusted?: unknown }

export type ConnectParameters = {
  readonly isTrusted: boolean
  readonly address: string
  readonly lastEventId: string | null
  /** Empty: all. */
  readonly topics: readonly StreamTopic[]
  /** What a client that does not reconnect begins with; null where no store answers. */
  readonly status: unknown
}

export type StreamHub = {
  publish(topic: StreamTopic, updates: StreamUpdate): void
  /** Tells every client to fetch again what it shows. */
  reset(): void
  /**
   * Messages from now on; before them the status, or those that a reconnecting client missed.
   *
   * @throws TooManyClientsError.
   */
  connect(client: ConnectParameters): Readable
  count(): number
  /** Ends every stream. */
  close(): void
}

type Client = Omit<ConnectParameters, 'status'> & { readonly stream: PassThrough }

/**
 * One message to many clients, each with a bounded buffer.
 *
 * Ids are a name of this process and a number, so that one from before a restart is recognised:
 * its client gets a reset.
 */
export function createStreamHub(limits: StreamHubLimits): StreamHub {
  const boot = randomBytes(6).toString('hex')
  const clients = new Set<Client>()
  const kept = keepMessages({ messagesMax: limits.messagesMax, bytesMax: limits.keptBytesMax })
  let number = 0

  const bytesMaxOf = ({ isTrusted }: Pick<ConnectParameters, 'isTrusted'>) =>
    isTrusted ? limits.bytesMax : limits.openBytesMax
  const write = (client: Client, text: string) => {
    client.stream.write(text)
    // A client that does not read is disconnected; it reconnects with its last id.
    if (client.stream.writableLength > bytesMaxOf(client)) client.stream.destroy()
  }
  const send = (client: Client, message: Message) => {
    if (client.topics.length > 0 && !client.topics.includes(message.topic)) return
    const data = client.isTrusted ? message.trusted : message.open
    write(client, `id: ${boot}-${message.number}\nevent: ${message.topic}\ndata: ${data}\n\n`)
  }
  const catchUp = (client: Client, status: unknown) => {
    if (client.lastEventId === null) {
      if (status === null) return
      // A client that reconnects with this id has seen everything before it.
      const text = JSON.stringify(status)
      send(client, { number, topic: 'status', open: text, trusted: text })
      return
    }
    const [name, last] = client.lastEventId.split('-')
    const missed = kept.after(name === boot ? Number(last) : Number.NaN)
    // Half of what a client may be behind, so that it is not disconnected by what it missed.
    const isKept = missed !== null && bytesFor(client, missed) <= bytesMaxOf(client) / 2
    if (!isKept) write(client, resetOf(boot, number))
    else for (const message of missed) send(client, message)
  }
  const beat = setInterval(() => {
    for (const client of clients) write(client, ': still here\n\n')
  }, limits.heartbeatMs)
  beat.unref()

  return {
    publish(topic, { open, trusted = open }) {
      number += 1
      const text = JSON.stringify(open)
      const full = trusted === open ? text : JSON.stringify(trusted)
      const message = { number, topic, open: text, trusted: full }
      kept.add(message)
      for (const client of clients) send(client, message)
    },
    reset() {
      for (const client of clients) write(client, resetOf(boot, number))
    },
    connect({ status, ...parameters }) {
      checkRoom(clients, limits, parameters)
      const stream = new PassThrough({ highWaterMark: bytesMaxOf(parameters) })
      const client = { ...parameters, stream }
      clients.add(client)
      if (!parameters.isTrusted) endLater(stream, limits.openMsMax)
      const leave = () => void clients.delete(client)
      stream.on('close', leave).on('error', leave)
      write(client, 'retry: 2000\n\n')
      catchUp(client, status)
      return stream
    },
    count: () => clients.size,
    close() {
      clearInterval(beat)
      for (const { stream } of clients) stream.end()
    },
  }
}

function resetOf(boot: string, number: number): string {
  const sentence = 'What you missed is too much or no longer kept; fetch what you show again.'
  return `id: ${boot}-${number}\nevent: reset\ndata: ${JSON.stringify({ sentence })}\n\n`
}

function bytesFor({ isTrusted }: Client, messages: readonly Message[]): number {
  const texts = messages.map((message) => (isTrusted ? message.trusted : message.open))
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
}

/** With its last id the client misses nothing, though another client may have had its slot. */
function endLater(stream: PassThrough, ms: number): void {
  const end = () => stream.end(': reconnect with the last id\nretry: 1000\n\n')
  const timer = setTimeout(end, ms).unref()
  stream.once('close', () => clearTimeout(timer))
}

/** Strangers have places of their own, few for one address, and take none of the others. */
function checkRoom(
  clients: ReadonlySet<Client>,
  limits: StreamHubLimits,
  { isTrusted, address }: Pick<ConnectParameters, 'isTrusted' | 'address'>,
): void {
  const alike = [...clients].filter((each) => each.isTrusted === isTrusted)
  const clientsMax = isTrusted ? limits.clientsMax : limits.openClientsMax
  if (alike.length >= clientsMax) throw new TooManyClientsError({ clientsMax })
  if (isTrusted) return
  const own = alike.filter((each) => each.address === address).length
  const perAddressMax = limits.openClientsPerAddressMax
  if (own >= perAddressMax) throw new TooManyClientsError({ clientsMax: perAddressMax, address })
}
