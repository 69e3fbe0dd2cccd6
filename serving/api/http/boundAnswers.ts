import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AnswersFullError } from '../../../schemas/errors/request.ts'
import { networkOf } from '../../../schemas/networkOf.ts'
import { onceClosed } from '../../../schemas/onceClosed.ts'
import { isStranger } from './admitReads.ts'
import type { ApiLimits } from './limits.ts'

/** Bytes of answers that are in memory until their readers have taken them. */
type Room = {
  readonly bytesMax: number
  readonly perSenderMax: number
  bytes: number
  readonly bySender: Map<string, number>
}

type Unsent = { readonly socket: Socket; readonly endsMs: number }

/** Refusals and health: a connection is closed before these are too many. */
const smallBytesMax = 4 << 10
/** What an answer occupies beside its bytes: headers, and the objects of the server. */
const overheadBytes = 2 << 10
/** Answers to token holders are not counted up to this size: gateways get thousands a second. */
const uncountedBytesMax = 16 << 10

/**
 * Bounds the bytes of answers that nobody has read yet, in total and per address, with separate
 * budgets for anonymous clients and token holders. Closes a connection whose reader is too slow.
 *
 * A long answer is refused while there is no room. Short ones have as much again, and where that
 * is used up too the connection is closed: its client reads nothing of what it asks for.
 */
export function boundAnswers(app: FastifyInstance, limits: ApiLimits): void {
  const open = createRoom(limits.openUnsentBytesMax, limits.openUnsentBytesPerAddressMax)
  const trusted = createRoom(limits.unsentBytesMax, limits.unsentBytesPerAddressMax)
  const unsent = new Map<ServerResponse, Unsent>()
  const bytesOn = new WeakMap<Socket, number>()

  const keep = (reply: FastifyReply, room: Room, bytes: number) => {
    const { socket } = reply.request
    const sender = networkOf(reply.request.ip)
    const ahead = (bytesOn.get(socket) ?? 0) + bytes
    const readMs = limits.readMsMax + (ahead / limits.readBytesPerSMin) * 1000
    bytesOn.set(socket, ahead)
    addTo(room, sender, bytes)
    unsent.set(reply.raw, { socket, endsMs: performance.now() + readMs })
    onceClosed(socket, reply.raw, () => {
      unsent.delete(reply.raw)
      bytesOn.set(socket, bytesOn.get(socket)! - bytes)
      addTo(room, sender, -bytes)
    })
  }
  const check = setInterval(() => {
    const nowMs = performance.now()
    for (const { socket, endsMs } of unsent.values()) if (endsMs < nowMs) socket.destroy()
  }, limits.checkMs)
  check.unref()
  app.addHook('onClose', async () => clearInterval(check))
  app.addHook('onSend', (request, reply, payload, done) => {
    const room = isStranger(request) ? open : trusted
    const length = lengthOf(request, reply, payload)
    const isCounted = length !== null && (room === open || length > uncountedBytesMax)
    if (!isCounted || request.socket.destroyed) return done(null, payload)
    const bytes = length + overheadBytes
    const isSmall = length <= smallBytesMax
    if (hasRoom(room, networkOf(request.ip), { bytes, isSmall })) keep(reply, room, bytes)
    else if (isSmall) request.socket.destroy()
    else return done(new AnswersFullError({ bytesMax: room.bytesMax }))
    done(null, payload)
  })
}

function createRoom(bytesMax: number, perSenderMax: number): Room {
  return { bytesMax, perSenderMax, bytes: 0, bySender: new Map() }
}

function addTo(room: Room, sender: string, bytes: number): void {
  room.bytes += bytes
  const own = (room.bySender.get(sender) ?? 0) + bytes
  if (own > 0) room.bySender.set(sender, own)
  else room.bySender.delete(sender)
}

function hasRoom(
  room: Room,
  sender: string,
  { bytes, isSmall }: { readonly bytes: number; readonly isSmall: boolean },
): boolean {
  const times = isSmall ? 2 : 1
  const own = room.bySender.get(sender) ?? 0
  return own + bytes <= times * room.perSenderMax && room.bytes + bytes <= times * room.bytesMax
}

/** Null for a live stream, which has bounds of its own. Files of the pages are in memory once. */
function lengthOf(request: FastifyRequest, reply: FastifyReply, payload: unknown): number | null {
  if (typeof payload === 'string') return Buffer.byteLength(payload)
  if (Buffer.isBuffer(payload)) return request.url.startsWith('/api/') ? payload.length : 0
  const length = reply.getHeader('content-length')
  return length === undefined ? null : Number(length)
}
