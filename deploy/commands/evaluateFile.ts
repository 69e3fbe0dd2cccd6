import {
  type EvaluateMethodReturnType,
  type EventHours,
  evaluateMethod,
  type MethodFigures,
  type PlaceboDays,
} from '../../schemas/baseline/evaluateMethod.ts'
import { baselineMethodNamed, baselineMethods } from '../../schemas/baseline/methods.ts'
import { EventHoursError } from '../../schemas/errors/commandLine.ts'
import { counted } from '../../schemas/errors/counted.ts'
import { asWrongUse, table } from './output.ts'
import type { ProfileFlags } from './profileFlags.ts'
import { readDates } from './readDates.ts'
import { profileOf } from './readProfileFlags.ts'
import { readSeriesInKwh } from './readSeries.ts'

export type EvaluateBaselineParameters = ProfileFlags & {
  readonly input: string
  readonly eventHours: string
  /** Ids, separated by commas; `all`. */
  readonly methods: string
  readonly days: PlaceboDays
  readonly group?: 'all'
  readonly excludeDays?: string
  readonly holidays?: string
}

type Figures = { readonly [method: string]: MethodFigures }

/**
 * The error of each method on the placebo days of a file: of all series together, and without
 * `group` of each series too.
 */
export async function evaluateBaseline(options: EvaluateBaselineParameters) {
  const hours = readHours(options.eventHours)
  const methods = methodsNamed(options.methods)
  const profile = profileOf(options)
  const { zone = 'UTC' } = profile
  const excludedDates = new Set(readDates(options.excludeDays, zone))
  const holidays = new Set(readDates(options.holidays, zone))
  const input = await readSeriesInKwh(options.input, profile)
  const sites = [...input.series].map(([id, { isNegative, ...site }]) => {
    return { id, ...site, mayBeNegative: isNegative }
  })
  const isPortfolio = options.group !== undefined
  const given = { zone, hours, days: options.days, isPortfolio, excludedDates, holidays }
  const evaluate = (some: typeof sites) => {
    return methods.map((method) => {
      const found = asWrongUse(() => evaluateMethod({ ...given, method, sites: some }))
      return [method.id, found] as const
    })
  }
  const evaluated = evaluate(sites)
  const series = sites.map((site) => [site.id, figuresOf(evaluate([site]))] as const)
  return {
    ...{ zone, eventHours: options.eventHours, days: options.days, group: options.group ?? null },
    methods: figuresOf(evaluated),
    ...(isPortfolio ? {} : { series: Object.fromEntries(series) }),
    leftOut: Object.fromEntries(evaluated.map(([id, { leftOut }]) => [id, leftOut])),
    input: input.document,
    rejected: input.refused,
  }
}

type Evaluated = Awaited<ReturnType<typeof evaluateBaseline>>

/** The evaluation as a table; null is a dash. */
export function describeEvaluated({ methods, leftOut, input }: Evaluated): string {
  const percent = (share: number | null) => (share === null ? '-' : (100 * share).toFixed(2))
  const rows = Object.entries(methods).map(([id, each]) => {
    const { events, rrmse, bias, nmae, variability } = each
    const left = Object.entries(leftOut[id] ?? {}).filter(([, days]) => days > 0)
    const why = left.map(([reason, days]) => `${days} ${reason}`).join(', ')
    return [id, events, ...[rrmse, bias, nmae, variability].map(percent), why]
  })
  const header = ['method', 'events', 'RRMSE %', 'bias %', 'nMAE %', 'variability %', 'left out']
  const refused =
    input.refused === 0
      ? ''
      : `\nRefused: ${counted(input.refused, 'cell or row', 'cells or rows')} (--json lists them).`
  return `${table(header, rows)}${refused}`
}

function figuresOf(evaluated: readonly (readonly [string, EvaluateMethodReturnType])[]): Figures {
  return Object.fromEntries(evaluated.map(([id, { leftOut: _, ...figures }]) => [id, figures]))
}

function methodsNamed(text: string) {
  if (text === 'all') return baselineMethods
  const ids = new Set(text.split(',').map((id) => id.trim()))
  return [...ids].map((id) => asWrongUse(() => baselineMethodNamed(id)))
}

/** `16-20`, `16:30-18`, `22-2`. */
function readHours(text: string): EventHours {
  const [from, to, ...more] = text.split('-').map(minuteOfDay)
  const isRange = from !== undefined && to !== undefined && more.length === 0
  if (!isRange || !(from < 1_440) || !(to <= 1_440) || from === to) {
    throw new EventHoursError({ text })
  }
  return { fromMinute: from, toMinute: to }
}

/** NaN for what is no time. */
function minuteOfDay(text: string): number {
  const [, hour, minute = '0'] = /^\s*(\d{1,2})(?::([0-5]\d))?\s*$/.exec(text) ?? []
  return Number(hour ?? Number.NaN) * 60 + Number(minute)
}
