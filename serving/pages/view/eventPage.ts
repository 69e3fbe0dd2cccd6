import type { EventState } from '../../../schemas/event.ts'
import type { Event, EventDeviations, Reconciliation } from '../../shapes/events.ts'
import {
  alignLines,
  type Block,
  loadLines,
  type Picture,
  type Point,
  type Span,
  toSeconds,
} from './picture.ts'
import { eventSpan, isComplete } from './portfolio.ts'

/** `GET /events`. */
export type EventList = { readonly events: readonly Event[] }

/** The event a page shows by default: a running one, else the last that began, else the next. */
export function chooseEvent(events: readonly Event[], nowMs: number): Event | null {
  const byStart = [...events].sort((left, right) => (left.start < right.start ? -1 : 1))
  const running = byStart.find((each) => isRunning(each, nowMs))
  const begun = byStart.filter((each) => Date.parse(each.start) <= nowMs)
  return running ?? begun.at(-1) ?? byStart[0] ?? null
}

export function isRunning(event: Event, nowMs: number): boolean {
  return Date.parse(event.start) <= nowMs && nowMs < Date.parse(event.end)
}

export type Step = {
  readonly name: string
  readonly about: string
  readonly reached: string | null
  readonly state: 'done' | 'now' | 'ahead'
}

/** The steps of an event for a reader; a step may cover several stored states. */
const stations: readonly { name: string; about: string; state: EventState }[] = [
  { name: 'Announced', about: 'terms and members are fixed', state: 'announced' },
  { name: 'Committed', about: 'baselines are on chain', state: 'committed' },
  { name: 'Running', about: 'load should be below the baseline', state: 'running' },
  { name: 'Ended', about: 'waiting for late readings', state: 'ended' },
  { name: 'Verified', about: 'delivery is settled', state: 'verified' },
  { name: 'Anchored', about: 'two thirds of stake attest', state: 'attested' },
  { name: 'Final', about: 'nobody challenged it', state: 'final' },
  { name: 'Paid', about: 'every claim is paid', state: 'paid' },
]

/** The progress of an event. */
export function stepsOf(event: Pick<Event, 'reached'>): Step[] {
  const last = stations.reduce(
    (found, { state }, index) => (event.reached[state] === undefined ? found : index),
    -1,
  )
  return stations.map(({ name, about, state }, index) => ({
    name,
    about,
    reached: event.reached[state] ?? null,
    state:
      index < last || (index === last && state === 'paid')
        ? 'done'
        : index === last
          ? 'now'
          : 'ahead',
  }))
}

type Compared = EventDeviations['intervals'][number]

/** Load against baseline through an event, with what was ordered and delivered between them. */
export function eventPicture(deviations: EventDeviations, nowMs: number): Picture {
  const { intervals, adjustment, isProvisional } = deviations
  const members = Math.max(0, ...intervals.map((each) => each.members))
  const full = intervals.filter((each) => isComplete(each.members, members))
  const isLive = (each: Compared) => isProvisional && each.origin !== 'batch'
  const spans: Span[] = [eventSpan(deviations)]
  if (adjustment) {
    const { start, end } = adjustment
    const times = { fromS: toSeconds(Date.parse(start)), toS: toSeconds(Date.parse(end)) }
    spans.push({ kind: 'adjustment', ...times, label: 'adjustment' })
  }
  return {
    ...alignLines(
      loadLines({
        baseline: pointsOf(full, (each) => each.baselineW),
        load: pointsOf(
          full.filter((each) => !isLive(each)),
          (each) => each.loadW,
        ),
        provisional: pointsOf(full.filter(isLive), (each) => each.loadW),
      }),
    ),
    blocks: full.flatMap((each) => blocksOf(each, isProvisional)),
    spans,
    nowS: toSeconds(nowMs),
    fromS: toSeconds(Date.parse(deviations.from)),
    toS: toSeconds(Date.parse(deviations.to)),
  }
}

/** `deliveredW` counts member by member, up to each order: it is drawn down from the baseline. */
function blocksOf(each: Compared, isProvisional: boolean): Block[] {
  if (each.phase !== 'event' || each.baselineW === null) return []
  const startMs = Date.parse(each.start)
  const times = { fromS: toSeconds(startMs), toS: toSeconds(startMs + each.durationS * 1000) }
  const high = each.baselineW
  return [
    { kind: 'delivered', ...times, low: high - each.deliveredW, high, isProvisional },
    { kind: 'ordered', ...times, low: high - each.orderedW, high },
  ]
}

function pointsOf(
  intervals: readonly Compared[],
  levelOf: (each: Compared) => number | null,
): Point[] {
  return intervals.flatMap((each) => {
    const startMs = Date.parse(each.start)
    const value = levelOf(each)
    return value === null ? [] : [{ startMs, endMs: startMs + each.durationS * 1000, value }]
  })
}

export type MemberDelivery = {
  readonly meter: string
  readonly orderedMwh: number
  readonly deliveredMwh: number
  readonly share: number | null
  readonly missing: number
  readonly loads: readonly {
    readonly ms: number
    readonly load: number
    readonly baseline: number | null
  }[]
}

/** Members, best delivery first; none without the token. */
export function membersByDelivery(
  deviations: EventDeviations,
  reconciliation: Reconciliation | null,
): MemberDelivery[] {
  const settled = new Map((reconciliation?.members ?? []).map((each) => [each.meter, each]))
  const members = (deviations.members ?? []).map((each) => {
    const line = settled.get(each.meter)
    const deliveredMwh = line?.deliveredMwh ?? each.deliveredMwh
    return {
      meter: each.meter,
      orderedMwh: each.orderedMwh,
      deliveredMwh,
      share: each.orderedMwh > 0 ? deliveredMwh / each.orderedMwh : null,
      missing: line?.missing ?? 0,
      loads: each.intervals.map((at) => {
        return { ms: Date.parse(at.start), load: at.loadW, baseline: at.baselineW }
      }),
    }
  })
  return members.sort(
    (left, right) =>
      (right.share ?? -1) - (left.share ?? -1) || right.deliveredMwh - left.deliveredMwh,
  )
}
