import type { BaselineMethod } from '../../schemas/baseline/methods.ts'
import { chunk } from '../../schemas/chunk.ts'
import type { Deviation } from '../../schemas/deviation/deviationRow.ts'
import type { DeviationOptions } from '../../schemas/deviation/options.ts'
import type { Meter } from '../../schemas/meter.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import { type EpochMs, type LocalDay, localDayOf } from '../../schemas/time.ts'
import { type Histories, metersAtOnce, readHistory } from '../archive/readHistory.ts'
import type { CountingReading } from '../history/buildSeries.ts'
import { type DayBaselinesReturnType, dayBaselines } from './dayBaselines.ts'
import { type DayReadings, dayDeviations, deviationRow, splitDays } from './deviationRows.ts'
import { createGroupSums, type GroupSums, groupRow } from './groupRows.ts'
import type { Part } from './planParts.ts'

export type RecomputeDaysParameters = {
  readonly part: Part
  /** Every enrolled meter, by id. */
  readonly meters: readonly Meter[]
  readonly run: bigint
  readonly method: BaselineMethod
  readonly excludedDates: ReadonlySet<string>
  readonly holidays: ReadonlySet<string>
  readonly options: DeviationOptions
  /** No reading from then on is used. */
  readonly highWaterMs: EpochMs
  /** Zone whose days group sums are stored by. */
  readonly zone: string
  /** The interval of each group, s. */
  readonly steps: ReadonlyMap<string, number>
  /** Days ahead that also get a baseline, by meter. */
  readonly ahead?: (meter: Meter) => readonly LocalDay[]
  /** Called for some meters at a time, with their readings. */
  readonly onMeters?: (some: MetersDone) => Promise<void>
  readonly rowsMax?: number | undefined
}

export type MetersDone = {
  readonly meters: readonly Meter[]
  readonly histories: Histories
  readonly baselines: ReadonlyMap<string, DayBaselinesReturnType>
}

export type RecomputeDaysReturnType = {
  /** For each day with rows, the earliest day they depend on. */
  readonly since: ReadonlyMap<string, string>
  readonly deviations: number
  /** Sums of a group over an interval. */
  readonly groups: number
  /** Meter days without a like day. */
  readonly daysWithoutBaseline: number
}

const dayMs = 86_400_000

/** Computes the days of a part for all meters, and writes rows and sums under the run's number. */
export async function recomputeDays(
  views: Views,
  parameters: RecomputeDaysParameters,
): Promise<RecomputeDaysReturnType> {
  const { part, meters, run, onMeters, rowsMax, zone, highWaterMs } = parameters
  const found: Found = { since: new Map(), rows: [], daysWithoutBaseline: 0 }
  const sums = createGroupSums(parameters.steps, dateTest(zone, part.sumDates))
  for (const some of chunk(meters, metersAtOnce)) {
    const ids = some.map((each) => each.meter)
    const histories = await readHistory(views, ids, { range: part.range, rowsMax })
    const baselines = await baselinesOf(views, { ...parameters, some, histories })
    for (const meter of some) {
      const readings = histories.get(meter.meter) ?? []
      const known = baselines.get(meter.meter)!
      addMeter(found, sums, { ...parameters, meter, readings, known })
    }
    await onMeters?.({ meters: some, histories, baselines })
  }
  // Day by day, so that an insert writes to few partitions.
  found.rows.sort((left, right) => compareTexts(left.day, right.day))
  await views.insert('batch_deviation', found.rows)
  const groups = sums.finish(highWaterMs).map((sum) => {
    return groupRow({ run, day: localDayOf(sum.startMs, zone).date }, sum)
  })
  await views.insert('batch_group', groups)
  const { since, rows, daysWithoutBaseline } = found
  return { since, deviations: rows.length, groups: groups.length, daysWithoutBaseline }
}

type Found = {
  readonly since: Map<string, string>
  readonly rows: InsertRow<'batch_deviation'>[]
  daysWithoutBaseline: number
}

