import { type Act, type Acts, addAct, emptyActs } from '../reading/acts.ts'
import type { RowOf } from '../sql/catalogue/catalogue.ts'
import type { Views } from './views.ts'

/** What was decided about words before an offset of each partition. `[partition]` */
export async function readActs(
  views: Pick<Views, 'query'>,
  before: readonly number[],
): Promise<Acts[]> {
  const acts = before.map(() => emptyActs())
  for (const row of await views.query('acts')) {
    const own = acts[row.log_partition]
    if (own && row.log_offset < before[row.log_partition]!) addAct(own, actOf(row))
  }
  return acts
}

function actOf({ kind, ingest, source, from_ms: fromMs, rank }: RowOf<'acts'>): Act {
  return kind === 'withdrawal' ? { kind, ingest } : { kind, source, fromMs, rank }
}
