import { InvalidArgumentError, sentenceOf } from '../../schemas/errors/wattproofError.ts'
import { intervalStarts } from '../../schemas/time.ts'
import { differenceOf } from './differenceOf.ts'
import { computeEventBaseline, emptyBaseline } from './eventBaselines.ts'
import type { EventFacts, MemberFacts } from './published.ts'
import type { MemberRefusal, Refusal } from './refusal.ts'

/** Why an event cannot be settled: its revision, or its range; null when it can. */
export function refuseEvent(event: EventFacts): Refusal | null {
  // A later revision settles the difference to the earlier one; that is not looked up yet.
  if (event.revision !== 1) return { code: 'revision', revision: event.revision }
  const lengthS = (event.endMs - event.startMs) / 1000
  const isWhole = lengthS > 0 && lengthS <= 86_400 && lengthS % event.intervalS === 0
  return isWhole ? null : { code: 'event-range', lengthS }
}

/** Readings must be sorted, distinct, and of the event's intervals and their length. */
export function refuseReadings(
  event: EventFacts,
  member: Pick<MemberFacts, 'readings'>,
): MemberRefusal | null {
  const starts = new Set(intervalStarts(event, event.intervalS))
  for (const { startMs } of member.readings) {
    if (!starts.has(startMs)) return { code: 'no-interval', part: 'readings', startMs }
  }
  return refuseOrder('readings', event, member.readings)
}

/** The first revision of an event has nothing settled before it. */
export function refuseSettledBefore({
  settledBefore,
}: Pick<MemberFacts, 'settledBefore'>): MemberRefusal | null {
  if (settledBefore === 0n) return null
  return { code: 'settled-before', settledBefore: String(settledBefore) }
}

export function refuseBaseline(
  event: EventFacts,
  { baseline }: Pick<MemberFacts, 'baseline'>,
): MemberRefusal | null {
  const disorder = refuseOrder('baseline', event, baseline.used)
  if (disorder) return disorder
  const late = baseline.used.find((each) => each.startMs >= event.startMs)
  if (late) return { code: 'used-after-start', startMs: late.startMs }
  return nameArgument('baseline', () => {
    const used = new Map(baseline.used.map((each) => [each.startMs, each.energyMwh]))
    const recomputed = computeEventBaseline(event, used) ?? emptyBaseline
    const difference = differenceOf(baseline, recomputed)
    return difference && { code: 'baseline', ...difference }
  })
}

function refuseOrder(
  part: 'readings' | 'baseline',
  event: EventFacts,
  readings: MemberFacts['readings'],
): MemberRefusal | null {
  let lastMs = Number.NEGATIVE_INFINITY
  for (const { startMs, durationS } of readings) {
    if (startMs <= lastMs) return { code: 'out-of-order', part, startMs }
    if (durationS !== event.intervalS) return { code: 'reading-length', part, startMs, durationS }
    lastMs = startMs
  }
  return null
}

/** An error in published numbers as a refusal; our own mistakes are rethrown. */
export function nameArgument<Found extends Refusal>(
  part: string,
  find: () => Found | null,
): Found | Refusal<'not-computed'> | null {
  try {
    return find()
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    return { code: 'not-computed', part, reason: sentenceOf(error) }
  }
}
