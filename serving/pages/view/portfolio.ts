import { type MemberPart, partOfMember, partOfSite } from '../../../schemas/deviation/sumGroup.ts'
import { type GroupKind, kindOfGroup } from '../../../schemas/meter/groupKind.ts'
import { energyOfPowerMwh, meanPowerW } from '../../../schemas/units.ts'
import type { Event, EventDeviations } from '../../shapes/events.ts'
import type { DeviationRow, Forecasts, GroupRow } from '../../shapes/views.ts'
import {
  alignLines,
  type Block,
  loadLines,
  type Picture,
  type Point,
  type Span,
  toSeconds,
} from './picture.ts'
import type { ViewRange } from './route.ts'

/** All groups together, in one interval. */
export type PortfolioInterval = {
  readonly startMs: number
  readonly endMs: number
  readonly loadW: number
  readonly baselineW: number | null
  readonly members: number
  readonly isProvisional: boolean
}

export type Portfolio = {
  readonly intervals: readonly PortfolioInterval[]
  /** Members that usually report. */
  readonly members: number
  /** The last interval, if most but not all members have reported; it is not drawn. */
  readonly filling: { readonly startMs: number; readonly members: number } | null
  /** Kinds of groups that are not in the sum: whoever is in these only is left out. */
  readonly leftOut: readonly GroupKind[]
}

/** Below nine tenths of the usual members, a sum mostly reflects who is missing. */
export function isComplete(members: number, usual: number): boolean {
  return members >= 0.9 * usual
}

/**
 * Adds groups up by the longest interval of any, as a site's meters in a group (`partOfSite`):
 * shorter intervals are averaged over it, and a group without all of them is left out. There is a
 * baseline where all groups have one. Intervals without reports of all members become gaps.
 */
export function sumGroups(rows: readonly GroupRow[]): Portfolio {
  const { ofKind, leftOut } = rowsOfOneKind(rows)
  const stepS = ofKind.reduce((longest, { durationS }) => Math.max(longest, durationS), 0)
  const stepMs = stepS * 1000
  // Intervals start where those of a group with the longest do.
  const first = ofKind.find(({ durationS }) => durationS === stepS)
  const phaseMs = first ? Date.parse(first.start) % stepMs : 0
  const byStart = new Map<number, Map<string, GroupRow[]>>()
  for (const row of ofKind) {
    const startMs = Math.floor((Date.parse(row.start) - phaseMs) / stepMs) * stepMs + phaseMs
    const byGroup = byStart.get(startMs) ?? new Map<string, GroupRow[]>()
    byStart.set(startMs, byGroup)
    const parts = byGroup.get(row.group)
    if (parts) parts.push(row)
    else byGroup.set(row.group, [row])
  }
  const all = [...byStart.entries()]
    .sort(([left], [right]) => left - right)
    .flatMap(([startMs, byGroup]) => addUp({ startMs, stepS }, [...byGroup.values()]))
  const members = Math.max(0, ...all.map((each) => each.members))
  const isDrawn = (each: PortfolioInterval) => isComplete(each.members, members)
  const last = all.at(-1)
  const filling = last && !isDrawn(last) ? { startMs: last.startMs, members: last.members } : null
  return { intervals: all.filter(isDrawn), members, filling, leftOut }
}

/** Only groups of the kind with the most members: a site is in groups of several kinds at once. */
function rowsOfOneKind(rows: readonly GroupRow[]) {
  const members = new Map<GroupKind, number>()
  for (const row of rows) {
    const kind = kindOfGroup(row.group)
    members.set(kind, (members.get(kind) ?? 0) + row.members * row.durationS)
  }
  const kinds = [...members].sort(([, left], [, right]) => right - left).map(([kind]) => kind)
  const [largest, ...leftOut] = kinds
  return { ofKind: rows.filter(({ group }) => kindOfGroup(group) === largest), leftOut }
}

