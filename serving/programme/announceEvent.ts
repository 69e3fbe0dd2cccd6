import { baselineMethodNamed } from '../../schemas/baseline/methods.ts'
import { InvalidArgumentError, validateArgument } from '../../schemas/errors/wattproofError.ts'
import type { DrEvent, EventProgress, Participant, Terms } from '../../schemas/event.ts'
import type { MeterId } from '../../schemas/ids.ts'
import type { Meter } from '../../schemas/meter.ts'
import { type EpochMs, isoUtc } from '../../schemas/time.ts'
import type { EventDraft } from './commands.ts'

export type AnnounceEventParameters = {
  readonly draft: EventDraft
  /** Every enrolled meter. */
  readonly meters: readonly Meter[]
  readonly nowMs: EpochMs
}

const participantsMax = 20_000

/**
 * An event from what an operator says of it and what is enrolled.
 *
 * @throws InvalidArgumentError for a start that is too near, times that are no whole intervals,
 * or a meter that is unknown, twice there, without an account, or unlike the others.
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
  const commitMs = draft.startMs - draft.terms.commitLeadS * 1000
  validateArgument(
    nowMs < draft.startMs,
    `${draft.id} starts at ${isoUtc(draft.startMs)}, which is past; baselines are fixed ` +
      `before the start, at ${isoUtc(commitMs)}.`,
  )
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
  validateArgument(
    terms.orderPpm > 0 && terms.orderPpm <= 1_000_000,
    `An order of ${terms.orderPpm} millionths of the baseline is none; give 1 to 1000000.`,
  )
  validateArgument(
    terms.priceMicrosPerKwh >= 0n && terms.penaltyMicrosPerKwh >= 0n,
    'Price and penalty are not negative.',
  )
  validateArgument(
    terms.commitLeadS >= 0 && terms.latenessS >= 0,
    'Baselines are committed before the start, readings are waited for after the end.',
  )
}

function checkMembers(draft: EventDraft): void {
  const { participants, controls } = draft
  validateArgument(
    participants.length > 0 && participants.length <= participantsMax,
    `An event has 1 to ${participantsMax} participants; this one has ${participants.length}.`,
  )
  const all = new Set<MeterId>()
  for (const meter of [...participants, ...controls]) {
    validateArgument(!all.has(meter), `${meter} is named twice; a meter has one part in an event.`)
    all.add(meter)
  }
}

function checkTimes(draft: EventDraft, intervalS: number): void {
  const { startMs, endMs } = draft
  const stepMs = intervalS * 1000
  validateArgument(
    startMs % stepMs === 0 && endMs % stepMs === 0 && endMs > startMs,
    `An event begins and ends with an interval of ${intervalS} s: ` +
      `${isoUtc(startMs)} to ${isoUtc(endMs)} does not.`,
  )
  validateArgument(endMs - startMs <= 86_400_000, 'An event lasts a day at most.')
}

function enrolled(known: ReadonlyMap<MeterId, Meter>, meter: MeterId): Meter {
  const found = known.get(meter)
  if (found) return found
  throw new InvalidArgumentError(`${meter} is not enrolled; POST /api/v1/meters enrols it.`, {
    meter,
  })
}

function participantOf({ meter, account }: Meter): Participant {
  validateArgument(account !== null, `${meter} has no account to pay to; enrol it with one.`)
  return { meter, account }
}

/** Members of one event are measured alike. */
function commonOf(members: readonly Meter[]): { zone: string; intervalS: number } {
  const [first] = members
  validateArgument(first !== undefined, 'An event has participants.')
  const { zone, intervalS } = first
  for (const each of members) {
    validateArgument(
      each.zone === zone && each.intervalS === intervalS,
      `${each.meter} (${each.zone}, ${each.intervalS} s) and ${first.meter} (${zone}, ` +
        `${intervalS} s) are measured differently; they cannot share an event.`,
    )
  }
  return { zone, intervalS }
}
