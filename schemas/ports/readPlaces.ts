import type { EpochMs } from '../time.ts'
import type { Views } from './views.ts'

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
