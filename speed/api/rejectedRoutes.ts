import type { FastifyInstance, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { NotJsonError, RequestShapeError } from '../../schemas/errors/request.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { Log } from '../../schemas/ports/log.ts'
import { type Rejection, rejectReasons } from '../../schemas/reading/reading.ts'
import { type IngestLimits, ingestLimits } from '../ingest/limits.ts'
import { appendOnce } from './appendOnce.ts'
import { describedOnly, describedRejected } from './describeRoutes.ts'
import type { KeyMemory } from './keyMemory.ts'

const { cellCharsMax, detailCharsMax, rowBytesMax, rowsMax } = ingestLimits

/** A cell that the reader of a file could not read, with how it was read. */
const rejectedCell = z.strictObject({
  line: z.int().min(0).max(0xffff_ffff),
  column: z.string().max(cellCharsMax),
  value: z.string().max(cellCharsMax),
  reason: z.enum(rejectReasons),
  detail: z.string().max(detailCharsMax),
  readAs: z.string().max(rowBytesMax),
  originalBase64: z.base64().max(2 * rowBytesMax),
})

const rejectedBody = z.array(rejectedCell).max(rowsMax)

type RejectedRoutesOptions = {
  readonly log: Log
  readonly clock: Clock
  readonly partitions: number
  readonly limits: IngestLimits
  readonly memory: () => Promise<KeyMemory>
  /** The request's own key, and the file that it names. */
  readonly keyOf: (request: FastifyRequest) => string
  readonly fileOf: (request: FastifyRequest) => string
}

/**
 * `POST /api/v1/rejected`: rows that a client refused while reading a file, kept as dead letters so
 * that the counters balance and nothing that was refused is lost.
 */
export function registerRejectedRoutes(
  scope: FastifyInstance,
  options: RejectedRoutesOptions,
): void {
  const config = { problems: ['not-acknowledged', 'too-slow'] } as const
  const schema = describedRejected(rejectedBody)
  const route = { bodyLimit: options.limits.bytesMax, config, schema, ...describedOnly }
  scope.post('/api/v1/rejected', route, async (request, reply) => {
    const { log, clock, memory } = options
    const key = options.keyOf(request)
    const rejections = readCells(request.body, options.fileOf(request))
    const { rejectedPosition } = await appendOnce({
      ...{ log, key, rejections, readings: new Map(), nowMs: clock.nowMs() },
      memory: key === '' ? null : await memory(),
    })
    return reply.code(202).send({ rejectedCount: rejections.length, rejectedPosition })
  })
}

function readCells(body: unknown, source: string): Rejection[] {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode((body ?? new Uint8Array()) as Uint8Array))
  } catch (error) {
    throw new NotJsonError(error)
  }
  const parsed = rejectedBody.safeParse(value)
  if (!parsed.success) throw new RequestShapeError('body', parsed.error.issues)
  return parsed.data.map(({ originalBase64, ...cell }, index) => {
    return { ...cell, source, index, original: Buffer.from(originalBase64, 'base64') }
  })
}
