import type { SlotLimits } from './slots.ts'

/** The limits of the API in size, number and time. */
export type ApiLimits = {
  readonly bodyBytesMax: number
  /** Requests to the API from one address without a token. Health is never limited. */
  readonly requestsPerMinute: number
  /** Files of the pages from one address: a stranger's requests to the API do not use it up. */
  readonly pagesPerMinute: number
  /** Wrong tokens from one address; a right one from there is not affected. */
  readonly wrongTokensPerMinute: number
  /** Requests from one address with a token: gateways and validators. */
  readonly trustedRequestsPerMinute: number
  /** Addresses counted at one time; beyond it the longest unused count is forgotten. */
  readonly addressesMax: number
  readonly queryParametersMax: number
  /** How long a request may take to arrive, ms; its head; a connection without a byte. */
  readonly receiveMsMax: number
  readonly headMsMax: number
  readonly stillMsMax: number
  /** How often these are checked, ms. */
  readonly checkMs: number
  /** Open connections, in all and from one address; see `boundConnections.ts`. */
  readonly connectionsMax: number
  readonly connectionsPerAddressMax: number
  /** Unanswered requests without a token, of a connection and of all of an address. */
  readonly unansweredMax: number
  readonly unansweredPerAddressMax: number
  /** An address that sends so many times what it may has its connections closed unanswered. */
  readonly floodTimes: number
  /** Rows of one answer with the token; without it, and the days of its range. */
  readonly rowsMax: number
  readonly openRowsMax: number
  readonly openRangeDaysMax: number
  /** Rows that strangers of one address may read in a minute. */
  readonly openRowsPerMinute: number
  /** Costly reads at work and waiting, with the token and without; see `admitReads.ts`. */
  readonly reads: SlotLimits
  readonly openReads: SlotLimits
  /** Bytes of answers not read yet, with the token and without; see `boundAnswers.ts`. */
  readonly unsentBytesMax: number
  readonly unsentBytesPerAddressMax: number
  readonly openUnsentBytesMax: number
  readonly openUnsentBytesPerAddressMax: number
  /** How long a client may take to read an answer, ms, and for each of its bytes. */
  readonly readMsMax: number
  readonly readBytesPerSMin: number
  /** Readings that one query of the master data set may have to read. */
  readonly readingsMax: number
  readonly settlementsMax: number
  /** Streams with the token; others never take a place of theirs. */
  readonly streamClientsMax: number
  /** Streams without it, in all and from one address, and how long each may last, ms. */
  readonly openStreamsMax: number
  readonly openStreamsPerAddressMax: number
  readonly openStreamMsMax: number
  /** Messages stored for clients that reconnect, and their bytes. */
  readonly streamMessagesMax: number
  readonly streamKeptBytesMax: number
  /** Bytes a client may be behind before it is disconnected, with the token and without. */
  readonly streamBytesMax: number
  readonly openStreamBytesMax: number
  readonly streamPollMs: number
  readonly streamHeartbeatMs: number
}

export const apiLimits: ApiLimits = {
  bodyBytesMax: 4 << 20,
  requestsPerMinute: 1_200,
  pagesPerMinute: 1_200,
  wrongTokensPerMinute: 60,
  // 10,000 a second: a reverse proxy may bring all meters from one address.
  trustedRequestsPerMinute: 600_000,
  addressesMax: 20_000,
  queryParametersMax: 32,
  receiveMsMax: 120_000,
  headMsMax: 10_000,
  stillMsMax: 120_000,
  checkMs: 2_000,
  connectionsMax: 4_000,
  connectionsPerAddressMax: 2_000,
  unansweredMax: 32,
  unansweredPerAddressMax: 512,
  floodTimes: 4,
  rowsMax: 50_000,
  openRowsMax: 2_000,
  openRangeDaysMax: 62,
  openRowsPerMinute: 300_000,
  reads: {
    ...{ runningMax: 6, runningPerSenderMax: 6 },
    ...{ waitingMax: 512, waitingPerSenderMax: 512, waitMsMax: 30_000 },
    workMsMax: 180_000,
  },
  // The store works on three queries at a time: one is left to others.
  openReads: {
    ...{ runningMax: 2, runningPerSenderMax: 1 },
    ...{ waitingMax: 64, waitingPerSenderMax: 16, waitMsMax: 10_000 },
    workMsMax: 180_000,
  },
  unsentBytesMax: 256 << 20,
  unsentBytesPerAddressMax: 128 << 20,
  openUnsentBytesMax: 64 << 20,
  openUnsentBytesPerAddressMax: 8 << 20,
  readMsMax: 10_000,
  readBytesPerSMin: 32 << 10,
  readingsMax: 500_000,
  settlementsMax: 50,
  streamClientsMax: 64,
  openStreamsMax: 64,
  openStreamsPerAddressMax: 6,
  openStreamMsMax: 300_000,
  streamMessagesMax: 512,
  streamKeptBytesMax: 16 << 20,
  streamBytesMax: 4 << 20,
  openStreamBytesMax: 1 << 20,
  streamPollMs: 500,
  streamHeartbeatMs: 15_000,
}
