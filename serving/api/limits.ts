/** What the doors bear, each a bound in size, number or time. */
export type ApiLimits = {
  readonly bodyBytesMax: number
  /** Of one address without the token. */
  readonly requestsPerMinute: number
  /** Of one address with it: gateways and validators. */
  readonly trustedRequestsPerMinute: number
  readonly queryParametersMax: number
  /** How long a request may take to arrive, ms. */
  readonly receiveMsMax: number
  /** Rows of one answer. */
  readonly rowsMax: number
  /** Readings that one question about the master data set may have to look at. */
  readonly readingsMax: number
  readonly settlementsMax: number
  readonly streamClientsMax: number
  /** Messages kept for clients that come back. */
  readonly streamMessagesMax: number
  /** Bytes a client may be behind before it is let go. */
  readonly streamBytesMax: number
  readonly streamPollMs: number
  readonly streamHeartbeatMs: number
}

export const apiLimits: ApiLimits = {
  bodyBytesMax: 4 << 20,
  requestsPerMinute: 1_200,
  trustedRequestsPerMinute: 120_000,
  queryParametersMax: 32,
  receiveMsMax: 30_000,
  rowsMax: 50_000,
  readingsMax: 500_000,
  settlementsMax: 50,
  streamClientsMax: 64,
  streamMessagesMax: 512,
  streamBytesMax: 4 << 20,
  streamPollMs: 500,
  streamHeartbeatMs: 15_000,
}