/** @param groups rows of each group within the interval. */
function addUp(
  at: { readonly startMs: number; readonly stepS: number },
  groups: readonly (readonly GroupRow[])[],
): PortfolioInterval[] {
  const whole = groups.flatMap((rows) => {
    const part = partOfGroup(at, rows)
    return part ? [{ sign: 1 as const, part, rows }] : []
  })
  const sum = partOfSite(whole, ({ part }) => part)
  if (!sum) return []
  const loadW = meanPowerW(sum.energyMwh, at.stepS)
  return [
    {
      startMs: at.startMs,
      endMs: at.startMs + at.stepS * 1000,
      loadW,
      baselineW: Number.isNaN(sum.deviationMw) ? null : loadW - sum.deviationMw / 1000,
      // Those that reported for all of it.
      members: whole.reduce(
        (all, { rows }) => all + Math.min(...rows.map((row) => row.members)),
        0,
      ),
      isProvisional: whole.some(({ rows }) => rows.some((row) => row.origin === 'speed')),
    },
  ]
}

/** A group as a member of all groups together. */
function partOfGroup(
  at: { readonly startMs: number; readonly stepS: number },
  rows: readonly GroupRow[],
): MemberPart | null {
  const rowAt = new Map(rows.map((row) => [Date.parse(row.start), row]))
  return partOfMember({
    ...{ ...at, intervalS: rows[0]?.durationS ?? 0 },
    rowAt: (startMs) => {
      const row = rowAt.get(startMs)
      if (!row) return null
      const { durationS, loadW, baselineW } = row
      return {
        durationS,
        energyMwh: Math.round(energyOfPowerMwh(loadW, durationS)),
        deviationW: baselineW === null ? null : loadW - baselineW,
      }
    },
  })
}

export type PortfolioPictureParameters = {
  readonly portfolio: Portfolio
  readonly forecast: Forecasts | null
  /** Mean error of one meter's forecast, Wh per interval, of the released model. */
  readonly maeWh: number | null
  readonly events: readonly Event[]
  readonly deviations: EventDeviations | null
  readonly nowMs: number
  readonly range: ViewRange
}

/** Load against baseline, the forecast ahead of it, and what is ordered. */
export function portfolioPicture(parameters: PortfolioPictureParameters): Picture {
  const { portfolio, forecast, nowMs, range } = parameters
  const { intervals } = portfolio
  const lastMs = intervals.at(-1)?.endMs ?? 0
  const ahead = (forecast?.intervals ?? []).filter((each) => Date.parse(each.start) >= lastMs)
  const settled = intervals.filter((each) => !each.isProvisional)
  const provisional = intervals.filter((each) => each.isProvisional)
  return {
    ...alignLines([
      ...loadLines({
        baseline: baselineOf(intervals),
        load: loadOf(settled),
        provisional: loadOf(provisional),
      }),
      { key: 'forecast', label: 'forecast', tone: 'forecast', points: ahead.map(forecastPoint) },
    ]),
    blocks: [...fanOf(ahead, parameters.maeWh), ...orderedBlocks(parameters)],
    spans: parameters.events.map(eventSpan),
    nowS: toSeconds(nowMs),
    fromS: toSeconds(range.fromMs),
    toS: toSeconds(shownUntil(parameters, lastMs)),
  }
}

/** Space for hours ahead is reserved only if there is a forecast. */
export function shownUntil(
  { forecast, nowMs, range }: Pick<PortfolioPictureParameters, 'forecast' | 'nowMs' | 'range'>,
  lastMs: number,
): number {
  if (forecast === null || range.toMs <= nowMs) return range.toMs
  const ends = forecast.intervals.map((each) => forecastPoint(each).endMs)
  const spareMs = 2 * 3_600_000
  return Math.min(range.toMs, Math.max(nowMs + spareMs, lastMs, ...ends))
}

export function eventSpan(event: Pick<Event, 'start' | 'end'>): Span {
  const fromS = toSeconds(Date.parse(event.start))
  return { kind: 'event', fromS, toS: toSeconds(Date.parse(event.end)), label: 'event' }
}

function loadOf(intervals: readonly PortfolioInterval[]): Point[] {
  return intervals.map(({ startMs, endMs, loadW }) => ({ startMs, endMs, value: loadW }))
}

function baselineOf(intervals: readonly PortfolioInterval[]): Point[] {
  return intervals.flatMap(({ startMs, endMs, baselineW }) =>
    baselineW === null ? [] : [{ startMs, endMs, value: baselineW }],
  )
}

type ForecastInterval = Forecasts['intervals'][number]

