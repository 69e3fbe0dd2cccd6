import type { Address, MeterId } from './ids.ts'

/** A meter that was enrolled: its site and, when it takes part in a programme, its payee. */
export type Meter = {
  readonly meter: MeterId
  /** The site's IANA zone: day types and tariffs are local. */
  readonly zone: string
  /** The group it is summed in: a feeder, a virtual power plant, a tariff. */
  readonly group: string
  readonly intervalS: number
  /** Where its incentives go; null while it takes part in nothing. */
  readonly account: Address | null
}
