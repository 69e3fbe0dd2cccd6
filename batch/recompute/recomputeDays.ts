import type { BaselineMethod } from '../../schemas/baseline/methods.ts'
import { type MeterTerm, termsByMeter } from '../../schemas/deviation/groupPlan.ts'
import type { MeterId } from '../../schemas/ids.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { RowOf } from '../../schemas/sql/catalogue/catalogue.ts'
import { type EpochMs, localDayOf, type TimeRange } from '../../schemas/time.ts'
import { olderFromMs } from './computeMeters.ts'
import { addCounts, noCounts, type RecomputeCounts } from './counts.ts'
import { createGroupForecasts, forecastPlans } from './groupForecasts.ts'
import { createGroupSums, groupRow } from './groupRows.ts'
import type { MetersDone, MetersTask } from './metersTask.ts'

/** Processes that compute tasks; the first task of a run starts them. */
export type Shards = {
  /** How many tasks are computed at one time. */
  readonly count: number
  run(task: MetersTask): Promise<MetersDone>
  /** Ends them, whatever they do: at the end of a run. */
  stop(): Promise<void>
}

export type RecomputeDaysParameters = Omit<
  MetersTask,
  'meters' | 'terms' | 'versions' | 'older'
> & {
  /** Computes a task in this process. */
  readonly computeHere: (task: MetersTask) => Promise<MetersDone>
  /** For several tasks; without them, all are computed here. */
  readonly shards: Shards | undefined
  readonly method: BaselineMethod
  /** Every enrolled meter, by site and id. */
  readonly meters: readonly Meter[]
}

export type RecomputeDaysReturnType = Pick<MetersDone, 'since'> & {
  /** Meters and days are not counted here. */
  readonly counts: RecomputeCounts
}

/**
 * Computes the days of a part for all meters, and writes rows and sums under the run's number.
 *
 * Only meters that have readings are a task's. The sums of groups are added up here, site by site
 * in the order of their ids: floats added in another order are other bytes.
 */
export async function recomputeDays(
  views: Views,
  parameters: RecomputeDaysParameters,
): Promise<RecomputeDaysReturnType> {
  const { part, method, run, highWaterMs, inputs, computeHere, shards } = parameters
  const plans = forecastPlans(parameters.meters)
  const sums = createGroupSums(plans)
  const forecasts = createGroupForecasts(plans)
  const since = new Map<string, string>()
  let counts = noCounts
  const older_ms = olderFromMs(part, method)
  const range = { older_ms, from_ms: part.range.startMs, to_ms: part.range.endMs }
  const terms = termsByMeter(plans.values())
  const stored = await views.query('stored_by_meter', range)
  const tasks = planTasks(parameters, { stored, terms })
  const isShared = shards && tasks.length > 1
  const workers = isShared ? shards : { count: 1, run: computeHere }
  for await (const done of runInOrder(tasks, workers)) {
    for (const [date, own] of done.since) {
      if (own < (since.get(date) ?? '9')) since.set(date, own)
    }
    for (const part of done.parts) sums.add(part)
    for (const member of done.ahead.members) forecasts.add(member)
    counts = addCounts(addCounts(counts, done), done.ahead)
  }
  const groups = sums.finish(highWaterMs).map((sum) => {
    return groupRow({ run, day: localDayOf(sum.startMs, inputs.zone).date }, sum)
  })
  await views.insert('batch_group', groups)
  if (parameters.ahead) await views.insert('batch_group_forecast', forecasts.rows(run))
  return { since, counts: addCounts(counts, { groups: groups.length }) }
}

/**
 * Maximum intervals of one task, unless a single meter has more: what one process has in memory.
 * Neither how often they were restated counts, nor what is only read where days are incomplete:
 * each task writes a part of every day, so that a run of a long history would have more of them.
 */
const intervalsMax = 200_000
/** Maximum length of all ids of a task: they are part of a URL, whose length servers limit. */
const idsLengthMax = 40_000

type Stored = {
  readonly stored: readonly RowOf<'stored_by_meter'>[]
  readonly terms: ReadonlyMap<MeterId, readonly MeterTerm[]>
}

type Filling = MetersTask & {
  readonly meters: Meter[]
  readonly terms: Map<MeterId, readonly MeterTerm[]>
  readonly older: Map<MeterId, number>
  readonly occupiedFrom: Map<string, readonly EpochMs[]>
  versions: number
}

/** Divides the meters that have readings; the tasks do not depend on the number of shards. */
function planTasks(
  { computeHere: _, shards: __, method: ___, ...parameters }: RecomputeDaysParameters,
  { stored, terms }: Stored,
): MetersTask[] {
  const most = Math.min(parameters.rowsMax ?? intervalsMax, intervalsMax)
  const known = new Map(stored.map((row) => [row.meter, row]))
  const tasks: Filling[] = []
  let [ids, intervals] = [Number.POSITIVE_INFINITY, 0]
  for (const meter of parameters.meters) {
    const own = known.get(meter.meter)
    if (!own) continue
    const read = Math.min(own.versions, intervalsMost(meter, parameters.part.range))
    if (ids + meter.meter.length > idsLengthMax || intervals + read > most) {
      const empty = { meters: [], terms: new Map(), versions: 0, older: new Map() }
      tasks.push({ ...parameters, ...empty, occupiedFrom: new Map() })
      ;[ids, intervals] = [0, 0]
    }
    const task = tasks.at(-1)!
    task.meters.push(meter)
    task.terms.set(meter.meter, terms.get(meter.meter) ?? [])
    const starts = parameters.occupiedFrom.get(meter.site)
    if (starts) task.occupiedFrom.set(meter.site, starts)
    task.versions += own.versions
    if (own.older > 0) task.older.set(meter.meter, own.older)
    ids += meter.meter.length
    intervals += read
  }
  return tasks
}

/** The most intervals of a meter within a range; more versions of them are restatements. */
function intervalsMost({ steps }: Meter, { startMs, endMs }: TimeRange): number {
  const shortestS = Math.min(...steps.map(({ intervalS }) => intervalS))
  return Math.ceil((endMs - startMs) / (shortestS * 1000))
}

/** Results in the order of the tasks, of which as many run at a time as there are workers. */
async function* runInOrder(
  tasks: readonly MetersTask[],
  { count, run }: Pick<Shards, 'count' | 'run'>,
): AsyncGenerator<MetersDone> {
  const running: Promise<MetersDone>[] = []
  let next = 0
  while (next < tasks.length || running.length > 0) {
    while (running.length < count && next < tasks.length) {
      const task = run(tasks[next]!)
      // The first failure ends the run; it is met where its turn comes.
      task.catch(() => {})
      running.push(task)
      next += 1
    }
    yield await running.shift()!
  }
}
