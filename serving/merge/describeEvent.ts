import type { EventProgress, EventState, Terms } from '../../schemas/event.ts'
import { isoUtc } from '../../schemas/time.ts'
import type { Event } from '../api/shapes/events.ts'
import { wholeNumber } from './toCells.ts'

export type DescribeEventParameters = {
  readonly progress: EventProgress
  /** Period of the anchor that its newest settlement stands in; null until it is proposed. */
  readonly period: number | null
  /** Whether meters and accounts may be named. */
  readonly isTrusted: boolean
}

/** An event and how far it has come, as the doors show it. */
export function describeEvent(parameters: DescribeEventParameters): Event {
  const { progress, period, isTrusted } = parameters
  const { event, reachedMs } = progress
  const reached = Object.entries(reachedMs).map(([state, ms]) => [state, isoUtc(ms)])
  return {
    id: event.id,
    state: progress.state,
    start: isoUtc(event.startMs),
    end: isoUtc(event.endMs),
    zone: event.zone,
    intervalS: event.intervalS,
    terms: describeTerms(event.terms),
    announced: isoUtc(event.announcedMs),
    reached: Object.fromEntries(reached) as Partial<Record<EventState, string>>,
    participants: event.participants.length,
    controls: event.controls.length,
    excludedDates: [...event.excludedDates],
    holidays: [...event.holidays],
    orderedMwh: progress.orderedMwh,
    speedDeliveredMwh: progress.speedDeliveredMwh,
    deliveredMwh: progress.deliveredMwh,
    deficiencyMwh: progress.deficiencyMwh,
    verifications: progress.verifications.map((each) => ({ ...each })),
    baselinesRoot: progress.baselinesRoot,
    speedRoot: progress.speedRoot,
    period,
    isStuck: (progress.problem ?? null) !== null,
    ...(isTrusted ? membersOf(progress) : {}),
  }
}

function describeTerms(terms: Terms): Event['terms'] {
  return {
    ...terms,
    priceMicrosPerKwh: wholeNumber(terms.priceMicrosPerKwh),
    penaltyMicrosPerKwh: wholeNumber(terms.penaltyMicrosPerKwh),
  }
}

function membersOf({ event, problem }: EventProgress): Partial<Event> {
  return {
    problem: problem ?? null,
    members: event.participants.map(({ meter, account }) => ({ meter, account })),
    controlMeters: [...event.controls],
  }
}
