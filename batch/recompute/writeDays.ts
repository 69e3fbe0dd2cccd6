import type { BaselineMethod } from '../../schemas/baseline/methods.ts'
import { chunk } from '../../schemas/chunk.ts'
import type { Deviation } from '../../schemas/deviation/deviation.ts'
import type { DeviationOptions } from '../../schemas/deviation/options.ts'
import { groupStepS } from '../../schemas/deviation/sumGroup.ts'
import type { Meter } from '../../schemas/meter.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import type { EpochMs, LocalDay, TimeRange } from '../../schemas/time.ts'
import { metersAtOnce, readHistory } from '../archive/readHistory.ts'
import { dayBaselines } from './dayBaselines.ts'
import { dayDeviations, deviationRow, splitDays } from './deviationRows.ts'
import { createGroupSums, type GroupSums, groupRow } from './groupRows.ts'

export type WriteDaysParameters = {
  readonly generation: number
  /** Every enrolled meter, by id. */
  readonly meters: readonly Meter[]
  /** Local days that start in it are written, and group intervals that do. */
  readonly range: TimeRange
  /** No reading from then on is looked at. */
  readonly highWaterMs: EpochMs
  readonly method: BaselineMethod
  readonly excludedDates: ReadonlySet<string>
  readonly holidays: ReadonlySet<string>
  readonly options: DeviationOptions
  readonly rowsMax?: number | undefined
}

export type WriteDaysReturnType = {
  readonly deviations: number
  readonly groups: number
  /** Days of a meter without an example day. */
  readonly daysWithoutBaseline: number
}

const dayMs = 86_400_000

/** Writes the rows of some days up to the high-water mark, and the sums of their groups. */
export async function writeDays(
  views: Views,
  parameters: WriteDaysParameters,
): Promise<WriteDaysReturnType> {
  const { generation, meters, range, highWaterMs } = parameters
  const sums = createGroupSums(meters, range)
  let deviations = 0
  let daysWithoutBaseline = 0
  for (const some of chunk(meters, metersAtOnce)) {
    const written = await writeMeters(views, some, { ...parameters, sums })
    deviations += written.deviations
    daysWithoutBaseline += written.daysWithoutBaseline
  }
  const groups = sums.finish(highWaterMs).map((sum) => groupRow(generation, sum))
  await views.insert('batch_group', groups)
  return { deviations, groups: groups.length, daysWithoutBaseline }
}

type WriteMetersParameters = WriteDaysParameters & { readonly sums: GroupSums }

async function writeMeters(
  views: Views,
  some: readonly Meter[],
  parameters: WriteMetersParameters,
): Promise<Omit<WriteDaysReturnType, 'groups'>> {
  const { generation, range, method, highWaterMs, rowsMax, sums, options } = parameters
  const untilMs = range.endMs + groupStepS(parameters.meters) * 1000
  const isWanted = (day: LocalDay) => day.endMs > range.startMs && day.startMs < untilMs
  // A local day may begin before the range or end after it; its baseline looks back from there.
  const read = {
    startMs: Math.max(range.startMs - (method.lookBackDays + 3) * dayMs, 0),
    endMs: Math.min(range.endMs + 2 * dayMs, highWaterMs),
  }
  const ids = some.map((each) => each.meter)
  const histories = await readHistory(views, ids, { range: read, rowsMax })
  const rows: InsertRow<'batch_deviation'>[] = []
  let daysWithoutBaseline = 0
  for (const meter of some) {
    const readings = histories.get(meter.meter) ?? []
    const days = splitDays(readings, meter.zone).filter(({ day }) => isWanted(day))
    const found = dayBaselines({ ...parameters, meter, readings, days: days.map(({ day }) => day) })
    daysWithoutBaseline += found.daysWithout.filter((day) => startsIn(day, range)).length
    const deviations: Deviation[] = []
    for (const each of days) {
      const ofDay = dayDeviations({ ...each, meter, baselines: found.slots, options })
      for (const row of ofDay) deviations.push(row)
      if (!startsIn(each.day, range)) continue
      for (const row of ofDay) rows.push(deviationRow(generation, row))
    }
    sums.add(meter, deviations)
  }
  await views.insert('batch_deviation', rows)
  return { deviations: rows.length, daysWithoutBaseline }
}

function startsIn(day: LocalDay, { startMs, endMs }: TimeRange): boolean {
  return startMs <= day.startMs && day.startMs < endMs
}