function forecastPoint(each: ForecastInterval): Point {
  const startMs = Date.parse(each.start)
  return { startMs, endMs: startMs + each.durationS * 1000, value: each.forecastW }
}

/** Mean error of the forecast of a sum, Wh per interval, if meters err independently. */
export function errorOfSumWh(maeWh: number, members: number): number {
  return maeWh * Math.sqrt(members)
}

/**
 * Once and twice the mean error around the sum, as mean power. Below zero only where a part of the
 * forecast is.
 */
export function fanOf(ahead: readonly ForecastInterval[], maeWh: number | null): Block[] {
  if (maeWh === null) return []
  const floorW = ahead.some((each) => each.forecastW < 0) ? Number.NEGATIVE_INFINITY : 0
  return ahead.flatMap((each) => {
    const { startMs, endMs, value } = forecastPoint(each)
    const errorW = (errorOfSumWh(maeWh, each.members) * 3600) / each.durationS
    const times = { fromS: toSeconds(startMs), toS: toSeconds(endMs) }
    const wide = (factor: number) => ({
      low: Math.max(floorW, value - factor * errorW),
      high: value + factor * errorW,
    })
    return [
      { kind: 'fan2' as const, ...times, ...wide(2) },
      { kind: 'fan1' as const, ...times, ...wide(1) },
    ]
  })
}

/** The portfolio's baseline minus the order of the event's members. */
function orderedBlocks({ portfolio, deviations }: PortfolioPictureParameters): Block[] {
  return (deviations?.intervals ?? []).flatMap((each) => {
    const startMs = Date.parse(each.start)
    const around = portfolio.intervals.find((of) => of.startMs <= startMs && startMs < of.endMs)
    const high = around?.baselineW ?? null
    if (each.phase !== 'event' || each.orderedW <= 0 || high === null) return []
    const times = { fromS: toSeconds(startMs), toS: toSeconds(startMs + each.durationS * 1000) }
    return [{ kind: 'ordered' as const, ...times, low: high - each.orderedW, high }]
  })
}

export type GroupTrouble = {
  readonly group: string
  readonly latest: GroupRow
  /** `shareAbove`. */
  readonly share: number | null
  readonly exceptions: number
  readonly loads: readonly {
    readonly ms: number
    readonly load: number
    readonly baseline: number | null
  }[]
}

/**
 * Load above its baseline, as a share of the baseline's magnitude: who feeds in less than usual is
 * above it too. Null without a baseline.
 */
export function shareAbove(at: { loadW: number; baselineW: number | null }): number | null {
  const { loadW, baselineW } = at
  return baselineW === null || baselineW === 0 ? null : (loadW - baselineW) / Math.abs(baselineW)
}

/** Groups, most urgent first: most exceptions, then the largest deviation. */
export function groupsByTrouble(
  rows: readonly GroupRow[],
  exceptions: readonly DeviationRow[],
): GroupTrouble[] {
  const byGroup = new Map<string, GroupRow[]>()
  for (const row of rows) {
    const found = byGroup.get(row.group)
    if (found) found.push(row)
    else byGroup.set(row.group, [row])
  }
  const troubles = [...byGroup.entries()].map(([group, own]) => {
    const usual = Math.max(...own.map((row) => row.members))
    const complete = own.filter((row) => isComplete(row.members, usual))
    const latest = complete.at(-1)!
    const share = shareAbove(latest)
    const meters = new Set(
      exceptions.filter((each) => each.group.split(' ').includes(group)).map((each) => each.meter),
    )
    const loads = complete.map((row) => {
      return { ms: Date.parse(row.start), load: row.loadW, baseline: row.baselineW }
    })
    return { group, latest, share, exceptions: meters.size, loads }
  })
  const size = ({ share }: GroupTrouble) => Math.abs(share ?? 0)
  return troubles.sort(
    (left, right) => right.exceptions - left.exceptions || size(right) - size(left),
  )
}

/** The newest exception of each meter, newest first. */
export function latestExceptions(rows: readonly DeviationRow[]): DeviationRow[] {
  const sorted = [...rows].sort((left, right) => (left.start < right.start ? 1 : -1))
  const seen = new Set<string>()
  return sorted.filter(({ meter }) => !seen.has(meter) && seen.add(meter))
}
