import type { Address, MeterId } from '../ids.ts'

/** An enrolled meter: its site and, if it takes part in a programme, its payee. */
export type Meter = {
  readonly meter: MeterId
  /** The site's IANA zone: day types and tariffs are local. */
  readonly zone: string
  /** The group it belongs to: a feeder, a virtual power plant, a tariff. */
  readonly group: string
  readonly intervalS: number
  /** Account of its incentives; null while it takes part in no programme. */
  readonly account: Address | null
}
