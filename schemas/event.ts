import type { Address, EventId, Hex32, MeterId } from './ids.ts'
import type { EpochMs } from './time.ts'

/** The terms a programme pays by. Hashed into every settlement: a change is a new version. */
export type Terms = {
  readonly programme: string
  readonly version: number
  readonly currency: string
  /** What a delivered kilowatt-hour earns, millionths of the currency. */
  readonly priceMicrosPerKwh: bigint
  /** What a missing kilowatt-hour costs. */
  readonly penaltyMicrosPerKwh: bigint
  /** The order, in millionths of the committed baseline: 100000 asks for a tenth less. */
  readonly orderPpm: number
  /** Baseline method that settles; one of `baseline/methods.ts`. */
  readonly baselineMethod: string
  /** Contracted band of the last hour's deviation, Wh; outside it is an exception. */
  readonly bandWh: number
  /** Baselines are committed this long before the start, s. */
  readonly commitLeadS: number
  /** Readings may come this late after the end before the event is verified, s. */
  readonly latenessS: number
}

/** `paid` is after every payee's claim; each state is reached once, in this order. */
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

export type Participant = { readonly meter: MeterId; readonly account: Address }

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
  /** Local dates that are no example of an ordinary day: other events, outages. */
  readonly excludedDates: readonly string[]
  readonly holidays: readonly string[]
  readonly announcedMs: EpochMs
}

/** How far an event has come and what is known of it. Rewritten whole, with a rising version. */
export type EventProgress = {
  readonly event: DrEvent
  readonly version: number
  readonly state: EventState
  /** When each state was reached, on the house's clock. */
  readonly reachedMs: Readonly<Partial<Record<EventState, EpochMs>>>
  readonly orderedMwh: number | null
  /** The figure of the speed layer when the event ended. */
  readonly speedDeliveredMwh: number | null
  readonly deliveredMwh: number | null
  readonly deficiencyMwh: number | null
  readonly verifications: readonly Verification[]
  readonly baselinesRoot: Hex32 | null
  readonly speedRoot: Hex32 | null
  /** Why it does not go on, in a sentence; absent or null while nothing is wrong. */
  readonly problem?: string | null
}

/** The same event measured by one method; only the terms' own method is paid by. */
export type Verification = {
  readonly method: string
  readonly orderedMwh: number
  readonly deliveredMwh: number
  readonly deficiencyMwh: number
  /** The method's error on ordinary days of this portfolio: see METHODS, metrics. */
  readonly placeboRrmse: number | null
  readonly placeboBias: number | null
}
