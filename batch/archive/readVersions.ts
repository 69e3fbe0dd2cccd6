import type { Views } from '../../schemas/ports/views.ts'
import type { Reading } from '../../schemas/reading.ts'
import type { TimeRange } from '../../schemas/time.ts'
import { type VersionRow, versionOf } from './archiveRows.ts'
import { indexVersions, type StoredVersion, type VersionIndex } from './versionIndex.ts'

/** Parameters travel in the request line, which servers bound. */
const metersMax = 500
const dayMs = 86_400_000

/** All stored versions of the intervals that some readings touch, in few queries. */
export async function readVersions(
  views: Views,
  readings: readonly Reading[],
): Promise<VersionIndex> {
  const versions: StoredVersion[] = []
  for (const { range, meters } of planQueries(readings)) {
    const rows = await views.query<VersionRow>('versions_between', {
      meters,
      from_ms: range.startMs,
      to_ms: range.endMs,
    })
    for (const row of rows) versions.push(versionOf(row))
  }
  return indexVersions(versions)
}

export type VersionQuery = { readonly range: TimeRange; readonly meters: readonly string[] }

/**
 * Runs of days that were touched, and the meters touched in each: one straggler from last winter
 * must not fetch everything since.
 */
export function planQueries(readings: readonly Reading[]): VersionQuery[] {
  const metersOfDay = new Map<number, Set<string>>()
  for (const { meter, startMs } of readings) {
    const day = Math.floor(startMs / dayMs)
    const meters = metersOfDay.get(day) ?? new Set()
    metersOfDay.set(day, meters.add(meter))
  }
  const days = [...metersOfDay].sort(([left], [right]) => left - right)
  const runs: { first: number; end: number; meters: Set<string> }[] = []
  for (const [day, meters] of days) {
    const run = runs.at(-1)
    if (run?.end !== day) {
      runs.push({ first: day, end: day + 1, meters: new Set(meters) })
      continue
    }
    run.end = day + 1
    for (const meter of meters) run.meters.add(meter)
  }
  return runs.flatMap(({ first, end, meters }) => {
    return cutRun(first * dayMs, end * dayMs, [...meters].sort())
  })
}

function cutRun(startMs: number, endMs: number, meters: readonly string[]): VersionQuery[] {
  const queries: VersionQuery[] = []
  for (let first = 0; first < meters.length; first += metersMax) {
    queries.push({ range: { startMs, endMs }, meters: meters.slice(first, first + metersMax) })
  }
  return queries
}
