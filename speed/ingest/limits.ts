/**
 * Limits of `POST /readings`. Every one is a number, so that no input decides how much memory or
 * time it costs.
 */
export const ingestLimits = {
  /** Readings per request, 100,000: five full frames. */
  rowsMax: 100_000,
  bytesMax: 32 << 20,
  /** One row; a wide row of 8,000 series is about this long. */
  rowBytesMax: 64 << 10,
  /** How far a meter's clock may be ahead of ours. */
  futureMsMax: 5 * 60_000,
  /** A mean power above this is a fault of the meter: 1 MW. */
  powerWMax: 1_000_000,
  durationSMax: 86_400,
  revisionMax: 0xffff_ffff,
  /** Rejections listed in a response; all are counted and kept as dead letters. */
  rejectionsListedMax: 100,
  detailCharsMax: 300,
  /** Requests read concurrently; each may take `bytesMax`. */
  requestsMax: 8,
  /** Idempotency keys remembered per partition. */
  keysMax: 10_000,
  keyCharsMax: 200,
} as const

export type IngestLimits = { readonly [name in keyof typeof ingestLimits]: number }
