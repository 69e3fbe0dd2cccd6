import type { MeterId } from '../schemas/ids.ts'
import { bareMeter } from '../schemas/meter/bareMeter.ts'
import { bucketRow } from '../schemas/ports/countedBuckets.ts'
import { readWatermarks } from '../schemas/ports/readWatermarks.ts'
import { countRecords } from '../schemas/reading/countBuckets.ts'
import { meterAt, valueAt } from '../schemas/reading/readingColumns.ts'
import { readingsTopic } from '../schemas/topics.ts'
import { type Following, type PublishedRows, type Shell, speedGroup } from './following.ts'
import type { ReadRecord } from './microbatch/decodeRecord.ts'
import {
  processRecords,
  type RecordCounters,
  unknownMeters,
  watermarkOf,
} from './microbatch/processRecords.ts'
import { enrolMeters, isOutdated, type SpeedState } from './microbatch/speedState.ts'
import { joinRows } from './operator.ts'
import { operators } from './operators.ts'
import { drain, send } from './outbox.ts'
import { enrolmentRows, voidGroupRows, watermarkRows } from './publish/speedRows.ts'
import { readBatch } from './readBatch.ts'
import { ownedNow, shareNow } from './shares.ts'

/**
 * Reads, computes and publishes one micro-batch; returns the number of records.
 *
 * The store may be taking the previous one meanwhile. With new enrolments that the state cannot
 * take in it reads nothing and marks the state as outdated.
 *
 * @throws RetryableError when a store is unreachable: what was computed is kept (`Outbox`), and the
 * next call goes on from there.
 */
export async function processBatch(shell: Shell, following: Following): Promise<number> {
  await drain(shell, following, 1)
  const { state } = following
  state.owned = ownedNow(shell, following)
  const records = await takeBatch(shell, following)
  following.latestReadings = records.reduce((sum, { columns }) => sum + columns.rows, 0)
  if (records.length === 0) {
    await drain(shell, following, 0)
    return 0
  }
  const { counters, changes } = processRecords(state, records)
  const rows = operators.map((operator) => operator.advance(state, changes))
  const all = moveOn(following, records)
  const reached = new Map([...all].filter(([partition]) => state.owned[partition]))
  send(shell, following, {
    ...joinRows(rows),
    counters: countIn(following, counters),
    watermarks: [...reached].flatMap(([partition, next]) => risenTo(following, partition, next)),
    commits: reached,
  })
  // Where the previous one is stored this one begins now, and not after what is gathered next.
  await drain(shell, following, 1)
  return records.length
}

/**
 * Takes one micro-batch into the state without publishing rows, up to the offsets `until`: all of
 * it was counted before. What it changed is published later, once (`publishBacklog`).
 */
export async function replayBatch(
  shell: Shell,
  following: Following,
  until: readonly number[],
): Promise<void> {
  await drain(shell, following, 1)
  const records = await takeBatch(shell, following, until)
  if (records.length === 0) return
  const { state } = following
  const { changes } = processRecords(state, records)
  for (const operator of operators) operator.replay(state, changes)
  moveOn(following, records)
}

/** Sums of groups that are gone, in one answer. */
const voidsAtOnceDefault = 50_000

/** All rows that a state has, once a replay has caught up. */
export function* backlogOf(state: SpeedState): Generator<PublishedRows> {
  for (const operator of operators) yield* operator.backlog(state)
}

/**
 * Publishes a piece of what a replay computed; false when nothing is left.
 *
 * At last it voids the sums that the replay did not write again: those of a group whose last member
 * left, or of its former interval.
 */
export async function publishBacklog(
  shell: Shell,
  following: Following,
  voidsAtOnce = voidsAtOnceDefault,
): Promise<boolean> {
  const { state, backlog } = following
  if (!backlog) return false
  await drain(shell, following, 1)
  // While its lease is over, what a piece has of its partitions would be passed over for good.
  if (shareNow(shell).size === 0) return false
  state.owned = ownedNow(shell, following)
  const piece = backlog.next()
  if (!piece.done) {
    send(shell, following, piece.value)
    return true
  }
  await drain(shell, following, 0)
  const sums = await readVoidSums(shell, state, voidsAtOnce)
  if (sums.length === voidsAtOnce) {
    // Once they are written the next look finds the others.
    send(shell, following, { groups: voidGroupRows(state, sums) })
    return true
  }
  const watermarks = await shownWatermarks(shell, following)
  const enrolments = enrolmentRows(state.owned, following.shownRevision)
  send(shell, following, { groups: voidGroupRows(state, sums), watermarks, enrolments })
  following.backlog = null
  return true
}

