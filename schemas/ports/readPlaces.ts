import { AsOfBeyondError } from '../errors/view.ts'
import type { RowOf } from '../sql/catalogue/catalogue.ts'
import type { EpochMs } from '../time.ts'
import { readingsTopic } from '../topics.ts'
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'
import type { Views } from './views.ts'

/** Progress of the archive: a row of each partition that it has read of. */
export function readArchiveProgress(
  views: Pick<Views, 'query'>,
): Promise<RowOf<'archive_progress'>[]> {
  return views.query('archive_progress')
}

/**
 * By partition, the offset up to which the master data set contains the log. Answers as of these
 * places never change, whatever arrives or is withdrawn later.
 */
export async function readArchivePlaces(views: Pick<Views, 'query'>): Promise<number[]> {
  const places: number[] = []
  for (const { log_partition, next_offset } of await readArchiveProgress(views)) {
    places[log_partition] = next_offset
  }
  return Array.from(places, (place) => place ?? 0)
}

/**
 * Refuses places that the archive has not reached: the same query would answer differently later.
 *
 * @throws AsOfBeyondError when a place is beyond those of `readArchivePlaces`.
 */
export function requireRead(places: readonly number[], archived: readonly number[]): void {
  if (places.every((place, partition) => place <= (archived[partition] ?? 0))) return
  throw new AsOfBeyondError({ asOf: places.join(), archived })
}

/**
 * The places of the log that an instant stands for: by partition, the offset after the longest part
 * that was logged by then. What is asked as of them never changes, once the archive has passed
 * them.
 */
export async function readPlaces(
  views: Pick<Views, 'query'>,
  loggedMs: EpochMs,
): Promise<number[]> {
  const places: number[] = []
  for (const row of await views.query('places_at', { logged_ms: loggedMs })) {
    places[row.log_partition] = row.next_offset
  }
  // Not an empty list, which would mean everything.
  return Array.from({ length: Math.max(1, places.length) }, (_, each) => places[each] ?? 0)
}

/** The latest instant by which nothing was logged that the archive has not read. */
export async function readArchivedMs(ports: {
  readonly log: Pick<Log, 'progress' | 'read'>
  readonly clock: Pick<Clock, 'nowMs'>
}): Promise<EpochMs> {
  const { log, clock } = ports
  // Before the log is asked: what it takes from now on is stamped no earlier.
  const instants = [clock.nowMs() - 1]
  for (const { partition, committed, end } of await log.progress('archive', readingsTopic)) {
    if (committed >= end) continue
    const from = { topic: readingsTopic, partition, offset: committed }
    const [next] = await log.read(from, 1)
    if (next) instants.push(next.loggedMs - 1)
  }
  return Math.min(...instants)
}
