import {
  addMember,
  emptyGroupSum,
  energyOfGroupMwh,
  type GroupSum,
  groupStartMs,
  groupStepS,
} from '../../schemas/deviation/sumGroup.ts'
import type { Meter } from '../../schemas/meter.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import type { EpochMs } from '../../schemas/time.ts'

type ForecastRow = InsertRow<'batch_forecast'>

export type GroupForecastRowsParameters = {
  readonly run: bigint
  /** In the order of their ids. */
  readonly meters: readonly Pick<Meter, 'meter' | 'group' | 'intervalS'>[]
  /** Each group's interval, s. */
  readonly steps: ReadonlyMap<string, number>
  /** Where all forecasts start: the intervals of groups are counted from here. */
  readonly fromMs: EpochMs
  readonly forecasts: readonly ForecastRow[]
}

/** The group of all meters; its interval is the longest of all. */
const everybody = ''

/** The forecasts of meters, summed over each group and over all meters by the group's interval. */
export function groupForecastRows(
  parameters: GroupForecastRowsParameters,
): InsertRow<'batch_group_forecast'>[] {
  const { run, meters, fromMs } = parameters
  const steps = new Map([...parameters.steps, [everybody, groupStepS(meters)]])
  const byMeter = rowsByMeter(parameters.forecasts)
  const sums = new Map<string, Map<EpochMs, ForecastSum>>()
  for (const { meter, group, intervalS } of meters) {
    const rows = byMeter.get(meter) ?? new Map<EpochMs, ForecastRow>()
    for (const each of [group, everybody]) {
      const ofGroup = sums.get(each) ?? new Map<EpochMs, ForecastSum>()
      sums.set(each, ofGroup)
      addForecasts(ofGroup, { rows, intervalS, fromMs, stepS: steps.get(each)! })
    }
  }
  return [...sums].flatMap(([group, ofGroup]) => {
    const stepS = steps.get(group)!
    return [...ofGroup].map(([start, { sum, models, flags }]) => ({
      ...{ run, group_id: group, start, duration_s: stepS, members: sum.without.members },
      forecast_mwh: energyOfGroupMwh(sum, stepS),
      model: [...models].sort().join(', '),
      flag: [...flags].sort().join(', '),
    }))
  })
}

function rowsByMeter(forecasts: readonly ForecastRow[]): Map<string, Map<EpochMs, ForecastRow>> {
  const byMeter = new Map<string, Map<EpochMs, ForecastRow>>()
  for (const row of forecasts) {
    const rows = byMeter.get(row.meter)
    if (rows) rows.set(row.start, row)
    else byMeter.set(row.meter, new Map([[row.start, row]]))
  }
  return byMeter
}

type ForecastSum = {
  readonly sum: GroupSum
  readonly models: Set<string>
  readonly flags: Set<string>
}

type MemberForecast = {
  readonly rows: ReadonlyMap<EpochMs, ForecastRow>
  readonly intervalS: number
  readonly fromMs: EpochMs
  readonly stepS: number
}

/** Adds one meter's forecast to every interval of its group that it has all of. */
function addForecasts(
  ofGroup: Map<EpochMs, ForecastSum>,
  { rows, intervalS, fromMs, stepS }: MemberForecast,
): void {
  const starts = new Set([...rows.keys()].map((ms) => fromMs + groupStartMs(ms - fromMs, stepS)))
  for (const startMs of starts) {
    const into = ofGroup.get(startMs) ?? {
      sum: emptyGroupSum(),
      models: new Set(),
      flags: new Set(),
    }
    const parts: ForecastRow[] = []
    const rowAt = (ms: EpochMs) => {
      const row = rows.get(ms)
      if (row === undefined) return null
      parts.push(row)
      return { durationS: row.duration_s, energyMwh: Number(row.forecast_mwh), deviationW: null }
    }
    if (!addMember(into.sum, { startMs, stepS, intervalS, rowAt })) continue
    ofGroup.set(startMs, into)
    for (const { model, flag } of parts) {
      into.models.add(model)
      if (flag !== '') into.flags.add(flag)
    }
  }
}
