import type { Views } from '../../schemas/ports/views.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import { storedDates } from '../../schemas/sql/storedDates.ts'

/** For one local day: the runs whose rows and sums count, and its baselines' earliest day. */
export type ManifestDay = {
  readonly rowsRun: bigint
  readonly sumsRun: bigint
  readonly since: string
}

/** By date, such as `2013-02-11`. */
export type Manifest = ReadonlyMap<string, ManifestDay>

export async function readManifest(views: Views, run: bigint): Promise<Manifest> {
  const rows = await views.query('manifest_of', { run })
  return new Map(
    rows.map(({ day, rows_run: rowsRun, sums_run: sumsRun, since }) => {
      return [day, { rowsRun, sumsRun, since }]
    }),
  )
}

/** Rows of `manifest`: all days, so that a generation is complete by itself. */
export function manifestRows(run: bigint, manifest: Manifest): InsertRow<'manifest'>[] {
  return [...manifest]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([day, each]) => {
      // No day before the first is in the manifest, so that none is missed by this.
      const since = [each.since, storedDates.first].toSorted()[1]!
      return { run, day, rows_run: each.rowsRun, sums_run: each.sumsRun, since }
    })
}
