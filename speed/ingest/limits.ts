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
  /** A body of one row that is read at once; no good one is longer, unless it is padded. */
  oneRowBytesMax: 2 << 10,
  /** How far a meter's clock may be ahead of ours. */
  futureMsMax: 5 * 60_000,
  /** How far a source may be ahead of us when it says when it said something. */
  saidAheadMsMax: 5 * 60_000,
  /** A mean power above this is a fault of the meter: 1 MW. */
  powerWMax: 1_000_000,
  /**
   * Meters without a clock say 1970, 1980 or 2000, by their kind, and count on from there; nothing
   * that meters households by the interval is older than 2001.
   */
  startMsMin: Date.UTC(2001, 0, 1),
  /** A day, of 25 hours: more than a step may have. */
  durationSMax: 90_000,
  revisionMax: 0xffff_ffff,
  /** Lists of meters that are registered for frames, and how many meters they have in all. */
  rostersMax: 10_000,
  rosterMetersMax: 5_000_000,
  /** Meters of the lists that a process of the API remembers, some 100 bytes each. */
  rosterMetersRememberedMax: 2_000_000,
  /** Lists that one question to the store looks up; they are of 20,000 meters at most. */
  rostersAskedMax: 20,
  /** Rejections listed in a response; all are counted and kept as dead letters. */
  rejectionsListedMax: 100,
  detailCharsMax: 300,
  /** What is kept of a refused cell and of the name of its column. */
  cellCharsMax: 200,
  /** Cells of a wide body for each reading that it may have: most may be empty. 0.5 kB each. */
  cellsPerReadingMax: 4,
  /** A body up to this size is a small one: a gateway's readings of a minute. */
  smallBodyBytesMax: 64 << 10,
  /** What a request takes at least, whatever its body: 8,192 small ones at once. */
  requestBytes: 4 << 10,
  /** Bodies in memory at one time by kind, 256 MiB together. */
  smallBytesMax: 32 << 20,
  largeBytesMax: 128 << 20,
  slowBytesMax: 96 << 20,
  slowBodiesMax: 32,
  /** What one sender may have of each. */
  senderShare: 0.5,
  /** A body that takes longer is a slow one. */
  quickMsMax: 2_000,
  /** A slow one is refused when less arrives, as a mean over `rateMs`. */
  slowBytesPerSMin: 8 << 10,
  rateMs: 5_000,
  /** Idempotency keys remembered: of five minutes at 5,000 requests a second; 48 MB. */
  keysMax: 1_500_000,
  /** The same for retries of dead letters, which have keys of their own. */
  retryKeysMax: 10_000,
  keyCharsMax: 200,
} as const

export type IngestLimits = { readonly [name in keyof typeof ingestLimits]: number }

/** Limits of a file that is read as a table (`table/`), in whatever format it is. */
export const tableLimits = {
  /** One row of text, or one element of JSON: a day of a thousand meters. */
  rowBytesMax: 1 << 20,
  /** What is kept of a row that is longer. */
  originalBytesMax: ingestLimits.rowBytesMax,
  /** Lines of one row, whose quoted cells contain line ends. */
  rowLinesMax: 100,
  columnsMax: 20_000,
  /** Cells of values in memory at once: 0.6 kB each, and as much again with its reading. */
  cellsMax: 2_000_000,
  /** What is looked at to find delimiter and header. */
  sampleRows: 1_000,
  sampleBytes: 4 << 20,
  sampleCells: 100_000,
  /** What is looked at to find the encoding. */
  encodingSampleBytes: 64 << 10,
  preambleRowsMax: 100,
  /** JSON that is parsed whole, because its list is within an object. */
  jsonBytesMax: 64 << 20,
  /** Objects within objects, whose members become columns such as `period.start`. */
  jsonDepthMax: 4,
  /** Objects and lists around the list of rows. */
  jsonListDepthMax: 8,
  /** XML is read as a stream; of one element this is kept. */
  xmlDepthMax: 64,
  xmlTextCharsMax: 1 << 20,
  /** Unpacked size of a packed file, whatever its directory says: a few kB may fill a disk. */
  unpackedBytesMax: 512 << 20,
  archiveFilesMax: 10_000,
  sheetsMax: 100,
  /** Different texts of a workbook, which are in memory while it is read. */
  sharedTextsMax: 2_000_000,
  sharedCharsMax: 128 << 20,
  /** A line is shown up to this length in the sentence of a refusal. */
  shownCharsMax: 80,
} as const
