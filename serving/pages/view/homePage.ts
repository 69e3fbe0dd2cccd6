import { meanPowerW } from '../../../schemas/units.ts'
import type { BundleBody } from '../../settlement/bundle/proofBundle.ts'
import type { Event } from '../../shapes/events.ts'
import type { DeviationRow, Forecasts } from '../../shapes/views.ts'
import { clockTime, dayName, kwh, money } from './format.ts'
import { alignLines, type Picture, type Point, toSeconds } from './picture.ts'
import { eventSpan, shownUntil } from './portfolio.ts'
import type { ViewRange } from './route.ts'

export type HomeDay = {
  /** Energy since local midnight and the usual one of the same intervals, mWh. */
  readonly usedMwh: number
  /** The part of the intervals in which more was fed in than taken, at least 0. */
  readonly fedInMwh: number
  readonly usualMwh: number | null
  readonly intervals: number
}

/** What a home used since `fromMs`, against its baseline over the intervals that have one. */
export function usedSince(rows: readonly DeviationRow[], fromMs: number): HomeDay {
  const own = rows.filter((row) => Date.parse(row.start) >= fromMs)
  const isMeasured = own.length > 0 && own.every((row) => row.baselineMwh !== null)
  return {
    usedMwh: own.reduce((sum, row) => sum + row.energyMwh, 0),
    fedInMwh: own.reduce((sum, row) => sum + Math.max(0, -row.energyMwh), 0),
    usualMwh: isMeasured ? own.reduce((sum, row) => sum + (row.baselineMwh ?? 0), 0) : null,
    intervals: own.length,
  }
}

export type HomePictureParameters = {
  readonly rows: readonly DeviationRow[]
  readonly forecast: Forecasts | null
  readonly events: readonly Event[]
  readonly nowMs: number
  readonly range: ViewRange
}

/** The home's own day: what it used, its usual, and what is expected. */
export function homePicture(parameters: HomePictureParameters): Picture {
  const { rows, forecast, nowMs, range } = parameters
  const lastMs = Math.max(0, ...rows.map((row) => Date.parse(row.start)))
  const ahead = (forecast?.intervals ?? []).filter((each) => Date.parse(each.start) > lastMs)
  const load = { label: 'used', tone: 'load' } as const
  return {
    ...alignLines([
      {
        key: 'baseline',
        label: 'usual',
        tone: 'baseline',
        isDashed: true,
        points: rows.flatMap(usualPoint),
      },
      {
        key: 'load',
        ...load,
        points: rows.filter(({ origin }) => origin === 'batch').map(usedPoint),
      },
      {
        key: 'load-live',
        ...load,
        isProvisional: true,
        points: rows.filter(({ origin }) => origin !== 'batch').map(usedPoint),
      },
      { key: 'forecast', label: 'expected', tone: 'forecast', points: ahead.map(expectedPoint) },
    ]),
    blocks: [],
    spans: parameters.events.map(eventSpan),
    nowS: toSeconds(nowMs),
    fromS: toSeconds(range.fromMs),
    toS: toSeconds(shownUntil(parameters, lastMs)),
  }
}

function usedPoint(row: DeviationRow): Point {
  return pointOf(row, meanPowerW(row.energyMwh, row.durationS))
}

/** The adjusted usual: the reference of the deviation. */
function usualPoint(row: DeviationRow): Point[] {
  if (row.deviationW !== null) {
    return [pointOf(row, meanPowerW(row.energyMwh, row.durationS) - row.deviationW)]
  }
  return row.baselineMwh === null ? [] : [pointOf(row, meanPowerW(row.baselineMwh, row.durationS))]
}

function expectedPoint(each: Forecasts['intervals'][number]): Point {
  return pointOf(each, each.forecastW)
}

function pointOf(row: { start: string; durationS: number }, value: number): Point {
  const startMs = Date.parse(row.start)
  return { startMs, endMs: startMs + row.durationS * 1000, value }
}

/** "2.1 kWh taken, 5.4 kWh fed in."; nothing for a home that only takes. */
export function describeFlows({ usedMwh, fedInMwh }: HomeDay): string {
  if (fedInMwh === 0) return ''
  return `${kwh(usedMwh + fedInMwh)} taken from the grid, ${kwh(fedInMwh)} fed in.`
}

/** "You used 1.2 kWh less than usual between 17:00 and 20:00 and earned £0.24." */
export function describeEarned({ event, line }: BundleBody): string {
  const { zone, startMs, endMs, terms } = event
  const [from, to] = [clockTime(startMs, zone), clockTime(endMs, zone)]
  const when = `on ${dayName(startMs, zone)} between ${from} and ${to}`
  if (line.intervals.length === 0) {
    return `Nothing could be settled for you ${when}: readings or a usual day were missing.`
  }
  const saved = line.intervals.reduce((sum, each) => sum + each.baseline - each.metered, 0)
  // Below zero on balance: what changed is what was fed in.
  const isFedIn = line.intervals.reduce((sum, each) => sum + each.metered, 0) < 0
  const [verb, isMore] = isFedIn ? ['fed in', saved >= 0] : ['used', saved < 0]
  const side = isMore ? 'more' : 'less'
  const used = `You ${verb} ${kwh(Math.abs(saved))} ${side} than usual ${when}`
  const pay = Number(line.pay)
  if (pay > 0) return `${used} and earned ${money(pay, terms.currency)}.`
  const debt = Number(line.debtAfter)
  if (debt > 0) {
    const owed = money(debt, terms.currency)
    return `${used}. Nothing is paid; ${owed} of fees is taken off your next earnings.`
  }
  return `${used}. Nothing is paid and nothing is owed.`
}

/** Settled events that a home took part in, newest first. */
export function settledEventsOf(meter: string, events: readonly Event[]): Event[] {
  return events
    .filter((each) => each.deliveredMwh !== null && isMember(each, meter))
    .sort((left, right) => (left.start < right.start ? 1 : -1))
}

/** Without the token an event names no members: it then counts for every home. */
export function isMember(event: Event, meter: string): boolean {
  return event.members === undefined || event.members.some((each) => each.meter === meter)
}

/** Upcoming events of a home: those it takes part in that have not ended. */
export function invitationsFor(meter: string, events: readonly Event[], nowMs: number): Event[] {
  return events
    .filter((each) => Date.parse(each.end) > nowMs)
    .filter((each) => isMember(each, meter))
    .sort((left, right) => (left.start < right.start ? -1 : 1))
}
