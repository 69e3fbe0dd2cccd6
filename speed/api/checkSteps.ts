import { LogTailError, StepTakenError } from '../../schemas/errors/meter.ts'
import { partitionOf } from '../../schemas/ids.ts'
import { intervalAt, isOnGrid } from '../../schemas/meter/grid.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { areSameSteps, isSameStep, stepAt } from '../../schemas/meter/step.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import { readingsOf } from '../../schemas/reading/readingColumns.ts'
import { type EpochMs, isoUtc, localDayOf, type TimeRange } from '../../schemas/time.ts'
import { readingsTopic } from '../../schemas/topics.ts'
import { decodeRecord } from '../microbatch/decodeRecord.ts'

export type CheckStepsOptions = {
  readonly views: Views
  readonly log: Log
  readonly partitions: number
}

type Change = { readonly known: Meter; readonly now: Meter }
type Found = Pick<Reading, 'startMs' | 'durationS'>

/** Readings of a meter that are looked at together. */
const readingsAtOnce = 100_000
/** Records of the log that the archive may not have taken yet. */
const tailMax = 5_000
const quarterS = 900

/**
 * Whether the readings of meters are intervals of their steps after a change of these.
 *
 * What was measured stays as it is, so a step begins after the last reading of another length.
 * Readings that are being sent meanwhile are rejected by the layers.
 *
 * @throws StepTakenError that names the last one that is not.
 * @throws LogTailError when too many records are not archived yet.
 */
export async function checkSteps(
  options: CheckStepsOptions,
  changes: readonly Change[],
): Promise<void> {
  const changed = changes.filter(({ known, now }) => {
    return known.zone !== now.zone || !areSameSteps(known.steps, now.steps)
  })
  if (changed.length === 0) return
  // The log first: what the archive takes meanwhile is stored then.
  const tails = new Map<number, Promise<readonly Reading[]>>()
  for (const each of changed) {
    const partition = partitionOf(each.now.meter, options.partitions)
    const tail = tails.get(partition) ?? readTail(options.log, partition)
    tails.set(partition, tail)
    const own = (await tail).filter(({ meter }) => meter === each.now.meter)
    refuse(each, own)
    for (const range of changedRanges(each)) await checkStored(options.views, each, range)
  }
}

/** From when on the intervals differ from the former ones. */
function changedRanges({ known, now }: Change): TimeRange[] {
  if (known.zone !== now.zone) return [{ startMs: 0, endMs: Number.POSITIVE_INFINITY }]
  const edges = new Set([...known.steps, ...now.steps].map(({ fromMs }) => fromMs))
  const starts = [...edges].sort((left, right) => left - right)
  return starts.flatMap((startMs, index) => {
    if (isSameStep(stepAt(known.steps, startMs), stepAt(now.steps, startMs))) return []
    return [{ startMs, endMs: starts[index + 1] ?? Number.POSITIVE_INFINITY }]
  })
}

/** The last ones first, as many days at once as have not too many readings. */
async function checkStored(views: Views, change: Change, range: TimeRange): Promise<void> {
  const meters = [change.now.meter]
  // A late interval of the day before may reach into the first day.
  const from_ms = Math.max(0, intervalAt(change.known, range.startMs).startMs)
  const to_ms = Math.min(range.endMs, storedMsMax)
  const quarters = await views.query('stored_quarters', { from_ms, to_ms, meters })
  const steps = [...change.known.steps, ...change.now.steps]
  const shortestS = Math.min(...steps.map(({ intervalS }) => intervalS))
  const atOnce = Math.max(1, Math.floor(readingsAtOnce / Math.max(1, quarterS / shortestS)))
  for (let end = quarters.length; end > 0; end -= atOnce) {
    const first = quarters[Math.max(0, end - atOnce)]!.quarter_ms
    const last = quarters[end - 1]!.quarter_ms
    const asked = { from_ms: Math.max(first, from_ms), to_ms: last + quarterS * 1000, meters }
    const rows = await views.query('counting_readings', { ...asked, as_of: [] })
    refuse(
      change,
      rows.map(({ start_ms, duration_s }) => ({ startMs: start_ms, durationS: duration_s })),
    )
  }
}

/** The last day of the stores' instants. */
const storedMsMax = Date.UTC(2299, 11, 31)

/** @param readings in order of time. */
function refuse({ known, now }: Change, readings: readonly Found[]): void {
  const last = readings.findLast(({ startMs, durationS }) => {
    // A reading that fitted the former grid no better does not stand in the way of this one.
    return isOnGrid(known, startMs, durationS) && !isOnGrid(now, startMs, durationS)
  })
  if (!last) return
  const { startMs, durationS } = last
  const day = localDayOf(startMs, now.zone)
  const { intervalS } = stepAt(now.steps, day.startMs)
  const { date } = localDayOf(day.endMs, now.zone)
  throw new StepTakenError({
    ...{ meter: now.meter, start: isoUtc(startMs), durationS, intervalS, date },
  })
}

/** What the archive has not taken yet. */
async function readTail(log: Log, partition: number): Promise<readonly Reading[]> {
  const places = await log.progress('archive', readingsTopic)
  const at = places.find((each) => each.partition === partition)
  if (!at) return []
  const behind = at.end - at.committed
  if (behind > tailMax) throw new LogTailError({ partition, behind })
  const readings: Reading[] = []
  for (let offset = at.committed; offset < at.end; ) {
    const records = await log.read({ topic: readingsTopic, partition, offset }, at.end - offset)
    if (records.length === 0) break
    for (const record of records) readings.push(...readingsOf(decodeRecord(record).columns))
    offset = records.at(-1)!.position.offset + 1
  }
  return readings.sort((left, right) => byTime(left.startMs, right.startMs))
}

function byTime(left: EpochMs, right: EpochMs): number {
  return left - right
}
