/** The limits of the API in size, number and time. */
export type ApiLimits = {
  readonly bodyBytesMax: number
  /** Requests from one address without the token. */
  readonly requestsPerMinute: number
  /** Requests from one address with it: gateways and validators. */
  readonly trustedRequestsPerMinute: number
  readonly queryParametersMax: number
  /** How long a request may take to arrive, ms. */
  readonly receiveMsMax: number
  /** Rows of one answer. */
  readonly rowsMax: number
  /** Readings that one query of the master data set may have to read. */
  readonly readingsMax: number
  readonly settlementsMax: number
  readonly streamClientsMax: number
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
