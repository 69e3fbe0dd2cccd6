import { InvalidArgumentError, sentenceOf } from '../../schemas/errors/wattproofError.ts'
import { intervalStarts, isoUtc } from '../../schemas/time.ts'
import { differenceOf } from './differenceOf.ts'
import { computeEventBaseline, emptyBaseline } from './eventBaselines.ts'
import type { EventFacts, MemberFacts } from './published.ts'

/** Why an event cannot be settled: its revision, or its range; null when it can. */
export function refuseEvent(event: EventFacts): string | null {
  // A later revision settles the difference to the earlier one; that is not looked up yet.
  if (event.revision !== 1) return `The revision is ${event.revision}; only the first is settled.`
  const lengthS = (event.endMs - event.startMs) / 1000
  const isWhole = lengthS > 0 && lengthS <= 86_400 && lengthS % event.intervalS === 0
  return isWhole ? null : `The event's range of ${lengthS} s is no whole number of intervals.`
}

/** Readings must be sorted, distinct, and of the event's intervals and their length. */
export function refuseReadings(
  event: EventFacts,
  member: Pick<MemberFacts, 'readings'>,
): string | null {
  const starts = new Set(intervalStarts(event, event.intervalS))
  for (const { startMs } of member.readings) {
    if (!starts.has(startMs)) return `readings: ${isoUtc(startMs)} is no interval of the event.`
  }
  return refuseOrder('readings', event, member.readings)
}

/** The first revision of an event has nothing settled before it. */
export function refuseSettledBefore({
  settledBefore,
}: Pick<MemberFacts, 'settledBefore'>): string | null {
  if (settledBefore === 0n) return null
  return `settledBefore is stated as ${settledBefore}; nothing is before the first revision.`
}

export function refuseBaseline(
  event: EventFacts,
  { baseline }: Pick<MemberFacts, 'baseline'>,
): string | null {
  const disorder = refuseOrder('baseline', event, baseline.used)
  if (disorder) return disorder
  const late = baseline.used.find((each) => each.startMs >= event.startMs)
  if (late) return `baseline: it uses a reading of ${isoUtc(late.startMs)}, after the start.`
  return nameArgument('baseline', () => {
    const used = new Map(baseline.used.map((each) => [each.startMs, each.energyMwh]))
    const recomputed = computeEventBaseline(event, used) ?? emptyBaseline
    const difference = differenceOf(baseline, recomputed)
    return difference && `baseline: ${difference}.`
  })
}

function refuseOrder(
  part: string,
  event: EventFacts,
  readings: MemberFacts['readings'],
): string | null {
  let lastMs = Number.NEGATIVE_INFINITY
  for (const { startMs, durationS } of readings) {
    if (startMs <= lastMs) return `${part}: the reading of ${isoUtc(startMs)} is out of order.`
    if (durationS !== event.intervalS) return `${part}: ${isoUtc(startMs)} lasts ${durationS} s.`
    lastMs = startMs
  }
  return null
}

/** The sentence of an error in published numbers; our own mistakes are rethrown. */
export function nameArgument(part: string, find: () => string | null): string | null {
  try {
    return find()
  } catch (error) {
    if (error instanceof InvalidArgumentError) return `${part}: ${sentenceOf(error)}`
    throw error
  }
}
