import type { Deviation } from '../../schemas/deviation/deviationRow.ts'
import type { DrEvent } from '../../schemas/event.ts'
import { type EpochMs, isoUtc, type TimeRange } from '../../schemas/time.ts'
import { energyMwh, energyOfPowerMwh, meanPowerW } from '../../schemas/units.ts'
import type { Baselines } from '../settlement/eventBaselines.ts'
import { deliveredOf, orderOfMwhDown } from '../settlement/settleInterval.ts'
import type { EventDeviations } from '../shapes/events.ts'

export type ComparedRow = Pick<
  Deviation,
  'meter' | 'startMs' | 'durationS' | 'energyMwh' | 'baselineMwh' | 'deviationW'
> & { readonly origin: 'batch' | 'speed' }

export type CompareEventParameters = {
  readonly event: DrEvent
  readonly range: TimeRange
  /** Intervals of the same-day adjustment; null for a method without. */
  readonly window: TimeRange | null
  /** Merged rows of the range; rows of other meters are skipped. */
  readonly rows: readonly ComparedRow[]
  /** Baselines committed before the start; null until then. */
  readonly committed: Baselines | null
  /** True if the event is verified, so that no reading changes its figures any more. */
  readonly isVerified: boolean
}

type Members = NonNullable<EventDeviations['members']>
export type CompareEventReturnType = EventDeviations & { readonly members: Members }

type Compared = {
  readonly row: ComparedRow
  readonly baselineMwh: number | null
  readonly orderedMwh: number
  readonly deliveredMwh: number
}

/**
 * Load against baseline through an event, member by member and summed.
 *
 * Within the event the baseline is the committed one as soon as there is one, as in the settlement;
 * elsewhere it is the adjusted one that the merged view measures from. Sums are over members that
 * have a reading and a baseline, so that load and baseline may be compared; delivery counts up to
 * each member's order.
 */
export function compareEvent(parameters: CompareEventParameters): CompareEventReturnType {
  const { event, range, window } = parameters
  const compared = compareRows(parameters)
  return {
    id: event.id,
    from: isoUtc(range.startMs),
    to: isoUtc(range.endMs),
    start: isoUtc(event.startMs),
    end: isoUtc(event.endMs),
    adjustment: window && { start: isoUtc(window.startMs), end: isoUtc(window.endMs) },
    ...withTotals(sumIntervals(parameters, compared)),
    isProvisional: !parameters.isVerified,
    members: listMembers(parameters, compared),
  }
}

/** Intervals, with the energy ordered and delivered in all of them. */
export function withTotals(
  intervals: EventDeviations['intervals'],
): Pick<EventDeviations, 'intervals' | 'orderedMwh' | 'deliveredMwh'> {
  return {
    orderedMwh: intervals.reduce((sum, each) => sum + each.orderedMwh, 0),
    deliveredMwh: intervals.reduce((sum, each) => sum + each.deliveredMwh, 0),
    intervals,
  }
}

function compareRows({ event, rows, committed }: CompareEventParameters): Compared[] {
  const members = new Set<string>(event.participants.map(({ meter }) => meter))
  const baselines = new Map(
    [...(committed ?? [])].map(([meter, { intervals }]) => [
      meter,
      new Map(intervals.map((each) => [each.startMs, each.baselineMwh])),
    ]),
  )
  return rows.flatMap((row) => {
    if (!members.has(row.meter)) return []
    const isOrdered = row.startMs >= event.startMs && row.startMs < event.endMs
    const fixed = isOrdered ? baselines.get(row.meter)?.get(row.startMs) : undefined
    const baselineMwh = fixed ?? adjustedMwh(row)
    if (!isOrdered || baselineMwh === null) {
      return [{ row, baselineMwh, orderedMwh: 0, deliveredMwh: 0 }]
    }
    const baseline = energyMwh(baselineMwh)
    const ordered = orderOfMwhDown(baseline, event.terms.orderPpm)
    const orderedMwh: number = ordered
    const deliveredMwh = deliveredOf({ baseline, metered: energyMwh(row.energyMwh), ordered })
    return [{ row, baselineMwh, orderedMwh, deliveredMwh }]
  })
}

/** The reference of the view's deviation; the plain baseline where it has none. */
function adjustedMwh(row: ComparedRow): number | null {
  if (row.deviationW === null) return row.baselineMwh
  return Math.round(row.energyMwh - energyOfPowerMwh(row.deviationW, row.durationS))
}

function sumIntervals(
  parameters: CompareEventParameters,
  compared: readonly Compared[],
): EventDeviations['intervals'] {
  const byStart = new Map<EpochMs, Compared[]>()
  for (const each of compared) {
    if (each.baselineMwh === null) continue
    const found = byStart.get(each.row.startMs)
    if (found) found.push(each)
    else byStart.set(each.row.startMs, [each])
  }
  return [...byStart.entries()]
    .sort(([left], [right]) => left - right)
    .map(([startMs, parts]) => {
      const durationS = Math.max(...parts.map(({ row }) => row.durationS))
      const watts = (mwhOf: (part: Compared) => number) =>
        parts.reduce((sum, part) => sum + meanPowerW(mwhOf(part), part.row.durationS), 0)
      const loadW = watts(({ row }) => row.energyMwh)
      const baselineW = watts((part) => part.baselineMwh ?? 0)
      const origins = new Set(parts.map(({ row }) => row.origin))
      return {
        start: isoUtc(startMs),
        durationS,
        phase: phaseOf(parameters, startMs),
        members: parts.length,
        loadW,
        baselineW,
        deviationW: loadW - baselineW,
        orderedW: watts((part) => part.orderedMwh),
        deliveredW: watts((part) => part.deliveredMwh),
        orderedMwh: parts.reduce((sum, part) => sum + part.orderedMwh, 0),
        deliveredMwh: parts.reduce((sum, part) => sum + part.deliveredMwh, 0),
        origin: origins.size > 1 ? ('mixed' as const) : parts[0]!.row.origin,
      }
    })
}

function listMembers(parameters: CompareEventParameters, compared: readonly Compared[]): Members {
  const byMeter = new Map<string, Compared[]>(
    parameters.event.participants.map(({ meter }) => [meter, []]),
  )
  for (const each of compared) byMeter.get(each.row.meter)?.push(each)
  return [...byMeter.entries()].map(([meter, parts]) => ({
    meter,
    orderedMwh: parts.reduce((sum, part) => sum + part.orderedMwh, 0),
    deliveredMwh: parts.reduce((sum, part) => sum + part.deliveredMwh, 0),
    intervals: parts.map((part) => describeInterval(parameters, part)),
  }))
}

function describeInterval(parameters: CompareEventParameters, { row, baselineMwh }: Compared) {
  const loadW = meanPowerW(row.energyMwh, row.durationS)
  const baselineW = baselineMwh === null ? null : meanPowerW(baselineMwh, row.durationS)
  return {
    start: isoUtc(row.startMs),
    durationS: row.durationS,
    phase: phaseOf(parameters, row.startMs),
    loadW,
    baselineW,
    deviationW: baselineW === null ? null : loadW - baselineW,
  }
}

function phaseOf({ event, window }: CompareEventParameters, ms: EpochMs) {
  if (ms >= event.endMs) return 'after' as const
  if (ms >= event.startMs) return 'event' as const
  const isWindow = window !== null && ms >= window.startMs && ms < window.endMs
  return isWindow ? ('adjustment' as const) : ('before' as const)
}
