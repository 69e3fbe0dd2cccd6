import type { DrEvent } from '../../../schemas/event.ts'
import type { MeterId } from '../../../schemas/ids.ts'
import type { MeterKind } from '../../../schemas/meter/kind.ts'
import type { Act } from '../../../schemas/reading/acts.ts'
import type { Reading } from '../../../schemas/reading/reading.ts'
import type { LocalDay } from '../../../schemas/time.ts'

/** A small fleet, what is said of it until the end of an event's day, and the event. */
export type World = {
  readonly seed: string
  readonly meters: readonly FleetMeter[]
  readonly event: DrEvent
  /** Midnights before and after the event. */
  readonly day: LocalDay
  readonly stages: Readonly<Record<StageName, Stage>>
}

/** When it is said: before the day, before baselines are committed, and by the end. */
export type StageName = 'history' | 'morning' | 'rest'
export type Stage = { readonly readings: readonly Reading[]; readonly acts: readonly Act[] }

export type FleetMeter = {
  readonly meter: MeterId
  readonly site: string
  readonly kind: MeterKind
  readonly zone: string
  readonly groups: string
  readonly intervalS: number
  readonly account: string
}
