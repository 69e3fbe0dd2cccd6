import { sentenceOfEventProblem } from '../../schemas/errors/eventProblem.ts'
import type { EventProgress, EventState, Terms } from '../../schemas/event.ts'
import { isoUtc } from '../../schemas/time.ts'
import { sentenceOfUnmeasured } from '../settlement/unmeasured.ts'
import type { Event } from '../shapes/events.ts'
import { isOpenSum } from './isOpenSum.ts'
import { wholeNumber } from './toCells.ts'

export type DescribeEventParameters = {
  readonly progress: EventProgress
  /** Number of its newest settlement in the anchor; null until it is proposed. */
  readonly settlementNumber: number | null
  /** Whether meters and accounts may be named, and figures of few meters shown. */
  readonly isTrusted: boolean
}

/** An event and its state, as the API shows it. */
export function describeEvent(parameters: DescribeEventParameters): Event {
  const { progress, settlementNumber, isTrusted } = parameters
  const { event, reachedMs } = progress
  const isWithheld = !isTrusted && !isOpenSum(event.participants.length)
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
    isWithheld,
    ...(isWithheld ? noFigures : figuresOf(progress)),
    baselinesRoot: progress.baselinesRoot,
    speedRoot: progress.speedRoot,
    period: settlementNumber,
    isStuck: (progress.problem ?? null) !== null,
    ...(isTrusted ? membersOf(progress) : {}),
  }
}

const noFigures = {
  orderedMwh: null,
  speedDeliveredMwh: null,
  deliveredMwh: null,
  deficiencyMwh: null,
  verifications: [],
  warning: null,
}

function figuresOf(progress: EventProgress): Pick<Event, keyof typeof noFigures> {
  const { orderedMwh, speedDeliveredMwh, deliveredMwh, deficiencyMwh, unmeasured } = progress
  const verifications = progress.verifications.map((each) => ({ ...each }))
  const warning = unmeasured ? sentenceOfUnmeasured(unmeasured) : null
  return { orderedMwh, speedDeliveredMwh, deliveredMwh, deficiencyMwh, verifications, warning }
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
    problem: problem ? sentenceOfEventProblem(problem) : null,
    members: event.participants.map(({ meter, account }) => ({ meter, account })),
    controlMeters: [...event.controls],
  }
}
