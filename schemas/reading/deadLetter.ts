import * as z from 'zod'
import { StoredRecordError } from '../errors/views.ts'
import type { EpochMs } from '../time.ts'
import { type Rejection, type RejectReason, rejectReasons } from './reading.ts'

/** A rejected reading as stored in the log: the reason, and the bytes for a later retry. */
export type DeadLetter = {
  readonly reason: RejectReason
  readonly detail: string
  readonly source: string
  readonly index: number
  readonly line: number
  readonly column: string
  readonly value: string
  readonly readAs: string
  readonly receivedMs: EpochMs
  /** The original bytes, base64. */
  readonly originalBase64: string
}

export function encodeDeadLetter(rejection: Rejection, receivedMs: EpochMs): Uint8Array {
  const deadLetter: DeadLetter = {
    reason: rejection.reason,
    detail: rejection.detail,
    source: rejection.source,
    index: rejection.index,
    line: rejection.line,
    column: rejection.column,
    value: rejection.value,
    readAs: rejection.readAs,
    receivedMs,
    originalBase64: Buffer.from(rejection.original).toString('base64'),
  }
  return new TextEncoder().encode(JSON.stringify(deadLetter))
}

const deadLetterSchema: z.ZodType<DeadLetter> = z.object({
  reason: z.enum(rejectReasons),
  detail: z.string(),
  source: z.string(),
  index: z.int(),
  line: z.int(),
  column: z.string(),
  value: z.string(),
  readAs: z.string(),
  receivedMs: z.number(),
  originalBase64: z.base64(),
})

/** A record of our own topic. @throws StoredRecordError naming the fields that are wrong. */
export function decodeDeadLetter(value: Uint8Array): DeadLetter {
  const text = new TextDecoder().decode(value)
  const record = 'dead letter'
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new StoredRecordError({ record, issues: null }, error)
  }
  const parsed = deadLetterSchema.safeParse(json)
  if (parsed.success) return parsed.data
  throw new StoredRecordError({ record, issues: z.prettifyError(parsed.error) }, parsed.error)
}
