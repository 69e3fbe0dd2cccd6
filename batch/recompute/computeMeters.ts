import type { BaselineMethod } from '../../schemas/baseline/methods.ts'
import { baselineMethodNamed } from '../../schemas/baseline/methods.ts'
import type { Deviation } from '../../schemas/deviation/deviationRow.ts'
import type { MeterId } from '../../schemas/ids.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import { type EpochMs, localDayOf } from '../../schemas/time.ts'
import { type Histories, readHistory } from '../archive/readHistory.ts'
import type { CountingReading } from '../history/buildSeries.ts'
import { openDays, writeAhead } from './aheadRows.ts'
import { type DayBaselinesReturnType, dayBaselines } from './dayBaselines.ts'
import { type DayReadings, dayDeviations, deviationRow, splitDays } from './deviationRows.ts'
import { allMeters } from './groupForecasts.ts'
import { type MeterParts, partsOfMeter } from './groupRows.ts'
import type { MetersDone, MetersPorts, MetersTask } from './metersTask.ts'
import type { Part } from './planParts.ts'

const dayMs = 86_400_000

/** The task, and what its parts need by meter or zone. */
type Work = MetersTask & {
  readonly method: BaselineMethod
  readonly excludedDates: ReadonlySet<string>
  readonly holidays: ReadonlySet<string>
  readonly readDates: ReadonlySet<string>
  readonly writtenDates: ReadonlySet<string>
  readonly isSumWanted: (startMs: EpochMs) => boolean
}

/** Computes some meters' rows of a part and writes them under the run's number. */
export async function computeMeters(ports: MetersPorts, task: MetersTask): Promise<MetersDone> {
  const { views } = ports
  const { part, meters, inputs, versions, rowsMax } = task
  const work: Work = {
    ...task,
    method: baselineMethodNamed(inputs.method),
    excludedDates: new Set(inputs.excludedDates),
    holidays: new Set(inputs.holidays),
    readDates: new Set(part.readDates),
    writtenDates: new Set(part.dates),
    isSumWanted: dateTest(inputs.zone, part.sumDates),
  }
  const ids = meters.map((each) => each.meter)
  const histories = await readHistory(views, ids, { range: part.range, rowsMax, versions })
  const baselines = await baselinesOf(views, work, histories)
  const found: Found = { since: new Map(), rows: [], parts: [], daysWithoutBaseline: 0 }
  for (const meter of meters) {
    const readings = histories.get(meter.meter) ?? []
    addMeter(found, work, { meter, readings, known: baselines.get(meter.meter)! })
  }
  // Day by day, so that an insert writes to few partitions.
  found.rows.sort((left, right) => compareTexts(left.day, right.day))
  await views.insert('batch_deviation', found.rows)
  const ahead = await writeAhead(ports, task, { histories, baselines })
  const { since, rows, parts, daysWithoutBaseline } = found
  return { since, deviations: rows.length, daysWithoutBaseline, parts, ahead }
}

type Found = {
  readonly since: Map<string, string>
  readonly rows: InsertRow<'batch_deviation'>[]
  readonly parts: MeterParts[]
  daysWithoutBaseline: number
}

type MeterFound = {
  readonly meter: Meter
  readonly readings: readonly CountingReading[]
  readonly known: DayBaselinesReturnType
}

function addMeter(found: Found, work: Work, { meter, readings, known }: MeterFound): void {
  const { run, terms, inputs, isSumWanted, writtenDates: written } = work
  const options = inputs.deviation
  found.daysWithoutBaseline += known.daysWithout.filter(({ date }) => written.has(date)).length
  const deviations: Deviation[] = []
  for (const each of daysOf(meter, readings, work)) {
    const ofDay = dayDeviations({ ...each, meter, baselines: known.slots, options })
    for (const row of ofDay) deviations.push(row)
    const { date } = each.day
    if (!written.has(date)) continue
    const own = known.since.get(date)!
    if (own < (found.since.get(date) ?? '9')) found.since.set(date, own)
    for (const row of ofDay) found.rows.push(deviationRow({ run, day: date }, row))
  }
  if (deviations.length === 0) return
  for (const term of terms.get(meter.meter) ?? []) {
    if (term.group === allMeters) continue
    found.parts.push(partsOfMeter({ meter, term, rows: deviations, isWanted: isSumWanted }))
  }
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
  work: Work,
  histories: Histories,
): Promise<Map<MeterId, DayBaselinesReturnType>> {
  const { meters, part, method, older, rowsMax } = work
  const found = new Map<MeterId, DayBaselinesReturnType>()
  for (const meter of meters) {
    const readings = histories.get(meter.meter) ?? []
    const firstMs = midnightFrom(part.range.startMs, meter.zone)
    const whole = readings.filter(({ start_ms }) => start_ms >= firstMs)
    found.set(meter.meter, compute(meter, whole, work))
  }
  const poor = meters.filter(({ meter }) => !found.get(meter)!.isFull)
  const range = { startMs: olderFromMs(part, method), endMs: part.range.startMs }
  for (const lot of lotsOf(poor, older)) {
    const ids = lot.map(({ meter }) => meter).filter((meter) => older.has(meter))
    const earlier = await readHistory(views, ids, { range, rowsMax })
    for (const meter of lot) {
      const readings = [...(earlier.get(meter.meter) ?? []), ...(histories.get(meter.meter) ?? [])]
      const firstMs = midnightFrom(part.range.startMs, meter.zone)
      const isMore = readings.length > 0 && readings[0]!.start_ms < firstMs
      if (isMore) found.set(meter.meter, compute(meter, readings, work))
    }
  }
  return found
}

/** Maximum older versions in memory at one time, unless a single meter has more. */
const olderMax = 150_000

/** Meters whose older readings are read together. */
function lotsOf(meters: readonly Meter[], older: MetersTask['older']): Meter[][] {
  const lots: Meter[][] = []
  let versions = Number.POSITIVE_INFINITY
  for (const meter of meters) {
    const own = older.get(meter.meter) ?? 0
    if (versions + own > olderMax) {
      lots.push([])
      versions = 0
    }
    lots.at(-1)!.push(meter)
    versions += own
  }
  return lots
}

/** Where the look-back of the part's first day begins. */
export function olderFromMs({ range }: Part, { lookBackDays }: BaselineMethod): EpochMs {
  return Math.max(range.startMs - (lookBackDays + 3) * dayMs, 0)
}

function compute(
  meter: Meter,
  readings: readonly CountingReading[],
  work: Work,
): DayBaselinesReturnType {
  const days = daysOf(meter, readings, work).map(({ day }) => day)
  const known = new Set(days.map(({ date }) => date))
  const later = work.ahead ? openDays(meter.zone, { ...work, ...work.ahead }) : []
  const all = [...days, ...later.filter(({ date }) => !known.has(date))]
  const occupied = work.occupiedFrom.get(meter.site)
  return dayBaselines({ ...pickMethod(work), meter, readings, days: all, occupied })
}

function pickMethod({ method, excludedDates, holidays }: Work) {
  return { method, excludedDates, holidays }
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
  { readDates }: Work,
): DayReadings[] {
  if (readDates.size === 0) return []
  return splitDays(readings, meter.zone).filter(({ day }) => readDates.has(day.date))
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
