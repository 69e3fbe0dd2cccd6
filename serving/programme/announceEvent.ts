import { baselineMethodNamed } from '../../schemas/baseline/methods.ts'
import {
  EventEndError,
  EventFarError,
  EventLengthError,
  EventOverlapError,
  EventPastError,
  EventSizeError,
  EventTimesError,
  MeasuredDifferentlyError,
  NegativeLeadError,
  NegativePriceError,
  NoAccountToPayError,
  NotEnrolledError,
  OrderError,
  ParticipantCountError,
  ParticipantTwiceError,
} from '../../schemas/errors/event.ts'
import { invariant } from '../../schemas/errors/wattproofError.ts'
import {
  type DrEvent,
  type EventProgress,
  memberIntervalsMax,
  type Participant,
  type Terms,
} from '../../schemas/event.ts'
import type { MeterId } from '../../schemas/ids.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { type EpochMs, isoUtc } from '../../schemas/time.ts'
import type { EventDraft } from './commands.ts'

export type AnnounceEventParameters = {
  readonly draft: EventDraft
  /** Every enrolled meter. */
  readonly meters: readonly Meter[]
  /** Events that were announced before; a participant is in one at a time. */
  readonly others: readonly EventProgress[]
  /** −Infinity where the time is not known. */
  readonly nowMs: EpochMs
}

const participantsMax = 20_000
/** An event ends at most ten years ahead. */
const aheadMsMax = 3_653 * 86_400_000
/** The last day of the stores' instants. */
const storedMsMax = Date.UTC(2299, 11, 31)

/**
 * An event from an operator's draft and the enrolled meters.
 *
 * @throws EventTermsError for a start that is too near, an end that is too far, times that are not
 * on interval boundaries, too many meters for its length, or a meter that is unknown, named twice,
 * without an account, measured differently, or in another event at that time.
 */
export function announceEvent(parameters: AnnounceEventParameters): DrEvent {
  const { draft, nowMs } = parameters
  const known = new Map(parameters.meters.map((each) => [each.meter, each]))
  checkTerms(draft.terms)
  checkMembers(draft)
  const members = draft.participants.map((meter) => enrolled(known, meter))
  for (const meter of draft.controls) enrolled(known, meter)
  const { zone, intervalS } = commonOf(members)
  checkTimes(draft, intervalS)
  checkEnd(draft, nowMs)
  checkSize(draft, intervalS)
  const commitMs = draft.startMs - draft.terms.commitLeadS * 1000
  if (nowMs >= draft.startMs) {
    const [start, commit] = [isoUtc(draft.startMs), isoUtc(commitMs)]
    throw new EventPastError({ event: draft.id, start, commit })
  }
  checkOverlap(draft, parameters.others)
  return {
    id: draft.id,
    terms: draft.terms,
    zone,
    startMs: draft.startMs,
    endMs: draft.endMs,
    intervalS,
    participants: members.map(participantOf).sort((a, b) => (a.meter < b.meter ? -1 : 1)),
    controls: [...draft.controls].sort(),
    excludedDates: [...draft.excludedDates].sort(),
    holidays: [...draft.holidays].sort(),
    announcedMs: nowMs,
  }
}

export function firstProgress(event: DrEvent): EventProgress {
  return {
    event,
    version: 1,
    state: 'announced',
    reachedMs: { announced: event.announcedMs },
    orderedMwh: null,
    speedDeliveredMwh: null,
    deliveredMwh: null,
    deficiencyMwh: null,
    verifications: [],
    baselinesRoot: null,
    speedRoot: null,
    problem: null,
  }
}

function checkTerms(terms: Terms): void {
  baselineMethodNamed(terms.baselineMethod)
  const { orderPpm, priceMicrosPerKwh, penaltyMicrosPerKwh, commitLeadS, latenessS } = terms
  if (orderPpm <= 0 || orderPpm > 1_000_000) throw new OrderError({ orderPpm })
  if (priceMicrosPerKwh < 0n || penaltyMicrosPerKwh < 0n) {
    throw new NegativePriceError({ priceMicrosPerKwh, penaltyMicrosPerKwh })
  }
  if (commitLeadS < 0 || latenessS < 0) throw new NegativeLeadError({ commitLeadS, latenessS })
}

function checkMembers(draft: EventDraft): void {
  const { participants, controls } = draft
  if (participants.length === 0 || participants.length > participantsMax) {
    throw new ParticipantCountError({ participants: participants.length, participantsMax })
  }
  const all = new Set<MeterId>()
  for (const meter of [...participants, ...controls]) {
    if (all.has(meter)) throw new ParticipantTwiceError({ meter })
    all.add(meter)
  }
}

function checkTimes(draft: EventDraft, intervalS: number): void {
  const { startMs, endMs } = draft
  const stepMs = intervalS * 1000
  if (endMs <= startMs) {
    throw new EventEndError({ start: isoUtc(startMs), end: isoUtc(endMs) })
  }
  if (startMs % stepMs !== 0 || endMs % stepMs !== 0) {
    throw new EventTimesError({ start: isoUtc(startMs), end: isoUtc(endMs), intervalS })
  }
  const lengthS = (endMs - startMs) / 1000
  if (lengthS > 86_400) throw new EventLengthError({ lengthS, stepS: intervalS })
}

/** What is stored is read by all that compute with instants, so it is within what they take. */
function checkEnd({ id, endMs }: EventDraft, nowMs: EpochMs): void {
  const aheadMs = nowMs + aheadMsMax
  const latestMs = Number.isFinite(aheadMs) ? Math.min(aheadMs, storedMsMax) : storedMsMax
  if (endMs <= latestMs) return
  throw new EventFarError({ event: id, end: isoUtc(endMs), latest: isoUtc(latestMs) })
}

function checkSize(
  { participants, controls, startMs, endMs }: EventDraft,
  intervalS: number,
): void {
  const meters = participants.length + controls.length
  const intervals = (endMs - startMs) / (intervalS * 1000)
  if (meters * intervals <= memberIntervalsMax) return
  throw new EventSizeError({ meters, intervals, memberIntervalsMax })
}

/** One that missed its commitment is never settled, so it pays for nothing. */
function checkOverlap(draft: EventDraft, others: readonly EventProgress[]): void {
  const participants = new Set(draft.participants)
  for (const { event, problem } of others) {
    const isApart = draft.endMs <= event.startMs || event.endMs <= draft.startMs
    if (isApart || problem?.kind === 'not-committed') continue
    const shared = event.participants.filter(({ meter }) => participants.has(meter)).length
    if (shared === 0) continue
    throw new EventOverlapError({ event: draft.id, other: event.id, meters: shared })
  }
}

function enrolled(known: ReadonlyMap<MeterId, Meter>, meter: MeterId): Meter {
  const found = known.get(meter)
  if (found) return found
  throw new NotEnrolledError({ meter })
}

function participantOf({ meter, account }: Meter): Participant {
  if (account === null) throw new NoAccountToPayError({ meter })
  return { meter, account }
}

/** All members of an event have the same interval length and time zone. */
function commonOf(members: readonly Meter[]): { zone: string; intervalS: number } {
  const [first] = members
  invariant(first !== undefined, 'An event has participants.')
  const { zone, intervalS } = first
  for (const each of members) {
    if (each.zone !== zone || each.intervalS !== intervalS) {
      throw new MeasuredDifferentlyError({ one: measuredOf(each), other: measuredOf(first) })
    }
  }
  return { zone, intervalS }
}

function measuredOf({ meter, zone, intervalS }: Meter) {
  return { meter, zone, intervalS }
}
