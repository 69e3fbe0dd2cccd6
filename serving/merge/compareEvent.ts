import { addPart, emptyGroupSum, finishGroup } from '../../schemas/deviation/sumGroup.ts'
import { invariant } from '../../schemas/errors/wattproofError.ts'
import type { DrEvent } from '../../schemas/event.ts'
import type { MeterId } from '../../schemas/ids.ts'
import type { SettledInterval } from '../../schemas/settlement.ts'
import { type EpochMs, isoUtc, type TimeRange } from '../../schemas/time.ts'
import { energyMwh, energyOfPowerMwh, meanPowerW, wholeMilliwatts } from '../../schemas/units.ts'
import { collectMetered } from '../settlement/collectMetered.ts'
import type { Baselines } from '../settlement/eventBaselines.ts'
import { sortParticipants } from '../settlement/settleEvent.ts'
import { priceIntervals } from '../settlement/settleMember.ts'
import { meteredTerms, metersOf, sumMeters } from '../settlement/sumTerms.ts'
import type { EventDeviations } from '../shapes/events.ts'
import { joinRows } from './joinRows.ts'
import { type ComparedRow, sumRows } from './sumRows.ts'

export type CompareEventParameters = {
  readonly event: DrEvent
  readonly range: TimeRange
  /** Intervals of the same-day adjustment; null for a method without. */
  readonly window: TimeRange | null
  /**
   * Merged rows of the range, within a verified event those of its settlement (`settledRows`); rows
   * of other meters are skipped.
   */
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
  readonly loadW: number
  /** Null without a baseline. */
  readonly deviationW: number | null
  readonly orderedMwh: number
  readonly deliveredMwh: number
}

/**
 * Load against baseline through an event, member by member and summed.
 *
 * Within the event it is what the settlement would make of the same readings (`priceIntervals`),
 * with the committed baselines as soon as there are any; until then, with the adjusted ones that
 * the merged view measures from, as also around the event. Readings that are shorter than the
 * event's intervals are added up; a longer one has no baseline. Sums are those of a group
 * (`sumGroup`), over members that have a reading and a baseline.
 */
