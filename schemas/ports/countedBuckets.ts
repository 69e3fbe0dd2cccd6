import { type Bucket, emptyBucket } from '../reading/countBuckets.ts'
import type { InsertRow } from '../sql/rowSets.ts'
import type { LayerGroup } from '../topics.ts'
import type { Views } from './views.ts'

type Place = { readonly layer: LayerGroup; readonly topic: string; readonly partition: number }

/** What a layer has counted of a partition: its last bucket, also where no commit followed. */
export type CountedOf = (at: Pick<Place, 'topic' | 'partition'>) => Bucket

/** The last bucket of every partition that a layer has counted. */
export async function readCounted(views: Views, layer: LayerGroup): Promise<CountedOf> {
  const rows = await views.query('ingest_buckets', { layer })
  const known = new Map(
    rows.map(({ topic, log_partition, from_offset, next_offset, ...counters }) => [
      `${topic}/${log_partition}`,
      { fromOffset: from_offset, nextOffset: next_offset, counters },
    ]),
  )
  return ({ topic, partition }) => known.get(`${topic}/${partition}`) ?? emptyBucket
}

/** A row of `ingest_counters`: a longer prefix of the same bucket replaces it. */
export function bucketRow(
  { layer, topic, partition }: Place,
  { fromOffset, nextOffset, counters }: Bucket,
): InsertRow<'ingest_counters'> {
  const at = { log_partition: partition, log_offset: fromOffset, next_offset: nextOffset }
  return { layer, topic, ...at, ...counters }
}
