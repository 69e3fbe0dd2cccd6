import { type Act, type Acts, addAct, emptyActs } from '../reading/acts.ts'
import type { RowOf } from '../sql/catalogue/catalogue.ts'
import type { Views } from './views.ts'

export type StoredAct = { readonly partition: number; readonly offset: number; readonly act: Act }

/** What was decided about words, as the archive has it: by partition, in the order of the log. */
export async function readStoredActs(views: Pick<Views, 'query'>): Promise<StoredAct[]> {
  const rows = await views.query('acts')
  return rows.map((row) => {
    return { partition: row.log_partition, offset: row.log_offset, act: actOf(row) }
  })
}

/** What was decided about words before an offset of each partition. `[partition]` */
export async function readActs(
  views: Pick<Views, 'query'>,
  before: readonly number[],
): Promise<Acts[]> {
  const acts = before.map(() => emptyActs())
  for (const { partition, offset, act } of await readStoredActs(views)) {
    const own = acts[partition]
    if (own && offset < before[partition]!) addAct(own, act)
  }
  return acts
}

function actOf({ kind, ingest, source, from_ms: fromMs, rank }: RowOf<'acts'>): Act {
  return kind === 'withdrawal' ? { kind, ingest } : { kind, source, fromMs, rank }
}