async function readVoidSums({ views }: Shell, state: SpeedState, limit: number) {
  if (!state.owned[0]) return []
  const { generation, revision, highWaterMs, spilledToMs } = state
  const from_ms = Math.max(0, highWaterMs, spilledToMs)
  return views.query('void_group_sums', { from_ms, generation, revision, limit })
}

/**
 * The watermarks that say that all of the state is published now. A partition whose readings are
 * all of before the high-water mark has none in the state: it keeps the one it had.
 */
async function shownWatermarks({ views }: Shell, following: Following) {
  const { state, next } = following
  const before = await readWatermarks(views)
  following.shownGeneration = state.generation
  const kept = new Map(before.map((each) => [each.partition, each.watermarkMs]))
  return next.flatMap((offset, partition) => {
    if (!state.owned[partition]) return []
    const own = reachedBy(following, partition, offset)
    const watermarkMs = kept.get(partition)
    if (own.length > 0 || watermarkMs === undefined) return own
    return watermarkRows(state.generation, {
      ...{ partition, offset: offset - 1, watermarkMs },
      spilledToMs: state.spilledToMs,
    })
  })
}

/** The rows of the buckets that records change, which are counted now. */
function countIn({ counted, state }: Following, counters: readonly RecordCounters[]) {
  return [...counted].flatMap((open, partition) => {
    if (!state.owned[partition]) return []
    const own = counters.filter((each) => each.partition === partition)
    const buckets = countRecords(open, own)
    counted[partition] = buckets.at(-1) ?? open
    const at = { layer: speedGroup, topic: readingsTopic, partition }
    return buckets.map((bucket) => bucketRow(at, bucket))
  })
}

/**
 * The same where it is another one than before: within an interval most micro-batches leave it as
 * it is, and a row is an insert. What was sent before is stored before, or neither is.
 */
function risenTo(following: Following, partition: number, next: number) {
  const { state, shownGeneration, promised } = following
  const text = `${shownGeneration} ${watermarkOf(state, partition)} ${state.spilledToMs}`
  if (promised[partition] === text) return []
  promised[partition] = text
  return reachedBy(following, partition, next)
}

/** The watermark of a partition below an offset. */
function reachedBy({ state, shownGeneration }: Following, partition: number, next: number) {
  const { spilledToMs } = state
  const watermarkMs = watermarkOf(state, partition)
  return watermarkRows(shownGeneration, { partition, offset: next - 1, watermarkMs, spilledToMs })
}

/** The records of a micro-batch whose meters the state knows; none if it is outdated by them. */
async function takeBatch(
  shell: Shell,
  following: Following,
  until?: readonly number[],
): Promise<ReadRecord[]> {
  if (following.isOutdated) return []
  const records = await readBatch(shell, following, until)
  await enrolUnknown(shell, following, records)
  return following.isOutdated ? [] : records
}

/** The next offset of each partition that was read. */
function moveOn({ next }: Following, records: readonly ReadRecord[]): Map<number, number> {
  const reached = new Map<number, number>()
  for (const { partition, offset } of records) reached.set(partition, offset + 1)
  for (const [partition, offset] of reached) next[partition] = offset
  return reached
}

/**
 * The API accepts only enrolled meters, so an unknown one is new. If it is missing in the registry
 * nevertheless, its readings are shown without zone, group or baseline, with a warning.
 */
async function enrolUnknown(
  shell: Shell,
  following: Following,
  records: readonly ReadRecord[],
): Promise<void> {
  const { state } = following
  if (unknownMeters(state, records).size === 0) return
  await shell.registry.refresh(true)
  following.isOutdated = isOutdated(state, shell.registry.all())
  if (following.isOutdated) return
  enrolMeters(state, shell.registry.all())
  const missing = unknownMeters(state, records)
  if (missing.size === 0) return
  shell.report(`Meters in the log that nobody enrolled: ${[...missing].slice(0, 5).join(', ')}.`)
  const intervals = new Map<MeterId, number>()
  for (const { columns } of records) {
    for (let row = 0; row < columns.rows; row++) {
      const meter = meterAt(columns, row)
      if (!missing.has(meter) || intervals.has(meter)) continue
      intervals.set(meter, valueAt(columns.durationS, row))
    }
  }
  enrolMeters(
    state,
    [...intervals].map(([meter, intervalS]) => bareMeter({ meter, intervalS })),
    true,
  )
}
