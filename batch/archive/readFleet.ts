import type { Views } from '../../schemas/ports/views.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { emptyFleet, type Fleet, indexOf } from './fleet.ts'
import { type JudgedRecord, unlistedMeters } from './planChunk.ts'

/** Parameters are part of the URL, whose length servers limit. */
const metersMax = 500
const dayMs = 86_400_000
/** The first instant that the store has. */
const everMs = Date.UTC(1900, 0, 1)

/**
 * The latest starts of all meters with a word of the last day, in one query, however long the
 * history is. Others are asked for when they send something older.
 *
 * @param maxEndMs the latest end that was archived; -Infinity: nothing was.
 */
export async function readFleet(views: Views, maxEndMs: EpochMs): Promise<Fleet> {
  const fleet = emptyFleet()
  const fromMs = Math.max(everMs, maxEndMs - dayMs)
  const rows = await views.query('last_starts', { from_ms: fromMs, meters: [] })
  for (const { meter, start_ms } of rows) {
    const index = indexOf(fleet, meter)
    fleet.lastStartMs[index] = start_ms
  }
  fleet.listedFromMs = fromMs
  return fleet
}

/** Looks up the meters of a chunk that are not listed and say something old. */
export async function listMeters(
  views: Views,
  fleet: Fleet,
  records: readonly JudgedRecord[],
): Promise<void> {
  const unlisted = [...unlistedMeters(fleet, records)]
  if (unlisted.length === 0) return
  for (let at = 0; at < unlisted.length; at += metersMax) {
    const some = unlisted.slice(at, at + metersMax)
    const fromMs = some.reduce((least, [, startMs]) => Math.min(least, startMs), Infinity)
    const meters = some.map(([index]) => fleet.names[index]!)
    const rows = await views.query('last_starts', { from_ms: Math.max(everMs, fromMs), meters })
    for (const [index] of some) fleet.lastStartMs[index] = fromMs - 1
    for (const { meter, start_ms } of rows) fleet.lastStartMs[indexOf(fleet, meter)] = start_ms
  }
}
