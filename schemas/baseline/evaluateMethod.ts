import { Temporal } from 'temporal-polyfill'
import { MeterGapError, MixedStepsError } from '../errors/baseline.ts'
import { EventLengthError } from '../errors/event.ts'
import { type EpochMs, intervalStarts, type LocalDay, localDayOf, type TimeRange } from '../time.ts'
import { computeBaseline, type MeterReadings } from './computeBaseline.ts'
import { dayClassOf, dayTypeOf } from './likeDays.ts'
import type { BaselineMethod } from './methods.ts'
import { type BaselineErrors, type BaselinePair, measureErrors } from './metrics.ts'

/** Minutes of the local day, `[from, to)`; past midnight where `to` is not later. */
export type EventHours = { readonly fromMinute: number; readonly toMinute: number }

/** Weekdays without holidays, the other days, or both. */
export const placeboDayKinds = ['working', 'other', 'all'] as const
export type PlaceboDays = (typeof placeboDayKinds)[number]

export type EvaluatedSite = {
  readonly stepS: number
  readonly readings: MeterReadings
  readonly mayBeNegative: boolean
}

export type EvaluateMethodParameters = {
  readonly method: BaselineMethod
  readonly zone: string
  readonly hours: EventHours
  readonly days: PlaceboDays
  readonly sites: readonly EvaluatedSite[]
  /** Sums over the sites are compared, as a portfolio is settled; otherwise each site by itself. */
  readonly isPortfolio: boolean
  /** Local dates with an event, or not ordinary otherwise: neither placebo nor like day. */
  readonly excludedDates: ReadonlySet<string>
  readonly holidays: ReadonlySet<string>
}

/** Null figures: there was nothing to compare. */
export type MethodFigures = { readonly [figure in keyof BaselineErrors]: number | null } & {
  /** Placebo events: days of a portfolio, otherwise days of each site. */
  readonly events: number
  /** What a shifted kilowatt-hour must cost so that gaming does not pay; not computed yet. */
  readonly breakEvenShiftCost: null
}

export type EvaluateMethodReturnType = MethodFigures & {
  /** Days of a site that were no event, by why. */
  readonly leftOut: { readonly [why in LeftOut]: number }
}

/** `gap`: an interval of the event has no reading; `few-days`: the method had too few like days. */
type LeftOut = 'gap' | 'few-days' | 'clock-change'

/**
 * The error of a method on placebo days: days without an event, on which the load that the baseline
 * estimates was metered (METHODS §1.4; the formulas are those of `measureErrors`).
 *
 * Each local day of the readings acts as an event in the same hours, and its baseline is the one
 * that settlement would compute, from earlier days only. A day counts where a site has a reading in
 * every interval of the event and as many like days as the method uses; `leftOut` counts the rest,
 * but for days before a site's first reading and after its last. Of a portfolio the sums over the
 * sites of a day are compared, each interval once.
 *
 * @throws StepError, EventLengthError where intervals do not fit the hours; MixedStepsError for a
 * portfolio of more than one interval length.
 */
export function evaluateMethod(parameters: EvaluateMethodParameters): EvaluateMethodReturnType {
  const { sites, isPortfolio } = parameters
  const stepsS = [...new Set(sites.map(({ stepS }) => stepS))]
  if (isPortfolio && stepsS.length > 1) throw new MixedStepsError({ stepsS })
  checkLength(parameters.hours, stepsS)
  const leftOut = { gap: 0, 'few-days': 0, 'clock-change': 0 }
  const pairs: BaselinePair[] = []
  const sums = new Map<EpochMs, BaselinePair>()
  const dates = new Set<string>()
  let events = 0
  for (const site of sites) {
    for (const day of placeboDays(parameters, site)) {
      const measured = measureDay(parameters, site, day)
      if (typeof measured === 'string') {
        leftOut[measured] += 1
        continue
      }
      events += 1
      dates.add(day.date)
      for (const each of measured) {
        if (isPortfolio) sums.set(each.startMs, add(sums.get(each.startMs), each))
        else pairs.push(each)
      }
    }
  }
  const errors = measureErrors(isPortfolio ? [...sums.values()] : pairs) ?? nothing
  return {
    events: isPortfolio ? dates.size : events,
    ...errors,
    breakEvenShiftCost: null,
    leftOut,
  }
}

