import { groupStartMs } from '../../schemas/deviation/sumGroup.ts'
import type { Meter } from '../../schemas/meter.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import { type LocalDay, localDayOf } from '../../schemas/time.ts'
import type { Histories } from '../archive/readHistory.ts'
import { buildSeries } from '../history/buildSeries.ts'
import { baselineRows, listDays } from './dayBaselines.ts'
import { forecastRows } from './forecastRows.ts'
import { groupForecastRows } from './groupForecasts.ts'
import { daysAhead, type Plan } from './planRun.ts'
import type { MetersDone } from './recomputeDays.ts'

/** History of a forecast: the longest look-back, and four weeks for seasonal naive. */
export const forecastHistoryDays = 35
const dayMs = 86_400_000

export type Ahead = {
  readonly baselines: InsertRow<'batch_baseline'>[]
  readonly forecasts: InsertRow<'batch_forecast'>[]
}

/** The forecasts summed over groups: once all meters' are there. */
export function sumAhead(
  { run, meters, inputs, highWaterMs }: Plan,
  { forecasts }: Ahead,
): InsertRow<'batch_group_forecast'>[] {
  const steps = new Map(inputs.steps)
  return groupForecastRows({ run, meters, steps, fromMs: highWaterMs, forecasts })
}

/** Baselines and forecasts of the days ahead, from the history that the last part has read. */
export function writingAhead(plan: Plan, to: Ahead) {
  const { run } = plan
  return {
    ahead: (meter: Meter) => openDays(meter.zone, plan),
    async onMeters({ meters, histories, baselines }: MetersDone) {
      for (const meter of meters) {
        const days = openDays(meter.zone, plan)
        const [startMs, endMs] = [days[0]!.startMs, days.at(-1)!.endMs]
        const { slots } = baselines.get(meter.meter)!
        const open = [...slots].filter(([ms]) => startMs <= ms && ms < endMs)
        for (const row of baselineRows(new Map(open), { meter, run })) to.baselines.push(row)
      }
      for (const row of await forecastsOf(meters, histories, plan)) to.forecasts.push(row)
    },
  }
}

/**
 * The local day that contains the high-water mark and the next one; also the previous day if
 * the high-water mark is within an interval that began in it.
 */
function openDays(zone: string, { highWaterMs, stepS }: Plan): LocalDay[] {
  const cutMs = groupStartMs(highWaterMs, Math.max(stepS, 1))
  const isCut = localDayOf(cutMs, zone).startMs < localDayOf(highWaterMs, zone).startMs
  return listDays(highWaterMs, zone, [isCut ? -1 : 0, daysAhead - 1])
}

async function forecastsOf(
  meters: readonly Meter[],
  histories: Histories,
  plan: Plan,
): Promise<InsertRow<'batch_forecast'>[]> {
  const rows: InsertRow<'batch_forecast'>[] = []
  const endMs = plan.highWaterMs
  const startMs = endMs - forecastHistoryDays * dayMs
  for (const stepS of new Set(meters.map((each) => each.intervalS))) {
    const sites = meters
      .filter((each) => each.intervalS === stepS)
      .map((meter) => {
        const readings = histories.get(meter.meter) ?? []
        const built = buildSeries({ meter: meter.meter, readings, startMs, endMs, stepS })
        return { meter, series: built.series }
      })
    const forecaster = plan.forecasters.get(stepS) ?? null
    const { run, forecastEndMs: toMs } = plan
    rows.push(...(await forecastRows({ run, stepS, fromMs: endMs, toMs, sites, forecaster })))
  }
  return rows
}
