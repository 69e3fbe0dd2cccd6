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
  /** Rows of one answer. */
  readonly rowsMax: number
  /** Readings that one query of the master data set may have to read. */
  readonly readingsMax: number
  readonly settlementsMax: number
  /** Streams with the token; others never take a place of theirs. */
  readonly streamClientsMax: number
  /** Streams without it, in all and from one address, and how long each may last, ms. */
  readonly openStreamsMax: number
  readonly openStreamsPerAddressMax: number
  readonly openStreamMsMax: number
  /** Messages stored for clients that reconnect. */
  readonly streamMessagesMax: number
  /** Bytes a client may be behind before it is disconnected. */
  readonly streamBytesMax: number
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
  rowsMax: 50_000,
  readingsMax: 500_000,
  settlementsMax: 50,
  streamClientsMax: 64,
  openStreamsMax: 64,
  openStreamsPerAddressMax: 6,
  openStreamMsMax: 300_000,
  streamMessagesMax: 512,
  streamBytesMax: 4 << 20,
  streamPollMs: 500,
  streamHeartbeatMs: 15_000,
}
