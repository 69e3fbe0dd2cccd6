/** What a cell of each ClickHouse type is in TypeScript. */
export type StoredTypes = {
  readonly String: string
  readonly Bool: boolean
  /** `2013-02-11`. */
  readonly Date: string
  readonly UInt8: number
  readonly UInt16: number
  readonly UInt32: number
  readonly UInt64: number | bigint
  readonly UInt128: number | bigint
  readonly Int64: number | bigint
  readonly Float32: number
  readonly Float64: number
  /** Milliseconds since 1970 in UTC. */
  readonly DateTime64: number
}
export type PlainType = keyof StoredTypes
export type NullableType = `Nullable(${PlainType})`
