import type { Partition, Views } from '../../schemas/ports/views.ts'
import { liveRowSets } from '../../schemas/sql/partitions.ts'
import { isoUtc } from '../../schemas/time.ts'

/** A group's interval may begin before the high-water mark, which may be taken back a little. */
const marginMs = 2 * 86_400_000

/**
 * Drops the months of the speed view that end two days before the high-water mark of every
 * generation that a reader may still use: batch rows show them. Returns the number of dropped
 * partitions.
 *
 * A speed layer that lags may write such a month again; nobody reads it, and the next sweep drops
 * it.
 *
 * @param graceS how long readers may use a generation after it was replaced.
 */
export async function sweepLive(
  views: Views,
  { graceS }: { readonly graceS: number },
): Promise<number> {
  const [kept] = await views.query('kept_high_water', { grace_s: graceS })
  if (!kept) return 0
  const needed = isoUtc(kept.high_water_ms - marginMs)
  const first = needed.slice(0, 4) + needed.slice(5, 7)
  const stored = await views.query('live_months')
  let dropped = 0
  for (const rowSet of liveRowSets) {
    const own = stored.filter((each) => each.row_set === rowSet && each.month < first)
    const partitions: Partition[] = own.map(({ month }) => ({ month }))
    await views.drop(rowSet, partitions)
    dropped += partitions.length
  }
  return dropped
}
