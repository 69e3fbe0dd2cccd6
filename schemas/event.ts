import type { EventProblem } from './errors/eventProblem.ts'
import type { Address, EventId, Hex32, MeterId } from './ids.ts'
import type { PointTerm } from './pointTerm.ts'
import type { EpochMs } from './time.ts'

/** Payment terms of a programme. Hashed into every settlement: a change is a new version. */
export type Terms = {
  readonly programme: string
  readonly version: number
  readonly currency: string
  /** Price of a delivered kilowatt-hour, millionths of the currency. */
  readonly priceMicrosPerKwh: bigint
  /** Penalty for a missing kilowatt-hour, millionths of the currency. */
  readonly penaltyMicrosPerKwh: bigint
  /** The order, in millionths of the committed baseline: 100000 asks for a tenth less. */
  readonly orderPpm: number
  /** Baseline method of the settlement; one of `baseline/methods.ts`. */
  readonly baselineMethod: string
  /**
   * Contracted band of the last hour's deviation, Wh. Recorded and hashed with the terms; live
   * exceptions use the installation's band (`DeviationOptions`).
   */
  readonly bandWh: number
  /** Baselines are committed this long before the start, s. */
  readonly commitLeadS: number
  /** Time after the end to wait for late readings before the event is verified, s. */
  readonly latenessS: number
}

/**
 * Most meters × intervals of one event, as of one comparison: 20,000 meters through four hours of
 * half hours are 160,000. Baselines of an event are computed in one turn.
 */
export const memberIntervalsMax = 400_000

/** Each state is reached once, in this order; `paid` follows the last payee's claim. */
export const eventStates = [
  'announced',
  'committed',
  'running',
  'ended',
  'verified',
  'proposed',
  'attested',
  'final',
  'paid',
] as const
export type EventState = (typeof eventStates)[number]

export type Participant = {
  /** The meter, or the site of a point of several meters. */
  readonly meter: MeterId
  readonly account: Address
  /** Since when the payee occupies the site: no earlier day counts. Absent without occupancies. */
  readonly occupiedFromMs?: EpochMs | undefined
  /** Absent for a meter that is settled by itself and cannot be negative. */
  readonly point?: SettledPoint | undefined
}

/** What is settled of a site, as it was when the event was announced. */
export type SettledPoint = {
  /** Its baseline is adjusted by a shift, and an order is a share of its magnitude. */
  readonly mayBeNegative: boolean
  /** One meter or more; an interval that one of them misses is missing. */
  readonly terms: readonly PointTerm[]
  /**
   * What crosses the site's boundary, where `terms` are behind it: it is paid at most what this is
   * reduced by. Empty where nothing limits it.
   */
  readonly boundary: readonly PointTerm[]
}

/** A demand-response event as it was announced. Nothing here changes afterwards. */
export type DrEvent = {
  readonly id: EventId
  readonly terms: Terms
  readonly zone: string
  readonly startMs: EpochMs
  readonly endMs: EpochMs
  readonly intervalS: number
  readonly participants: readonly Participant[]
  /** Meters outside the programme, for verification by control group. */
  readonly controls: readonly MeterId[]
  /** Local dates that are not ordinary days: other events, outages. */
  readonly excludedDates: readonly string[]
  readonly holidays: readonly string[]
  readonly announcedMs: EpochMs
}

/** State and results of an event. Rewritten as a whole, with a rising version. */
export type EventProgress = {
  readonly event: DrEvent
  readonly version: number
  readonly state: EventState
  /** When each state was reached, by the installation's clock. */
  readonly reachedMs: Readonly<Partial<Record<EventState, EpochMs>>>
  readonly orderedMwh: number | null
  /** The figure of the speed layer when the event ended. */
  readonly speedDeliveredMwh: number | null
  readonly deliveredMwh: number | null
  readonly deficiencyMwh: number | null
  readonly verifications: readonly Verification[]
  readonly baselinesRoot: Hex32 | null
  readonly speedRoot: Hex32 | null
  /** Absent or null before it is settled, and where all was measured. */
  readonly unmeasured?: Unmeasured | null
  /** Why the event is blocked; absent or null while nothing is wrong. */
  readonly problem?: EventProblem | null
}

/** What of a settlement no reading or no baseline tells: nothing is paid or charged for it. */
export type Unmeasured = {
  readonly sites: number
  readonly ofSites: number
  /** Those missing, of the intervals of these sites. */
  readonly intervals: number
  readonly ofIntervals: number
}

/** The event measured by one method; only the method named in the terms decides payment. */
export type Verification = {
  readonly method: string
  readonly orderedMwh: number
  readonly deliveredMwh: number
  readonly deficiencyMwh: number
  /** The method's error on ordinary days of this portfolio: see METHODS, metrics. */
  readonly placeboRrmse: number | null
  readonly placeboBias: number | null
}
