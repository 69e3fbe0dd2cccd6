import { recomputeJob, trainJob } from '../../batch/jobs.ts'
import type { JobFacts } from '../../batch/schedule/nextJobs.ts'
import type { Jobs } from '../../schemas/ports/jobs.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { type EpochMs, localDayOf } from '../../schemas/time.ts'
import { openEventStore } from '../../serving/store/eventStore.ts'

/** Parameters of a batch job besides its high-water mark. */
export async function readJobFacts(views: Views): Promise<JobFacts> {
  const [generations, meters, events] = await Promise.all([
    views.query('published_generation'),
    views.query('meters'),
    openEventStore(views).events(),
  ])
  const excluded = events.flatMap(({ event }) => [
    ...event.excludedDates,
    localDayOf(event.startMs, event.zone).date,
  ])
  return {
    zone: meters[0]?.zone ?? 'UTC',
    published: generations[0] ?? null,
    excludedDates: [...new Set(excluded)].sort(),
    holidays: [...new Set(events.flatMap(({ event }) => event.holidays))].sort(),
  }
}

/** Adds a batch job for a mark, as `POST /api/v1/jobs` does. Repeating it adds no second job. */
export async function startJob(
  { views, jobs }: { views: Views; jobs: Jobs },
  request: { readonly name: 'train' | 'recompute'; readonly highWaterMs: EpochMs },
): Promise<{ readonly id: string }> {
  const { highWaterMs } = request
  const { published, zone, excludedDates, holidays } = await readJobFacts(views)
  // A repeated request returns the finished job.
  const isDone = published !== null && published.highWaterMs >= highWaterMs
  const after = isDone ? published.generation - 1 : (published?.generation ?? 0)
  const job =
    request.name === 'train'
      ? trainJob({ highWaterMs })
      : recomputeJob({
          ...{ highWaterMs, zone, after },
          excludedDates: [...excludedDates],
          holidays: [...holidays],
        })
  await jobs.add(job)
  return { id: job.id }
}
