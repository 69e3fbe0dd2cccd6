import type { EventId } from '../../schemas/ids.ts'
import { type EpochMs, localToEpochMs } from '../../schemas/time.ts'
import { fontanaZone } from './fontana.ts'
import { londonZone } from './london.ts'

export type PlannedEvent = {
  readonly id: EventId
  readonly startMs: EpochMs
  readonly endMs: EpochMs
  /** Local midnight before it: end of the history; from here the simulated clock runs. */
  readonly dayStartMs: EpochMs
}

/** The two events of the demo: the trial's own High prices of these evenings. */
export const plannedEvents: readonly PlannedEvent[] = [
  planned('2013-02-11', '17:00', '20:00'),
  planned('2013-02-20', '17:00', '23:00'),
]

/**
 * The afternoon of the homes with PV, from 13:00 to 16:00 their time on the day of the second
 * event. It is the demo's own: the homes were never called, and are paid for what their readings
 * happen to show.
 */
export const solarEvent: PlannedEvent = {
  id: 'solar-2013-02-20' as EventId,
  startMs: localToEpochMs('2013-02-20T13:00', fontanaZone),
  endMs: localToEpochMs('2013-02-20T16:00', fontanaZone),
  dayStartMs: at('2013-02-20', '00:00'),
}

/** The events of the day, in the order in which they are settled. */
export function eventsOfDay(dayStartMs: EpochMs): PlannedEvent[] {
  return [...plannedEvents, solarEvent].filter((each) => each.dayStartMs === dayStartMs)
}

/**
 * Terms of the demo's programme. The price is what a High half-hour cost above the flat tariff of
 * the trial (67.20 less 14.228 pence a kWh): what the home saved by answering, paid as incentive.
 */
export const demoTerms = {
  programme: 'london-dynamic',
  version: 1,
  currency: 'GBP',
  priceMicrosPerKwh: 529_720,
  penaltyMicrosPerKwh: 50_000,
  orderPpm: 100_000,
  baselineMethod: 'caiso-10-in-10',
  bandWh: 1_500,
  commitLeadS: 900,
  latenessS: 7_200,
} as const

/**
 * Terms like those of London, in another currency and at the demo's own price. Settlements become
 * final one at a time: this one waits until that of London's second event is.
 */
export const solarTerms = {
  ...demoTerms,
  programme: 'fontana-solar',
  currency: 'USD',
  priceMicrosPerKwh: 1_000_000,
  latenessS: 9_000,
} as const

/** Martin Luther King's day and Presidents' Day of 2017, moved as the readings are. */
export const solarHolidays = ['2013-01-14', '2013-02-18'] as const

export const demoHolidays = ['2013-01-01'] as const
export const demoHistoryStart = at('2013-01-02', '00:00')

function planned(date: string, start: string, end: string): PlannedEvent {
  return {
    id: `high-${date}` as EventId,
    startMs: at(date, start),
    endMs: at(date, end),
    dayStartMs: at(date, '00:00'),
  }
}

function at(date: string, time: string): EpochMs {
  return localToEpochMs(`${date}T${time}`, londonZone)
}
