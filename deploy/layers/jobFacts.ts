import type { BatchJobName } from '../../batch/jobs/jobs.ts'
import { readInputs } from '../../batch/recompute/generationInputs.ts'
import { type JobFacts, jobFor } from '../../batch/schedule/nextJobs.ts'
import type { Meter } from '../../schemas/meter.ts'
import type { Jobs } from '../../schemas/ports/jobs.ts'
import { readPublished } from '../../schemas/ports/readPublished.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { type EpochMs, localDayOf } from '../../schemas/time.ts'
import { openEventStore } from '../../serving/store/eventStore.ts'

/** Parameters of a batch job besides its high-water mark. */
export async function readJobFacts(views: Views): Promise<JobFacts> {
  const [published, meters, events] = await Promise.all([
    readPublished(views),
    views.query('meters'),
    openEventStore(views).events(),
  ])
  const inputs = published ? await readInputs(views, published.generation) : null
  const excluded = events.flatMap(({ event }) => [
    ...event.excludedDates,
    localDayOf(event.startMs, event.zone).date,
  ])
  return {
    zone: inputs?.zone ?? mostCommonZone(meters),
    published,
    excludedDates: [...new Set(excluded)].sort(),
    holidays: [...new Set(events.flatMap(({ event }) => event.holidays))].sort(),
  }
}

/**
 * Adds a batch job for a high-water mark, as `POST /api/v1/jobs` does. Repeating it adds no second
 * job.
 */
export async function startJob(
  { views, jobs }: { views: Views; jobs: Jobs },
  request: { readonly name: BatchJobName; readonly highWaterMs: EpochMs },
): Promise<{ readonly id: string }> {
  const job = jobFor(await readJobFacts(views), request.name, request.highWaterMs)
  await jobs.add(job)
  return { id: job.id }
}

/**
 * The zone of the first high-water mark. Later ones keep it: in another zone every day would be
 * computed again, only because a meter was enrolled.
 */
function mostCommonZone(meters: readonly Meter[]): string {
  const counts = new Map<string, number>()
  for (const { zone } of meters) counts.set(zone, (counts.get(zone) ?? 0) + 1)
  const most = Math.max(...counts.values())
  return [...counts].filter(([, count]) => count === most).sort()[0]?.[0] ?? 'UTC'
}