type MeterFound = RecomputeDaysParameters & {
  readonly meter: Meter
  readonly readings: readonly CountingReading[]
  readonly known: DayBaselinesReturnType
}

function addMeter(found: Found, sums: GroupSums, parameters: MeterFound): void {
  const { meter, known, part, run, options } = parameters
  const written = new Set(part.dates)
  found.daysWithoutBaseline += known.daysWithout.filter(({ date }) => written.has(date)).length
  const deviations: Deviation[] = []
  for (const each of daysOf(meter, parameters.readings, parameters)) {
    const ofDay = dayDeviations({ ...each, meter, baselines: known.slots, options })
    for (const row of ofDay) deviations.push(row)
    const { date } = each.day
    if (!written.has(date)) continue
    const own = known.since.get(date)!
    if (own < (found.since.get(date) ?? '9')) found.since.set(date, own)
    for (const row of ofDay) found.rows.push(deviationRow({ run, day: date }, row))
  }
  sums.add(meter, deviations)
}

/**
 * Reads first as much history as complete days need; meters with incomplete days are read again
 * over the method's whole look-back.
 *
 * The first read begins at one instant for all zones, mostly within a local day. That day would
 * count as complete from half of its intervals on, so it is left out until it is read whole.
 */
async function baselinesOf(
  views: Views,
  parameters: RecomputeDaysParameters & { some: readonly Meter[]; histories: Histories },
): Promise<Map<string, DayBaselinesReturnType>> {
  const { some, histories, part, method, rowsMax } = parameters
  const found = new Map<string, DayBaselinesReturnType>()
  for (const meter of some) {
    const readings = histories.get(meter.meter) ?? []
    const firstMs = midnightFrom(part.range.startMs, meter.zone)
    const whole = readings.filter(({ start_ms }) => start_ms >= firstMs)
    found.set(meter.meter, compute(meter, whole, parameters))
  }
  const poor = some.filter((meter) => !found.get(meter.meter)!.isFull)
  const startMs = Math.max(part.range.startMs - (method.lookBackDays + 3) * dayMs, 0)
  const range = { startMs, endMs: part.range.startMs }
  const ids = poor.map((each) => each.meter)
  const older = await readHistory(views, ids, { range, rowsMax })
  for (const meter of poor) {
    const readings = [...(older.get(meter.meter) ?? []), ...(histories.get(meter.meter) ?? [])]
    const firstMs = midnightFrom(part.range.startMs, meter.zone)
    const isMore = readings.length > 0 && readings[0]!.start_ms < firstMs
    if (isMore) found.set(meter.meter, compute(meter, readings, parameters))
  }
  return found
}

function compute(
  meter: Meter,
  readings: readonly CountingReading[],
  parameters: RecomputeDaysParameters,
): DayBaselinesReturnType {
  const days = daysOf(meter, readings, parameters).map(({ day }) => day)
  const known = new Set(days.map(({ date }) => date))
  const later = (parameters.ahead?.(meter) ?? []).filter(({ date }) => !known.has(date))
  return dayBaselines({ ...parameters, meter, readings, days: [...days, ...later] })
}

/** The first local midnight at or after an instant. */
function midnightFrom(ms: EpochMs, zone: string): EpochMs {
  const day = localDayOf(ms, zone)
  return day.startMs === ms ? ms : day.endMs
}

/** The part's days for which the meter has readings before the high-water mark. */
function daysOf(
  meter: Meter,
  readings: readonly CountingReading[],
  { part }: RecomputeDaysParameters,
): DayReadings[] {
  const dates = new Set(part.readDates)
  return splitDays(readings, meter.zone).filter(({ day }) => dates.has(day.date))
}

/** Every meter needs the same instants. */
function dateTest(zone: string, dates: readonly string[]): (ms: EpochMs) => boolean {
  const wanted = new Set(dates)
  const known = new Map<EpochMs, boolean>()
  return (ms) => {
    const isWanted = known.get(ms) ?? wanted.has(localDayOf(ms, zone).date)
    known.set(ms, isWanted)
    return isWanted
  }
}

function compareTexts(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}
