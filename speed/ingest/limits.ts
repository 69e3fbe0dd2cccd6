/**
 * What the door takes at most. Every bound has a number, so that no input decides how much memory
 * or time it costs.
 */
export const ingestLimits = {
  /** Readings a request, 100,000: five full frames. */
  rowsMax: 100_000,
  bytesMax: 32 << 20,
  /** One row; a wide row of 8,000 series is about this long. */
  rowBytesMax: 64 << 10,
  /** How far a clock at the meter may run ahead of ours. */
  futureMsMax: 5 * 60_000,
  /** Above this mean power a reading is a fault of the meter, not a home: 1 MW. */
  powerWMax: 1_000_000,
  durationSMax: 86_400,
  revisionMax: 0xffff_ffff,
  /** Rejections an answer lists; all of them are counted, and all lie in the dead letters. */
  rejectionsListedMax: 100,
  detailCharsMax: 300,
  /** Requests that are read at once; each may hold `bytesMax`. */
  requestsMax: 8,
  /** Idempotency keys remembered a partition. */
  keysMax: 10_000,
  keyCharsMax: 200,
} as const

export type IngestLimits = { readonly [name in keyof typeof ingestLimits]: number }