export function compareEvent(parameters: CompareEventParameters): CompareEventReturnType {
  const { event, range, window } = parameters
  const compared = compareMembers(parameters)
  return {
    id: event.id,
    from: isoUtc(range.startMs),
    to: isoUtc(range.endMs),
    start: isoUtc(event.startMs),
    end: isoUtc(event.endMs),
    adjustment: window && { start: isoUtc(window.startMs), end: isoUtc(window.endMs) },
    ...withTotals(sumIntervals(parameters, [...compared.values()].flat())),
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

function compareMembers({
  event,
  rows,
  committed,
}: CompareEventParameters): Map<MeterId, Compared[]> {
  const meters = metersOf(event)
  const found = new Map<MeterId, ComparedRow[]>(meters.map((meter) => [meter, []]))
  for (const row of rows) found.get(row.meter)?.push(row)
  const rowsOf = new Map([...found].map(([meter, own]) => [meter, joinRows(event, own)]))
  const readings = collectMetered({ meters, intervalS: event.intervalS, rows })
  const compared = new Map<MeterId, Compared[]>()
  for (const participant of sortParticipants(event)) {
    const { meter, point } = participant
    const own = sumRows(participant, rowsOf)
    const baseline = committed ? committed.get(meter) : liveBaseline(event, own)
    const metered = sumMeters(meteredTerms(participant), readings)
    // Until baselines are committed there is none of a boundary, so nothing limits what is shown.
    const limit = committed && point?.boundary.length ? sumMeters(point.boundary, readings) : null
    const of = { baseline, metered, ...(limit ? { boundary: limit } : {}) }
    const { intervals } = priceIntervals(event, of)
    const pricedAt = new Map(intervals.map((each) => [each.startMs, each]))
    compared.set(
      meter,
      own.map((row) => compareRow(event, row, pricedAt.get(row.startMs))),
    )
  }
  return compared
}

function compareRow(
  event: DrEvent,
  row: ComparedRow,
  priced: SettledInterval | undefined,
): Compared {
  const loadW = meanPowerW(row.energyMwh, row.durationS)
  const none = { row, loadW, deviationW: null, orderedMwh: 0, deliveredMwh: 0 }
  if (row.durationS !== event.intervalS) return none
  const isOrdered = row.startMs >= event.startMs && row.startMs < event.endMs
  if (!isOrdered) return { ...none, deviationW: row.deviationW }
  if (!priced) return none
  return {
    ...{ row, loadW, orderedMwh: priced.ordered, deliveredMwh: priced.delivered },
    deviationW: meanPowerW(priced.metered - priced.baseline, row.durationS),
  }
}

/** What the merged view measures from: the day's baseline with its same-day adjustment. */
function liveBaseline({ intervalS }: DrEvent, rows: readonly ComparedRow[]) {
  const intervals = rows.flatMap(({ startMs, durationS, deviationW, energyMwh: metered }) => {
    if (deviationW === null || durationS !== intervalS) return []
    const baseline = Math.round(metered - energyOfPowerMwh(deviationW, durationS))
    return [{ startMs, baselineMwh: energyMwh(baseline) }]
  })
  return { intervals }
}

function sumIntervals(
  parameters: CompareEventParameters,
  compared: readonly Compared[],
): EventDeviations['intervals'] {
  const byStart = new Map<EpochMs, Measured[]>()
  for (const each of compared) {
    if (!isMeasured(each)) continue
    const found = byStart.get(each.row.startMs)
    if (found) found.push(each)
    else byStart.set(each.row.startMs, [each])
  }
  return [...byStart.entries()]
    .sort(([left], [right]) => left - right)
    .map(([startMs, parts]) => sumInterval(parameters, startMs, parts))
}

type Measured = Compared & { readonly deviationW: number }

function isMeasured(each: Compared): each is Measured {
  return each.deviationW !== null
}

function sumInterval(
  parameters: CompareEventParameters,
  startMs: EpochMs,
  parts: readonly Measured[],
): EventDeviations['intervals'][number] {
  const { intervalS: durationS } = parameters.event
  const total = emptyGroupSum()
  for (const { row, deviationW } of parts) {
    addPart(total, { energyMwh: row.energyMwh, deviationMw: wholeMilliwatts(deviationW) })
  }
  const sum = finishGroup({ group: '', startMs, durationS }, total)
  invariant(sum?.baselineW != null, 'Members that are summed have baselines.')
  const { members, loadW, baselineW, deviationW } = sum
  const orderedMwh = parts.reduce((mwh, part) => mwh + part.orderedMwh, 0)
  const deliveredMwh = parts.reduce((mwh, part) => mwh + part.deliveredMwh, 0)
  const origins = new Set(parts.map(({ row }) => row.origin))
  return {
    start: isoUtc(startMs),
    durationS,
    phase: phaseOf(parameters, startMs),
    ...{ members, loadW, baselineW, deviationW },
    orderedW: meanPowerW(orderedMwh, durationS),
    deliveredW: meanPowerW(deliveredMwh, durationS),
    ...{ orderedMwh, deliveredMwh },
    origin: origins.size > 1 ? ('mixed' as const) : parts[0]!.row.origin,
  }
}

function listMembers(
  parameters: CompareEventParameters,
  compared: ReadonlyMap<MeterId, readonly Compared[]>,
): Members {
  return [...compared.entries()].map(([meter, parts]) => ({
    meter,
    orderedMwh: parts.reduce((sum, part) => sum + part.orderedMwh, 0),
    deliveredMwh: parts.reduce((sum, part) => sum + part.deliveredMwh, 0),
    intervals: parts.map((part) => describeInterval(parameters, part)),
  }))
}

function describeInterval(
  parameters: CompareEventParameters,
  { row, loadW, deviationW }: Compared,
): Members[number]['intervals'][number] {
  return {
    start: isoUtc(row.startMs),
    durationS: row.durationS,
    phase: phaseOf(parameters, row.startMs),
    loadW,
    baselineW: deviationW === null ? null : loadW - deviationW,
    deviationW,
  }
}

function phaseOf({ event, window }: CompareEventParameters, ms: EpochMs) {
  if (ms >= event.endMs) return 'after' as const
  if (ms >= event.startMs) return 'event' as const
  const isWindow = window !== null && ms >= window.startMs && ms < window.endMs
  return isWindow ? ('adjustment' as const) : ('before' as const)
}
