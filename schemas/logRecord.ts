import type { EpochMs } from './time.ts'

/** Position of a record: offsets of one partition rise by one and are never reused. */
export type LogPosition = {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

export type LogRecord = {
  readonly position: LogPosition
  /** When the log took it, ms since 1970; never falls within a partition. */
  readonly loggedMs: EpochMs
  readonly key: Uint8Array
  readonly value: Uint8Array
}

export type NewRecord = { readonly key: Uint8Array; readonly value: Uint8Array }

/** Frames of 20,000 readings (`frameRowsMax`) are 740 kB; this leaves room for the meter names. */
export const valueBytesMax = 1 << 20

/** Most bytes that one `read` returns before its last record, so that it cannot exhaust memory. */
export const readBytesMax = 32 << 20
