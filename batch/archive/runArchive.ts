import { decodeDeadLetter } from '../../schemas/deadLetter.ts'
import {
  InvalidArgumentError,
  invariant,
  RetryableError,
} from '../../schemas/errors/wattproofError.ts'
import type { LogPosition, LogRecord } from '../../schemas/logRecord.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { decodeFrame } from '../../schemas/reading/frame.ts'
import {
  addCounters,
  emptyCounters,
  type IngestCounters,
  isBalanced,
  type Reading,
} from '../../schemas/reading/reading.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { counterRow, progressRow, readingRow, rejectedRow, undecodableRow } from './archiveRows.ts'
import { classifyRecord, maxEndOf } from './classifyRecord.ts'
import { readVersions } from './readVersions.ts'

export type ArchivePorts = { readonly log: Log; readonly views: Views; readonly clock: Clock }

export type ArchiveOptions = {
  /** Allowed lateness behind the newest interval end of the partition, s. */
  readonly latenessS?: number
  /** Maximum readings per insert, give or take a record. */
  readonly rowsMax?: number
  readonly onBatch?: (batch: ArchiveBatch) => void
  /** Called with errors that will be retried. */
  readonly onRetry?: (error: RetryableError) => void
}

/** Result of one step, for logs and metrics. */
export type ArchiveBatch = {
  readonly topic: string
  readonly partition: number
  readonly records: number
  readonly nextOffset: number
  readonly counters: IngestCounters
}

/** The archive's progress in one partition; all of it can be read back from the stores. */
export type ArchivePartition = {
  readonly topic: string
  readonly partition: number
  nextOffset: number
  /** Latest end of an interval in the records before `nextOffset`. */
  maxEndMs: EpochMs
  /** Records to read next, so that a step has about `rowsMax` readings. */
  recordsMax: number
}

const group = 'archive'
const recordsMaxFirst = 8
const recordsMaxLast = 2_000
const retryMs = 1_000
/** Of a wait for records; then it waits again. */
const msMax = 60_000
/** Nothing has ended yet, so nothing is late. */
const noEndMs = Number.NEGATIVE_INFINITY

/** Copies the log into the master data set until the signal aborts. Safe to kill at any time. */
export async function runArchive(
  ports: ArchivePorts,
  options: ArchiveOptions & { readonly signal: AbortSignal },
): Promise<void> {
  const { signal } = options
  let partitions: ArchivePartition[] | null = null
  while (!signal.aborted) {
    let waitMs = 0
    try {
      partitions ??= await openArchive(ports)
      const records = await archiveStep(ports, partitions, options)
      if (records === 0) await ports.log.waitForRecords(partitions.map(nextOf), { msMax, signal })
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error
      options.onRetry?.(error)
      partitions = null
      waitMs = retryMs
    }
    if (waitMs > 0) await sleepUnlessAborted(ports.clock, waitMs, signal)
  }
}

/** Progress of every partition, from the log's commits and the master data set alone. */
export async function openArchive(ports: ArchivePorts): Promise<ArchivePartition[]> {
  const { log, views } = ports
  const partitions: ArchivePartition[] = []
  for (const topic of [readingsTopic, rejectedTopic]) {
    for (const { partition, committed, start } of await log.progress(group, topic)) {
      const nextOffset = Math.max(committed, start)
      // Retention waits for a group from its first commit on, so offset 0 is committed too.
      await log.commit(group, { topic, partition, offset: nextOffset })
      const hasEnds = topic === readingsTopic
      const maxEndMs = hasEnds ? await readMaxEnd(views, partition, nextOffset) : noEndMs
      partitions.push({ topic, partition, nextOffset, maxEndMs, recordsMax: recordsMaxFirst })
    }
  }
  await startProgress(ports, partitions)
  return partitions
}

/** A partition that is new, or whose last row was lost in a power cut. */
async function startProgress(
  { views, clock }: ArchivePorts,
  partitions: readonly ArchivePartition[],
): Promise<void> {
  const rows = await views.query('archive_progress')
  const known = new Map(rows.map((row) => [row.log_partition, row.next_offset]))
  const missing = partitions.filter(({ topic, partition, nextOffset }) => {
    return topic === readingsTopic && nextOffset > (known.get(partition) ?? -1)
  })
  if (missing.length === 0) return
  const nowMs = clock.nowMs()
  await views.insert(
    'archive_progress',
    missing.map((each) => progressRow(each, nowMs)),
  )
}

/** One batch of every partition with records; returns the number of records. */
export async function archiveStep(
  ports: ArchivePorts,
  partitions: readonly ArchivePartition[],
  options: ArchiveOptions = {},
): Promise<number> {
  let taken = 0
  for (const state of partitions) {
    const records = await ports.log.read(nextOf(state), state.recordsMax)
    if (records.length === 0) continue
    for (const chunk of chunkRecords(records.map(openRecord), options.rowsMax ?? 20_000)) {
      await archiveChunk(ports, state, { chunk, options })
    }
    taken += records.length
  }
  return taken
}

