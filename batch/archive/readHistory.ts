import { type MeterId, meterId } from '../../schemas/ids.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { EpochMs, TimeRange } from '../../schemas/time.ts'
import type { CountingReading } from '../history/buildSeries.ts'

export type HistoryAsked = {
  readonly range: TimeRange
  /** Maximum number of versions per query; a day is never split. */
  readonly rowsMax?: number | undefined
  /** Number of versions, if known: few need no query to split the range by. */
  readonly versions?: number | undefined
}

export type Histories = ReadonlyMap<MeterId, readonly CountingReading[]>

/** The readings that count of some meters within a range, by meter, in order of time. */
export async function readHistory(
  views: Views,
  meters: readonly MeterId[],
  asked: HistoryAsked,
): Promise<Histories> {
  const histories = new Map<MeterId, CountingReading[]>()
  for await (const part of readHistoryParts(views, meters, asked)) {
    for (const [meter, readings] of part) {
      const known = histories.get(meter) ?? []
      for (const reading of readings) known.push(reading)
      histories.set(meter, known)
    }
  }
  return histories
}

/** A fifth of the row limit of a query. */
const rowsMaxDefault = 1_000_000
const dayMs = 86_400_000

/** The same, some days at a time, earliest first: whole UTC days within the range. */
async function* readHistoryParts(
  views: Views,
  meters: readonly MeterId[],
  { range, rowsMax = rowsMaxDefault, versions = Number.POSITIVE_INFINITY }: HistoryAsked,
): AsyncGenerator<Histories> {
  // For the query an empty list means every meter.
  if (meters.length === 0) return
  const whole = { meters, from_ms: range.startMs, to_ms: range.endMs }
  const parts =
    versions <= rowsMax ? [range] : cutDays(await views.query('stored_by_day', whole), rowsMax)
  for (const part of parts) {
    const rows = await views.query('counting_readings', {
      as_of: [],
      meters,
      from_ms: Math.max(part.startMs, range.startMs),
      to_ms: Math.min(part.endMs, range.endMs),
    })
    yield byMeter(rows)
  }
}

export type StoredDay = { readonly day_ms: EpochMs; readonly versions: number }

/** Runs of consecutive days with at most `rowsMax` versions; a single day may have more. */
export function cutDays(days: readonly StoredDay[], rowsMax: number): TimeRange[] {
  const parts: { startMs: EpochMs; endMs: EpochMs; versions: number }[] = []
  for (const { day_ms: startMs, versions } of days) {
    const part = parts.at(-1)
    const endMs = startMs + dayMs
    if (part && part.versions + versions <= rowsMax) {
      Object.assign(part, { endMs, versions: part.versions + versions })
    } else {
      parts.push({ startMs, endMs, versions })
    }
  }
  return parts.map(({ startMs, endMs }) => ({ startMs, endMs }))
}

function byMeter(rows: readonly CountingReading[]): Histories {
  const histories = new Map<string, CountingReading[]>()
  for (const row of rows) {
    const history = histories.get(row.meter)
    if (history) history.push(row)
    else histories.set(row.meter, [row])
  }
  return new Map([...histories].map(([meter, history]) => [meterId(meter), history]))
}

/** Number of meters per query of a training, to limit result size and memory. */
export const metersAtOnce = 25
