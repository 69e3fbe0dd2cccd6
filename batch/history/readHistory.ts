import { type Address, type MeterId, meterId } from '../../schemas/ids.ts'
import type { Meter } from '../../schemas/meter.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { TimeRange } from '../../schemas/time.ts'
import type { CountingReading } from './buildSeries.ts'

type MeterRow = {
  readonly meter: string
  readonly zone: string
  readonly group_id: string
  readonly interval_s: number
  readonly account: string
}

/** Every enrolled meter, by id. */
export async function readMeters(views: Views): Promise<Meter[]> {
  const rows = await views.query<MeterRow>('meters')
  return rows.map((row) => ({
    meter: meterId(row.meter),
    zone: row.zone,
    group: row.group_id,
    intervalS: row.interval_s,
    account: row.account === '' ? null : (row.account as Address),
  }))
}

/** The readings that count of some meters within a range, by meter, in order of time. */
export async function readHistory(
  views: Views,
  meters: readonly MeterId[],
  range: TimeRange,
): Promise<ReadonlyMap<MeterId, readonly CountingReading[]>> {
  const histories = new Map<MeterId, CountingReading[]>()
  // An empty list means every meter to the query.
  if (meters.length === 0) return histories
  const rows = await views.query<CountingReading>('counting_readings', {
    meters,
    from_ms: range.startMs,
    to_ms: range.endMs,
  })
  for (const row of rows) {
    const history = histories.get(row.meter as MeterId)
    if (history) history.push(row)
    else histories.set(row.meter as MeterId, [row])
  }
  return histories
}

/** Meters are read so many at a time: what one answer holds, and memory, stay bounded. */
export const metersAtOnce = 25

export function chunk<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = []
  for (let first = 0; first < items.length; first += size) {
    chunks.push(items.slice(first, first + size))
  }
  return chunks
}
