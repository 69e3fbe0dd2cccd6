import { InvalidArgumentError, sentenceOf } from '../../schemas/errors/wattproofError.ts'
import type { SettledAsOf } from '../../schemas/settlement.ts'
import { intervalStarts } from '../../schemas/time.ts'
import { differenceOf } from './differenceOf.ts'
import { computeEventBaseline, emptyBaseline } from './eventBaselines.ts'
import type { EventFacts, MemberFacts, PointFacts } from './published.ts'
import type { MemberRefusal, Refusal } from './refusal.ts'
import { energiesOf, sumTerms } from './sumTerms.ts'

/** Why an event cannot be settled: its revision, or its range; null when it can. */
export function refuseEvent(event: EventFacts): Refusal | null {
  // A later revision settles the difference to the earlier one; that is not looked up yet.
  if (event.revision !== 1) return { code: 'revision', revision: event.revision }
  const lengthS = (event.endMs - event.startMs) / 1000
  const isWhole = lengthS > 0 && lengthS <= 86_400 && lengthS % event.intervalS === 0
  return isWhole ? null : { code: 'event-range', lengthS }
}

/** What the event was settled from was read after what was committed before it. */
export function refuseAsOf({ baselines, readings }: SettledAsOf): Refusal<'as-of'> | null {
  for (const [partition, place] of baselines.entries()) {
    const own = readings[partition] ?? 0
    if (own < place) return { code: 'as-of', partition, baselines: place, readings: own }
  }
  return null
}

/** Readings must be sorted, distinct, and of the event's intervals and their length. */
export function refuseReadings(
  event: EventFacts,
  member: Pick<MemberFacts, 'readings' | 'point'>,
): MemberRefusal | null {
  const starts = new Set(intervalStarts(event, event.intervalS))
  const { readings, point } = member
  const meters = [...(point?.terms ?? []), ...(point?.boundary ?? [])]
  for (const each of [readings, ...meters.map((term) => term.readings)]) {
    const beyond = each.find(({ startMs }) => !starts.has(startMs))
    if (beyond) return { code: 'no-interval', part: 'readings', startMs: beyond.startMs }
    const disorder = refuseOrder('readings', event, each)
    if (disorder) return disorder
  }
  return point ? refuseSum('readings', point.terms, { sum: readings, terms: point.terms }) : null
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
  { baseline, point }: Pick<MemberFacts, 'baseline' | 'point'>,
): MemberRefusal | null {
  const { boundary } = baseline
  const own = refuseTermsBaseline(event, baseline, point)
  if (own) return own
  // Nothing may be stated that no root binds.
  const hasLimit = point !== undefined && point.boundary.length > 0 && baseline.days.length > 0
  if (hasLimit !== (boundary !== undefined)) return { code: 'boundary' }
  if (!point || !boundary) return null
  return refuseTermsBaseline(event, boundary, { mayBeNegative: true, terms: point.boundary })
}

/** A baseline recomputed from what it used, and of a point that from what its terms had. */
function refuseTermsBaseline(
  event: EventFacts,
  baseline: Omit<MemberFacts['baseline'], 'boundary'>,
  point: Pick<PointFacts, 'mayBeNegative' | 'terms'> | undefined,
): MemberRefusal | null {
  const { used, terms = [] } = baseline
  for (const each of [used, ...terms]) {
    const disorder = refuseOrder('baseline', event, each)
    if (disorder) return disorder
  }
  const late = used.find((each) => each.startMs >= event.startMs)
  if (late) return { code: 'used-after-start', startMs: late.startMs }
  const recomputed = nameArgument('baseline', () => {
    const found = computeEventBaseline(event, energiesOf(used), point?.mayBeNegative)
    const difference = differenceOf(baseline, found ?? emptyBaseline)
    return difference && { code: 'baseline', ...difference }
  })
  if (recomputed) return recomputed
  // Without a baseline there is nothing that terms could add up to.
  const hasTerms = point !== undefined && baseline.days.length > 0
  if (!hasTerms) return baseline.terms ? { code: 'terms-of-point', part: 'baseline' } : null
  const ofTerms = terms.map((readings) => ({ readings }))
  return refuseSum('baseline', point.terms, { sum: used, terms: ofTerms })
}

/** A point's readings are the signed sum of those of its terms, where all of them have one. */
function refuseSum(
  part: 'readings' | 'baseline',
  signs: PointFacts['terms'],
  stated: {
    readonly sum: MemberFacts['readings']
    readonly terms: readonly Pick<PointFacts['terms'][number], 'readings'>[]
  },
): MemberRefusal | null {
  if (stated.terms.length !== signs.length) return { code: 'terms-of-point', part }
  return nameArgument(part, () => {
    const ofTerms = stated.terms.map(({ readings }) => energiesOf(readings))
    const sums = sumTerms(signs, ofTerms)
    const isWhole =
      sums.size === stated.sum.length &&
      stated.sum.every(({ startMs, energyMwh }) => sums.get(startMs) === energyMwh)
    return isWhole ? null : { code: 'terms-of-point', part }
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
