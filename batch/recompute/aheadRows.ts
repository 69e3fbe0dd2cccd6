import type { MeterId } from '../../schemas/ids.ts'
import { startFrom } from '../../schemas/meter/grid.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import { type EpochMs, type LocalDay, localDayOf } from '../../schemas/time.ts'
import { occupiedSince } from '../archive/occupiedFrom.ts'
import type { Histories } from '../archive/readHistory.ts'
import { buildSeries } from '../history/buildSeries.ts'
import { baselineRows, type DayBaselinesReturnType, listDays } from './dayBaselines.ts'
import { forecastRows, naiveModel } from './forecastRows.ts'
import { memberForecasts } from './groupForecasts.ts'
import type { AheadDone, AheadSpan, MetersPorts, MetersTask } from './metersTask.ts'

/** Local days, from that of the high-water mark on, that get baselines. */
export const daysAhead = 2
/** History of a forecast: the longest look-back, and four weeks for seasonal naive. */
export const forecastHistoryDays = 35
const dayMs = 86_400_000

type MetersRead = {
  readonly histories: Histories
  readonly baselines: ReadonlyMap<MeterId, DayBaselinesReturnType>
}

/** Writes baselines and forecasts of the days ahead, from the history of the last part. */
export async function writeAhead(
  ports: MetersPorts,
  task: MetersTask,
  { histories, baselines }: MetersRead,
): Promise<AheadDone> {
  const { meters, run, ahead } = task
  if (!ahead) return { baselines: 0, forecasts: 0, naiveForecasts: 0, members: [] }
  const rows: InsertRow<'batch_baseline'>[] = []
  for (const meter of meters) {
    const days = openDays(meter.zone, { ...task, ...ahead })
    const [startMs, endMs] = [days[0]!.startMs, days.at(-1)!.endMs]
    const { slots } = baselines.get(meter.meter)!
    const open = [...slots].filter(([ms]) => startMs <= ms && ms < endMs)
    for (const row of baselineRows(new Map(open), { meter, run })) rows.push(row)
  }
  const forecasts = await forecastsOf(ports, task, { histories, ahead })
  await ports.views.insert('batch_baseline', rows)
  await ports.views.insert('batch_forecast', forecasts)
  const byMeter = rowsByMeter(forecasts)
  return {
    baselines: rows.length,
    forecasts: forecasts.length,
    naiveForecasts: forecasts.filter(({ model }) => model === naiveModel).length,
    members: meters.flatMap((meter) => {
      const [terms, rows] = [task.terms.get(meter.meter), byMeter.get(meter.meter)]
      return memberForecasts({ meter, terms: terms ?? [], rows: rows ?? [] })
    }),
  }
}

/**
 * The local day that contains the high-water mark and the next one; also the previous day if
 * the high-water mark is within an interval that began in it.
 */
export function openDays(
  zone: string,
  { highWaterMs, openFromMs }: Pick<AheadSpan, 'openFromMs'> & { readonly highWaterMs: EpochMs },
): LocalDay[] {
  const isCut = localDayOf(openFromMs, zone).startMs < localDayOf(highWaterMs, zone).startMs
  return listDays(highWaterMs, zone, [isCut ? -1 : 0, daysAhead - 1])
}

async function forecastsOf(
  { forecasters }: MetersPorts,
  { meters, run, highWaterMs, occupiedFrom }: MetersTask,
  { histories, ahead }: { readonly histories: Histories; readonly ahead: AheadSpan },
): Promise<InsertRow<'batch_forecast'>[]> {
  const rows: InsertRow<'batch_forecast'>[] = []
  for (const stepS of new Set(meters.map((each) => each.intervalS))) {
    const sites = meters
      .filter((each) => each.intervalS === stepS && histories.has(each.meter))
      .map((meter) => {
        const sinceMs = occupiedSince(occupiedFrom.get(meter.site), highWaterMs)
        const all = histories.get(meter.meter) ?? []
        const readings = all.filter(({ start_ms: ms }) => ms >= sinceMs)
        const endMs = startFrom(meter, highWaterMs)
        const slots = Math.floor((forecastHistoryDays * dayMs) / (stepS * 1000))
        const startMs = endMs - slots * stepS * 1000
        const built = buildSeries({ meter: meter.meter, readings, startMs, endMs, stepS })
        return { meter, series: built.series }
      })
    const forecaster = forecasters.get(stepS) ?? null
    const toMs = ahead.forecastEndMs
    for (const row of await forecastRows({ run, stepS, toMs, sites, forecaster })) rows.push(row)
  }
  return rows
}

function rowsByMeter(
  forecasts: readonly InsertRow<'batch_forecast'>[],
): Map<string, InsertRow<'batch_forecast'>[]> {
  const byMeter = new Map<string, InsertRow<'batch_forecast'>[]>()
  for (const row of forecasts) {
    const rows = byMeter.get(row.meter)
    if (rows) rows.push(row)
    else byMeter.set(row.meter, [row])
  }
  return byMeter
}
