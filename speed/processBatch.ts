import type { MeterId } from '../schemas/ids.ts'
import type { LogRecord } from '../schemas/logRecord.ts'
import type { InsertRow, RowSetName } from '../schemas/sql/rowSets.ts'
import { readingsTopic, rejectedTopic } from '../schemas/topics.ts'
import type { Following, Shell } from './followGeneration.ts'
import { advanceChanges } from './microbatch/advanceChanges.ts'
import { decodeRecord, type ReadRecord } from './microbatch/decodeRecord.ts'
import { processRecords, unknownMeters, watermarkOf } from './microbatch/processRecords.ts'
import { enrolMeters, isOutdated } from './microbatch/speedState.ts'
import {
  counterRows,
  deviationRows,
  groupRows,
  rejectedCounterRows,
  voidGroupRows,
  watermarkRows,
} from './publish/speedRows.ts'

const group = 'speed'
/** Size of a micro-batch: large enough for efficient inserts, small enough for low latency. */
const recordsMax = 64
const readingsMax = 20_000
const rejectedMax = 2_000

/**
 * Reads, computes and publishes one micro-batch; returns the number of records.
 *
 * It writes the rows, then the watermark that promises them, then commits: after a kill in between
 * the work is repeated and changes nothing. With new enrolments that the state cannot take in it
 * reads nothing and marks the state as outdated.
 */
export async function processBatch(shell: Shell, following: Following): Promise<number> {
  await finishReplay(shell, following)
  const records = await readBatch(shell, following)
  if (records.length === 0) return 0
  const { state } = following
  await enrolUnknown(shell, following, records)
  if (following.isOutdated) return 0
  const { counters, changes } = processRecords(state, records)
  const { deviations, groups } = advanceChanges(state, changes)

  const { generation } = state
  await Promise.all([
    insert(shell, 'speed_deviation', deviationRows(state, deviations)),
    insert(shell, 'speed_group', groupRows(state, groups)),
    insert(shell, 'ingest_counters', counterRows(generation, counters)),
  ])
  const reached = new Map(records.map(({ partition, offset }) => [partition, offset]))
  await insert(
    shell,
    'watermarks',
    [...reached].flatMap(([partition, offset]) => {
      const watermarkMs = watermarkOf(state, partition)
      return watermarkRows(generation, { partition, offset, watermarkMs })
    }),
  )
  for (const [partition, offset] of reached) {
    following.next[partition] = offset + 1
    await commitForward(shell, following, partition)
  }
  return records.length
}

/** Counts rejected readings: one per record, nothing else to do. */
export async function processRejected(shell: Shell, following: Following): Promise<number> {
  const offset = following.rejectedNext
  const at = { topic: rejectedTopic, partition: 0 }
  const records = await shell.log.read({ ...at, offset }, rejectedMax)
  if (records.length === 0) return 0
  const offsets = records.map(({ position }) => position.offset)
  await insert(shell, 'ingest_counters', rejectedCounterRows(offsets))
  const next = offsets.at(-1)! + 1
  await shell.log.commit(group, { ...at, offset: next })
  following.rejectedNext = next
  return records.length
}

/**
 * Voids the sums that the replay did not write again: those of a group whose last member left, or
 * of its former interval.
 */
async function finishReplay(shell: Shell, following: Following): Promise<void> {
  const { state, next, until } = following
  if (following.isReplayed || next.some((offset, partition) => offset < until[partition]!)) return
  const { generation, revision, highWaterMs } = state
  const asked = { from_ms: Math.max(0, highWaterMs), generation, revision }
  const sums = await shell.views.query('void_group_sums', asked)
  await insert(shell, 'speed_group', voidGroupRows(state, sums))
  following.isReplayed = true
}

/** Every partition gets an equal share of the batch, at least one record. */
async function readBatch(shell: Shell, following: Following): Promise<ReadRecord[]> {
  const share = Math.ceil(readingsMax / shell.partitions)
  const pieces = await Promise.all(
    following.next.map(async (offset, partition) => {
      const from = { topic: readingsTopic, partition, offset }
      return decodeUpTo(await shell.log.read(from, recordsMax), share)
    }),
  )
  return pieces.flat()
}

function decodeUpTo(records: readonly LogRecord[], readingsShare: number): ReadRecord[] {
  const decoded: ReadRecord[] = []
  let readings = 0
  for (const record of records) {
    if (readings >= readingsShare) break
    const one = decodeRecord(record)
    decoded.push(one)
    readings += one.readings.length
  }
  return decoded
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
  for (const { readings } of records) {
    for (const { meter, durationS } of readings) {
      if (missing.has(meter) && !intervals.has(meter)) intervals.set(meter, durationS)
    }
  }
  enrolMeters(
    state,
    [...intervals].map(([meter, intervalS]) => {
      return { meter, zone: 'UTC', group: '', intervalS, account: null }
    }),
  )
}

async function insert<Name extends RowSetName>(
  shell: Shell,
  rowSet: Name,
  rows: readonly InsertRow<Name>[],
): Promise<void> {
  if (rows.length > 0) await shell.views.insert(rowSet, rows)
}

async function commitForward(
  { log }: Shell,
  following: Following,
  partition: number,
): Promise<void> {
  const offset = following.next[partition]!
  if (offset <= following.committed[partition]!) return
  await log.commit(group, { topic: readingsTopic, partition, offset })
  following.committed[partition] = offset
}
