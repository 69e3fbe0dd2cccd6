import {
  InvalidArgumentError,
  invariant,
  RetryableError,
} from '../../schemas/errors/wattproofError.ts'
import type { LogPosition, LogRecord } from '../../schemas/logRecord.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { Log } from '../../schemas/ports/log.ts'
import { readActs } from '../../schemas/ports/readActs.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { type Act, type Acts, addAct, decidedBy, emptyActs } from '../../schemas/reading/acts.ts'
import { decodeDeadLetter } from '../../schemas/reading/deadLetter.ts'
import { decodeFrame } from '../../schemas/reading/frame.ts'
import { decideAgain } from '../../schemas/reading/intervalWords.ts'
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
import {
  actRow,
  counterRow,
  misfitRow,
  progressRow,
  readingRow,
  rejectedRow,
  undecodableRow,
} from './archiveRows.ts'
import { chunkRecords, recordsFor } from './chunkRecords.ts'
import { classifyRecord, maxEndOf } from './classifyRecord.ts'
import { type Grids, openGrids } from './openGrids.ts'
import { readWords } from './readWords.ts'

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
  /** What was decided about words before `nextOffset`. */
  acts: Acts
  /** Records to read next, so that a step has about `rowsMax` readings. */
  recordsMax: number
  /** Of all partitions. */
  readonly grids: Grids
}

const group = 'archive'
const recordsMaxFirst = 8
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
  const grids = openGrids(views)
  const partitions: ArchivePartition[] = []
  for (const topic of [readingsTopic, rejectedTopic]) {
    for (const { partition, committed, start } of await log.progress(group, topic)) {
      const nextOffset = Math.max(committed, start)
      // Retention waits for a group from its first commit on, so offset 0 is committed too.
      await log.commit(group, { topic, partition, offset: nextOffset })
      const hasEnds = topic === readingsTopic
      const maxEndMs = hasEnds ? await readMaxEnd(views, partition, nextOffset) : noEndMs
      const acts = emptyActs()
      const own = { topic, partition, nextOffset, maxEndMs, acts, grids }
      partitions.push({ ...own, recordsMax: recordsMaxFirst })
    }
  }
  await loadActs(views, partitions)
  await startProgress(ports, partitions)
  return partitions
}

async function loadActs(views: Views, partitions: readonly ArchivePartition[]): Promise<void> {
  const own = partitions.filter(({ topic }) => topic === readingsTopic)
  const acts = await readActs(
    views,
    own.map(({ nextOffset }) => nextOffset),
  )
  for (const [index, each] of own.entries()) each.acts = acts[index]!
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
  readonly act: Act | null
  readonly problem: string | null
}

function openRecord(record: LogRecord): OpenedRecord {
  if (record.position.topic === rejectedTopic)
    return { record, readings: [], act: null, problem: null }
  try {
    return { record, ...decodeFrame(record.value), problem: null }
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    return { record, readings: [], act: null, problem: error.message }
  }
}

/** Writes rows, counters, progress, then commits: after a crash the chunk is repeated. */
async function archiveChunk(
  { log, views, clock }: ArchivePorts,
  state: ArchivePartition,
  { chunk, options }: { chunk: readonly OpenedRecord[]; options: ArchiveOptions },
): Promise<void> {
  const { isOne, refresh } = state.grids
  if (state.topic === readingsTopic) await refresh()
  const readings = chunk.flatMap((each) => each.readings.filter(isOne))
  const acts = structuredClone(state.acts)
  const { partition, offset } = chunk[0]!.record.position
  const decided = decidedBy(acts)
  const known = await readWords(views, readings, { before: { partition, offset }, decided })
  const latenessMs = (options.latenessS ?? 3600) * 1000
  const rows = emptyRows()
  let maxEndMs = state.maxEndMs
  let total = emptyCounters
  for (const opened of chunk) {
    const { position, loggedMs } = opened.record
    if (opened.act) {
      addAct(acts, opened.act)
      for (const words of known.values()) decideAgain(words, decided)
      rows.acts.push(actRow(opened.act, opened.record))
    }
    const watermarkMs = maxEndMs - latenessMs
    const classified = classifyRecord(
      { position, loggedMs, readings: opened.readings, isOne, watermarkMs },
      known,
      decided,
    )
    const refused = refusedRow(opened, clock)
    const counters = refused ? { ...emptyCounters, read: 1, rejected: 1 } : classified.counters
    invariant(
      isBalanced(counters),
      'Ingest counters balance: read = accepted + duplicate + rejected.',
    )
    if (refused) rows.rejected.push(refused)
    const misfits = opened.readings.filter((reading) => !isOne(reading))
    if (misfits.length > 0) {
      rows.rejected.push(misfitRow(opened.record, misfits, clock.nowMs()))
    }
    for (const word of classified.words) rows.readings.push(readingRow(word))
    rows.counters.push(counterRow(position, counters))
    total = addCounters(total, counters)
    maxEndMs = maxEndOf(opened.readings.filter(isOne), maxEndMs)
  }
  if (rows.acts.length > 0) await views.insert('acts', rows.acts)
  if (rows.readings.length > 0) await views.insert('readings', rows.readings)
  if (rows.rejected.length > 0) await views.insert('rejected', rows.rejected)
  await views.insert('ingest_counters', rows.counters)
  const { topic } = state
  const nextOffset = chunk[chunk.length - 1]!.record.position.offset + 1
  if (topic === readingsTopic) {
    const row = progressRow({ partition, nextOffset, maxEndMs }, clock.nowMs())
    await views.insert('archive_progress', [row])
  }
  await log.commit(group, { topic, partition, offset: nextOffset })
  state.nextOffset = nextOffset
  Object.assign(state, { maxEndMs, acts })
  state.recordsMax = recordsFor(options.rowsMax ?? 20_000, readings.length / chunk.length)
  options.onBatch?.({ topic, partition, records: chunk.length, nextOffset, counters: total })
}

type ArchiveRows = {
  readonly readings: InsertRow<'readings'>[]
  readonly acts: InsertRow<'acts'>[]
  readonly rejected: InsertRow<'rejected'>[]
  readonly counters: InsertRow<'ingest_counters'>[]
}

function emptyRows(): ArchiveRows {
  return { readings: [], acts: [], rejected: [], counters: [] }
}

function refusedRow({ record, problem }: OpenedRecord, clock: Clock): InsertRow<'rejected'> | null {
  if (record.position.topic === rejectedTopic) {
    return rejectedRow(record.position, decodeDeadLetter(record.value))
  }
  return problem === null ? null : undecodableRow(record, problem, clock.nowMs())
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
