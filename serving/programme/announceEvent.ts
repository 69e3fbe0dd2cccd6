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
  NotEnrolledError,
  OrderError,
  ParticipantCountError,
  ParticipantTwiceError,
  SiteTwiceError,
} from '../../schemas/errors/event.ts'
import { invariant } from '../../schemas/errors/wattproofError.ts'
import {
  type DrEvent,
  type EventProgress,
  memberIntervalsMax,
  type Terms,
} from '../../schemas/event.ts'
import type { MeterId } from '../../schemas/ids.ts'
import { type Grid, intervalAt } from '../../schemas/meter/grid.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import type { Occupancy } from '../../schemas/meter/occupancy.ts'
import type { Point } from '../../schemas/meter/point.ts'
import { stepAt } from '../../schemas/meter/step.ts'
import type { PointTerm } from '../../schemas/pointTerm.ts'
import { type EpochMs, intervalStarts, isoUtc } from '../../schemas/time.ts'
import { meteredTerms } from '../settlement/sumTerms.ts'
import type { EventDraft } from './commands.ts'
import {
  type Enrolments,
  enrolmentsOf,
  type Resolved,
  resolveParticipant,
} from './resolveParticipant.ts'

export type AnnounceEventParameters = {
  readonly draft: EventDraft
  /** Every enrolled meter. */
  readonly meters: readonly Meter[]
  /** Those of every site that has any. */
  readonly points?: readonly Point[]
  readonly occupancies?: readonly Occupancy[]
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
 * without an account, measured differently, of a site that is settled otherwise or twice, or in
 * another event at that time.
 */
export function announceEvent(parameters: AnnounceEventParameters): DrEvent {
  const { draft, nowMs } = parameters
  const enrolments = enrolmentsOf(parameters)
  checkTerms(draft.terms)
  checkMembers(draft)
  const { programme } = draft.terms
  const at = { programme, startMs: draft.startMs, endMs: draft.endMs }
  const members = draft.participants.map((name) => resolveParticipant(enrolments, name, at))
  checkControls(draft, enrolments, members)
  checkSites(members)
  const measuring = members.flatMap((each) => each.meters)
  const { zone, intervalS } = commonOf(measuring, draft.startMs)
  checkTimes(draft, intervalS, measuring)
  checkEnd(draft, nowMs)
  checkSize(draft, intervalS)
  const commitMs = draft.startMs - draft.terms.commitLeadS * 1000
  if (nowMs >= draft.startMs) {
    const [start, commit] = [isoUtc(draft.startMs), isoUtc(commitMs)]
    throw new EventPastError({ event: draft.id, start, commit })
  }
  checkOverlap(draft, members, { others: parameters.others, enrolments })
  return {
    id: draft.id,
    terms: draft.terms,
    zone,
    startMs: draft.startMs,
    endMs: draft.endMs,
    intervalS,
    participants: members
      .map(({ participant }) => participant)
      .sort((a, b) => (a.meter < b.meter ? -1 : 1)),
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

function checkTimes(draft: EventDraft, intervalS: number, meters: readonly Meter[]): void {
  const { startMs, endMs } = draft
  if (endMs <= startMs) {
    throw new EventEndError({ start: isoUtc(startMs), end: isoUtc(endMs) })
  }
  const lengthS = (endMs - startMs) / 1000
  if (lengthS > 86_400) throw new EventLengthError({ lengthS, stepS: intervalS })
  const edges = [...intervalStarts(draft, intervalS), endMs]
  const isWhole = lengthS % intervalS === 0
  if (!isWhole || !distinctGrids(meters).every((grid) => haveStarts(grid, edges))) {
    throw new EventTimesError({ start: isoUtc(startMs), end: isoUtc(endMs), intervalS })
  }
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

function checkControls(
  { controls }: EventDraft,
  { meters }: Enrolments,
  members: readonly Resolved[],
): void {
  const taking = new Set(members.flatMap((each) => each.meters.map(({ meter }) => meter)))
  for (const meter of controls) {
    if (!meters.has(meter)) throw new NotEnrolledError({ meter })
    if (taking.has(meter)) throw new ParticipantTwiceError({ meter })
  }
}

/** A sub-meter beside its site's meter would be paid for the same energy. */
function checkSites(members: readonly Resolved[]): void {
  const bySite = new Map<string, MeterId>()
  for (const { site, participant } of members) {
    const one = bySite.get(site)
    if (one) throw new SiteTwiceError({ site, one, other: participant.meter })
    bySite.set(site, participant.meter)
  }
}

/** One that missed its commitment is never settled, so it pays for nothing. */
function checkOverlap(
  draft: EventDraft,
  members: readonly Resolved[],
  { others, enrolments }: Pick<AnnounceEventParameters, 'others'> & { enrolments: Enrolments },
): void {
  const sites = new Set(members.map(({ site }) => site))
  const siteOf = ({ meter }: PointTerm) => enrolments.meters.get(meter)?.site ?? meter
  for (const { event, problem } of others) {
    const isApart = draft.endMs <= event.startMs || event.endMs <= draft.startMs
    if (isApart || problem?.kind === 'not-committed') continue
    const shared = event.participants.filter((each) =>
      meteredTerms(each).some((term) => sites.has(siteOf(term))),
    ).length
    if (shared === 0) continue
    throw new EventOverlapError({ event: draft.id, other: event.id, meters: shared })
  }
}

/** Few: meters of one kind have the same. */
function distinctGrids(meters: readonly Meter[]): Grid[] {
  const grids = meters.map(({ zone, steps }): [string, Grid] => {
    return [`${zone} ${JSON.stringify(steps)}`, { zone, steps }]
  })
  return [...new Map(grids).values()]
}

function haveStarts(grid: Grid, instants: readonly EpochMs[]): boolean {
  return instants.every((ms) => intervalAt(grid, ms).startMs === ms)
}

/** Members are in one zone; its intervals are the longest of theirs, which the others divide. */
function commonOf(
  members: readonly Meter[],
  startMs: EpochMs,
): { zone: string; intervalS: number } {
  const stepOf = ({ steps }: Meter) => stepAt(steps, startMs).intervalS
  const [first, ...others] = members
  invariant(first !== undefined, 'An event has participants.')
  const longest = others.reduce((best, each) => (stepOf(each) > stepOf(best) ? each : best), first)
  const [{ zone }, intervalS] = [longest, stepOf(longest)]
  for (const each of members) {
    if (each.zone === zone && intervalS % stepOf(each) === 0) continue
    const [one, other] = [each, longest].map((of) => ({ ...of, intervalS: stepOf(of) }))
    throw new MeasuredDifferentlyError({ one: measuredOf(one!), other: measuredOf(other!) })
  }
  return { zone, intervalS }
}

function measuredOf({ meter, zone, intervalS }: Meter) {
  return { meter, zone, intervalS }
}
