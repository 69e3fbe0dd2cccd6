import type { Rejection, RejectReason } from './reading.ts'
import type { EpochMs } from './time.ts'

/** A rejected reading as stored in the log: the reason, and the bytes for a later retry. */
export type DeadLetter = {
  readonly reason: RejectReason
  readonly detail: string
  readonly source: string
  readonly index: number
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
    receivedMs,
    originalBase64: Buffer.from(rejection.original).toString('base64'),
  }
  return new TextEncoder().encode(JSON.stringify(deadLetter))
}

/** Only for records of our own topic, which were encoded by the function above. */
export function decodeDeadLetter(value: Uint8Array): DeadLetter {
  return JSON.parse(new TextDecoder().decode(value)) as DeadLetter
}
