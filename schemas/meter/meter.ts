import type { Address, MeterId } from '../ids.ts'
import type { MeterKind } from './kind.ts'
import type { Membership } from './membership.ts'
import type { DatedSteps } from './step.ts'

/** An enrolled meter: a channel of a metering point of one site. */
export type Meter = {
  readonly meter: MeterId
  /** The connection or plant it belongs to; its own id by default. */
  readonly site: string
  readonly kind: MeterKind
  /** The site's IANA zone: day types and tariffs are local. */
  readonly zone: string
  /** Its times in groups of each kind, by id and time. */
  readonly groups: readonly Membership[]
  /** The interval of the newest step. */
  readonly intervalS: number
  /** The lengths of its intervals, and where they start, by date. */
  readonly steps: DatedSteps
  /** Account of its incentives; null while it takes part in no programme. */
  readonly account: Address | null
}