function nextOf({ topic, partition, nextOffset }: ArchivePartition): LogPosition {
  return { topic, partition, offset: nextOffset }
}

/** A record and its content; `problem` when it is not a frame. */
type OpenedRecord = {
  readonly record: LogRecord
  readonly readings: readonly Reading[]
  readonly problem: string | null
}

function openRecord(record: LogRecord): OpenedRecord {
  if (record.position.topic === rejectedTopic) return { record, readings: [], problem: null }
  try {
    return { record, readings: decodeFrame(record.value), problem: null }
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    return { record, readings: [], problem: error.message }
  }
}

/** Splits after the record that fills a chunk, so that inserts have a similar size. */
function chunkRecords<T extends { readonly readings: readonly unknown[] }>(
  records: readonly T[],
  rowsMax: number,
): T[][] {
  const chunks: T[][] = []
  let rows = rowsMax
  for (const record of records) {
    if (rows >= rowsMax) {
      chunks.push([])
      rows = 0
    }
    chunks.at(-1)?.push(record)
    rows += record.readings.length
  }
  return chunks
}

/** Writes rows, counters, progress, then commits: after a crash the chunk is repeated. */
async function archiveChunk(
  { log, views, clock }: ArchivePorts,
  state: ArchivePartition,
  { chunk, options }: { chunk: readonly OpenedRecord[]; options: ArchiveOptions },
): Promise<void> {
  const readings = chunk.flatMap((each) => each.readings)
  const known = await readVersions(views, readings)
  const latenessMs = (options.latenessS ?? 3600) * 1000
  const rows = emptyRows()
  let maxEndMs = state.maxEndMs
  let total = emptyCounters
  for (const opened of chunk) {
    const { position } = opened.record
    const watermarkMs = maxEndMs - latenessMs
    const classified = classifyRecord({ position, readings: opened.readings, watermarkMs }, known)
    const refused = refusedRow(opened, clock)
    const counters = refused ? { ...emptyCounters, read: 1, rejected: 1 } : classified.counters
    invariant(
      isBalanced(counters),
      'Ingest counters balance: read = accepted + duplicate + rejected.',
    )
    if (refused) rows.rejected.push(refused)
    for (const version of classified.accepted) rows.readings.push(readingRow(version))
    rows.counters.push(counterRow(position, counters))
    total = addCounters(total, counters)
    maxEndMs = maxEndOf(opened.readings, maxEndMs)
  }
  if (rows.readings.length > 0) await views.insert('readings', rows.readings)
  if (rows.rejected.length > 0) await views.insert('rejected', rows.rejected)
  await views.insert('ingest_counters', rows.counters)
  const { topic, partition } = state
  const nextOffset = chunk[chunk.length - 1]!.record.position.offset + 1
  if (topic === readingsTopic) {
    const row = progressRow({ partition, nextOffset, maxEndMs }, clock.nowMs())
    await views.insert('archive_progress', [row])
  }
  await log.commit(group, { topic, partition, offset: nextOffset })
  state.nextOffset = nextOffset
  state.maxEndMs = maxEndMs
  state.recordsMax = recordsFor(options.rowsMax ?? 20_000, readings.length / chunk.length)
  options.onBatch?.({ topic, partition, records: chunk.length, nextOffset, counters: total })
}

type ArchiveRows = {
  readonly readings: InsertRow<'readings'>[]
  readonly rejected: InsertRow<'rejected'>[]
  readonly counters: InsertRow<'ingest_counters'>[]
}

function emptyRows(): ArchiveRows {
  return { readings: [], rejected: [], counters: [] }
}

function refusedRow({ record, problem }: OpenedRecord, clock: Clock): InsertRow<'rejected'> | null {
  if (record.position.topic === rejectedTopic) {
    return rejectedRow(record.position, decodeDeadLetter(record.value))
  }
  return problem === null ? null : undecodableRow(record, problem, clock.nowMs())
}

/** Frames have 1 to 20,000 readings; read as many as fill one insert. */
function recordsFor(rowsMax: number, readingsPerRecord: number): number {
  const wanted = Math.ceil(rowsMax / Math.max(readingsPerRecord, 1))
  return Math.min(Math.max(wanted, 1), recordsMaxLast)
}

async function readMaxEnd(views: Views, partition: number, offset: number): Promise<EpochMs> {
  const [row] = await views.query('archive_watermark', {
    log_partition: partition,
    log_offset: offset,
  })
  return row?.max_end_ms ?? noEndMs
}

async function sleepUnlessAborted(clock: Clock, waitMs: number, signal: AbortSignal) {
  try {
    await clock.sleep(waitMs, signal)
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
