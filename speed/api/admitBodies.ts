import type { FastifyInstance, FastifyRequest } from 'fastify'
import { BodiesFullError, SlowBodyError } from '../../schemas/errors/request.ts'
import { networkOf } from '../../schemas/networkOf.ts'
import { onceClosed } from '../../schemas/onceClosed.ts'
import type { IngestLimits } from '../ingest/limits.ts'
import { type BodyBudget, createBodyBudget } from './bodyBudget.ts'

type Body = {
  readonly request: FastifyRequest
  readonly sender: string
  budget: BodyBudget
  /** Reserved in `budget`. */
  bytes: number
  /** Since when it arrives; in the slow budget, since when its rate is measured. */
  sinceMs: number
  /** What its connection had received then; null while it may still be quick. */
  receivedBefore: number | null
  /** Its handler has it, whether or not the client is still there. */
  isAtWork: boolean
  isClosed: boolean
  isGivenBack: boolean
}

/** What a body without a declared length reserves before its first byte, and each time more. */
const stepBytes = 256 << 10

/**
 * Bounds the memory of all bodies of this scope, from before they are read until their answer is
 * sent.
 *
 * Small bodies, large ones and slow ones have budgets of their own, so that none waits for
 * another kind: a body that is not there in `quickMsMax` moves to the budget of slow ones and must
 * keep a rate. What does not fit is refused at once, with when to send it again.
 */
export function admitBodies(scope: FastifyInstance, limits: IngestLimits): void {
  const { senderShare } = limits
  const bodiesMax = Number.POSITIVE_INFINITY
  const budgets = {
    small: createBodyBudget({ bytesMax: limits.smallBytesMax, bodiesMax, senderShare }),
    large: createBodyBudget({ bytesMax: limits.largeBytesMax, bodiesMax, senderShare }),
    slow: createBodyBudget({
      ...{ bytesMax: limits.slowBytesMax, bodiesMax: limits.slowBodiesMax, senderShare },
    }),
  }
  const arriving = new Map<FastifyRequest, Body>()
  const bodies = new WeakMap<FastifyRequest, Body>()
  const sweeper = createSweeper(limits.quickMsMax / 4, () => {
    sweep(arriving, budgets.slow, limits)
    return arriving.size > 0
  })
  scope.addHook('preParsing', (request, reply, payload, done) => {
    const body = reserve(request, budgets, limits)
    if (body instanceof Error) {
      done(body)
      return
    }
    arriving.set(request, body)
    bodies.set(request, body)
    onceClosed(request.socket, reply.raw, () => {
      arriving.delete(request)
      body.isClosed = true
      if (!body.isAtWork) giveBack(body)
    })
    if (request.headers['content-length'] === undefined) growWithBytes(body)
    sweeper.wake()
    done(null, payload)
  })
  scope.addHook('preValidation', (request, _, done) => {
    arriving.delete(request)
    const body = bodies.get(request)
    if (body) body.isAtWork = true
    done()
  })
  // A client that hung up meanwhile: its body was in memory all the same.
  scope.addHook('onSend', (request, _, payload, done) => {
    const body = bodies.get(request)
    if (body) body.isAtWork = false
    if (body?.isClosed) giveBack(body)
    done(null, payload)
  })
  scope.addHook('onClose', (_, done) => {
    sweeper.stop()
    done()
  })
}

type Budgets = Readonly<Record<'small' | 'large' | 'slow', BodyBudget>>

function reserve(
  request: FastifyRequest,
  budgets: Budgets,
  limits: IngestLimits,
): Body | BodiesFullError {
  const declared = request.headers['content-length']
  const bytes = declared === undefined ? stepBytes : Number(declared)
  const budget = bytes <= limits.smallBodyBytesMax ? budgets.small : budgets.large
  // A longer one is refused by its length before it is read.
  const reserved = Math.max(limits.requestBytes, Math.min(bytes, limits.bytesMax))
  const sender = networkOf(request.ip)
  const full = budget.take(sender, reserved)
  if (full) return new BodiesFullError({ bytesMax: budget.bytesMax, of: full })
  // Without a spread, after which each property costs a microsecond.
  return {
    request,
    sender,
    budget,
    bytes: reserved,
    sinceMs: performance.now(),
    receivedBefore: null,
    isAtWork: false,
    isClosed: false,
    isGivenBack: false,
  }
}

function giveBack(body: Body): void {
  if (!body.isGivenBack) body.budget.give(body.sender, body.bytes)
  body.isGivenBack = true
}

/** Reserves as the bytes come, for a body of unknown length. */
function growWithBytes(body: Body): void {
  let received = 0
  body.request.raw.on('data', (piece: Uint8Array) => {
    received += piece.length
    while (received > body.bytes) {
      const full = body.budget.grow(body.sender, stepBytes)
      if (full) {
        refuse(body, new BodiesFullError({ bytesMax: body.budget.bytesMax, of: full }))
        return
      }
      body.bytes += stepBytes
    }
  })
}

/** Moves what is no longer quick, and refuses what is too slow. */
function sweep(arriving: Map<FastifyRequest, Body>, slow: BodyBudget, limits: IngestLimits): void {
  const nowMs = performance.now()
  for (const [request, body] of arriving) {
    const ms = nowMs - body.sinceMs
    const received = request.socket.bytesRead
    if (body.receivedBefore === null) {
      if (ms < limits.quickMsMax) continue
      const full = slow.take(body.sender, body.bytes)
      if (full) {
        arriving.delete(request)
        refuse(body, new BodiesFullError({ bytesMax: slow.bytesMax, of: full, isSlow: true }))
        continue
      }
      body.budget.give(body.sender, body.bytes)
      Object.assign(body, { budget: slow, sinceMs: nowMs, receivedBefore: received })
    } else if (ms >= limits.rateMs) {
      const bytesPerS = ((received - body.receivedBefore) * 1000) / ms
      if (bytesPerS < limits.slowBytesPerSMin) {
        arriving.delete(request)
        refuse(body, new SlowBodyError({ bytesPerSMin: limits.slowBytesPerSMin }))
      }
      Object.assign(body, { sinceMs: nowMs, receivedBefore: received })
    }
  }
}

/** Ends the reading of a body: the server answers the error and closes the connection. */
function refuse({ request }: Body, error: Error): void {
  // Without a reader the answer has been given already.
  if (request.raw.listenerCount('error') > 0) request.raw.emit('error', error)
}

type Sweeper = { wake(): void; stop(): void }

/**
 * Runs `sweep` at intervals while it returns true, and once more after each `wake`.
 *
 * A run that is late by more than an interval is left out: the process itself stood still, and had
 * no time to read what its clients sent.
 */
function createSweeper(everyMs: number, sweep: () => boolean): Sweeper {
  let timer: NodeJS.Timeout | null = null
  const plan = () => {
    const plannedMs = performance.now()
    timer = setTimeout(() => {
      timer = null
      const isLate = performance.now() - plannedMs > 2 * everyMs
      if (isLate || sweep()) plan()
    }, everyMs).unref()
  }
  return {
    wake: () => {
      if (timer === null) plan()
    },
    stop: () => {
      if (timer) clearTimeout(timer)
    },
  }
}
