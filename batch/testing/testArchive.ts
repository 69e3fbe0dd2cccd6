import type { Views } from '../../schemas/ports/views.ts'
import { statedColumns } from '../../schemas/reading/testing/aReading.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { progressRow } from '../archive/archiveRows.ts'

/** A reading before it has its place in the log. */
export type ArchivedReading = Omit<InsertRow<'readings'>, `log_${string}`> & {
  readonly start: EpochMs
}

/**
 * Writes readings as the archive does, each a record of its own in partition 0, then the progress,
 * which has reached the high-water mark. The next call continues after them, also on another store.
 */
export function createTestArchive(highWaterMs: EpochMs) {
  const partition = 0
  let nextOffset = 0
  return async (views: Views, readings: readonly ArchivedReading[]): Promise<void> => {
    const rows = readings.map((reading) => {
      return { ...reading, log_partition: partition, log_offset: nextOffset++, log_index: 0 }
    })
    await views.insert('first_places', rows.map(firstPlaceOf))
    await views.insert('readings', rows)
    const reached = { partition, nextOffset, maxEndMs: highWaterMs }
    await views.insert('archive_progress', [progressRow(reached, highWaterMs)])
  }
}

function firstPlaceOf({ start, log_partition, log_offset }: ArchivedReading & Place) {
  return { log_partition, quarter: Math.floor(start / 900_000) * 900_000, log_offset }
}

type Place = Pick<InsertRow<'readings'>, 'log_partition' | 'log_offset'>

export type DrawReadingsParameters = {
  readonly meters: readonly string[]
  readonly startMs: EpochMs
  readonly endMs: EpochMs
  readonly stepS: number
  readonly revision?: number
  /** The same in every interval; without it, 200 to 296 Wh by meter, interval and revision. */
  readonly energyMwh?: number
}

/** A measured reading of each meter in each interval from the start on. */
export function drawReadings(parameters: DrawReadingsParameters): ArchivedReading[] {
  const { meters, startMs, endMs, stepS, revision = 0, energyMwh } = parameters
  return meters.flatMap((meter, index) =>
    Array.from({ length: (endMs - startMs) / (stepS * 1000) }, (_, slot) => ({
      ...{ meter, start: startMs + slot * stepS * 1000, duration_s: stepS, quality: 2, revision },
      energy_mwh: energyMwh ?? 200_000 + 1_000 * ((slot * 7 + index * 11 + revision * 5) % 97),
      ...{ power_w: null, ...statedColumns, reactive_var: null },
    })),
  )
}