const nothing = { rrmse: null, bias: null, nmae: null, variability: null }

type MeasuredInterval = BaselinePair & { readonly startMs: EpochMs }

function measureDay(
  parameters: EvaluateMethodParameters,
  site: EvaluatedSite,
  day: LocalDay,
): readonly MeasuredInterval[] | LeftOut {
  const { method, zone, hours } = parameters
  const { stepS, readings, mayBeNegative } = site
  const event = eventOn(day, hours, zone)
  if (!event) return 'clock-change'
  if (!intervalStarts(event, stepS).every((ms) => readings.has(ms))) return 'gap'
  try {
    const common = { ...parameters, event, stepS, readings, mayBeNegative }
    const { intervals, days } = computeBaseline(common)
    if (days.length < dayTypeOf(method, { ...parameters, day }).pool) return 'few-days'
    return intervals.map(({ startMs, baselineMwh }) => {
      return { startMs, baselineMwh, meteredMwh: readings.get(startMs)! }
    })
  } catch (error) {
    if (error instanceof MeterGapError) return 'few-days'
    throw error
  }
}

/** The hours on a day; null where a change of the clock makes them longer or shorter. */
function eventOn(day: LocalDay, hours: EventHours, zone: string): TimeRange | null {
  const midnight = Temporal.PlainDate.from(day.date).toPlainDateTime()
  const { fromMinute } = hours
  const minutes = minutesOf(hours)
  const at = (minute: number) => midnight.add({ minutes: minute })
  const [start, end] = [at(fromMinute), at(fromMinute + minutes)].map((wall) => {
    return wall.toZonedDateTime(zone, { disambiguation: 'earlier' })
  })
  const range: TimeRange = { startMs: start!.epochMilliseconds, endMs: end!.epochMilliseconds }
  const isThere = start!.toPlainDateTime().equals(at(fromMinute))
  return isThere && range.endMs - range.startMs === minutes * 60_000 ? range : null
}

const minutesOfDay = 1_440

function minutesOf({ fromMinute, toMinute }: EventHours): number {
  return (toMinute - fromMinute + minutesOfDay) % minutesOfDay || minutesOfDay
}

/** Such an event has no day, which would look like gaps. */
function checkLength(hours: EventHours, stepsS: readonly number[]): void {
  const lengthS = minutesOf(hours) * 60
  for (const stepS of stepsS)
    if (lengthS % stepS !== 0) throw new EventLengthError({ lengthS, stepS })
}

/** Local days from a site's first reading to its last, without those that are not asked for. */
function placeboDays(parameters: EvaluateMethodParameters, site: EvaluatedSite): LocalDay[] {
  const { zone, days: kind, excludedDates, holidays } = parameters
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const ms of site.readings.keys()) {
    first = Math.min(first, ms)
    last = Math.max(last, ms)
  }
  const days: LocalDay[] = []
  for (let next = first; next <= last; ) {
    const day = localDayOf(next, zone)
    const isWorking = dayClassOf(day, holidays) === 'weekday'
    const isAsked = kind === 'all' || isWorking === (kind === 'working')
    if (isAsked && !excludedDates.has(day.date)) days.push(day)
    next = day.endMs
  }
  return days
}

function add(sum: BaselinePair | undefined, each: BaselinePair): BaselinePair {
  return {
    baselineMwh: (sum?.baselineMwh ?? 0) + each.baselineMwh,
    meteredMwh: (sum?.meteredMwh ?? 0) + each.meteredMwh,
  }
}
