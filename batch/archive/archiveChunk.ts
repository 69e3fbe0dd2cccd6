import { InvalidArgumentError, invariant } from '../../schemas/errors/wattproofError.ts'
import type { LogRecord } from '../../schemas/logRecord.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import { bucketRow } from '../../schemas/ports/countedBuckets.ts'
import { type Acts, addAct, decidedBy } from '../../schemas/reading/acts.ts'
import { countRecords, type RecordCounts } from '../../schemas/reading/countBuckets.ts'
import { decodeDeadLetter } from '../../schemas/reading/deadLetter.ts'
import { type ColumnFrame, decodeColumns, noColumns } from '../../schemas/reading/frame.ts'
import { decideAgain } from '../../schemas/reading/intervalWords.ts'
import { addCounters, emptyCounters, isBalanced } from '../../schemas/reading/reading.ts'
import { readingAt } from '../../schemas/reading/readingColumns.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { actRow, misfitRow, progressRow, rejectedRow, undecodableRow } from './archiveRows.ts'
import {
  type ArchiveOptions,
  type ArchivePartition,
  type ArchivePorts,
  archiveGroup,
  commitArchived,
} from './archiving.ts'
import { recordsFor } from './chunkRecords.ts'
import { classifyColumns } from './classifyColumns.ts'
import type { WordIndex } from './classifyRecord.ts'
import { firstPlaces } from './firstPlaces.ts'
import type { TakenRows } from './placeByMeter.ts'
import { type ChunkPlan, planChunk } from './planChunk.ts'
import { listMeters } from './readFleet.ts'
import { readingsBlock } from './readingsBlock.ts'
import { readWords } from './readWords.ts'

/**
 * Maximum readings per insert, give or take a record, so that a frame more still goes in one
 * request of 200,000 rows. Of many inserts each row is merged more often: by 200,000 a row costs
 * the store half of what it costs by 40,000.
 */
export const rowsMaxDefault = 180_000
const latenessSDefault = 3_600

/** A record and its content; `problem` when it is not a frame. */
export type OpenedRecord = ColumnFrame & {
  readonly record: LogRecord
  readonly problem: string | null
}

export function openRecord(record: LogRecord): OpenedRecord {
  const none = { record, columns: noColumns, act: null }
  if (record.position.topic === rejectedTopic) return { ...none, problem: null }
  try {
    return { record, ...decodeColumns(record.value), problem: null }
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    return { ...none, problem: error.message }
  }
}

type Chunk = { readonly chunk: readonly OpenedRecord[]; readonly options: ArchiveOptions }

/** Writes rows, counters, progress, then commits: after a crash the chunk is repeated. */
export async function archiveChunk(
  ports: ArchivePorts,
  state: ArchivePartition,
  { chunk, options }: Chunk,
): Promise<void> {
  const { views } = ports
  const { fleet, grids, topic } = state
  if (topic === readingsTopic) await grids.refresh()
  const judged = chunk.map((opened) => ({ ...opened, fits: grids.judge(opened.columns) }))
  await listMeters(views, fleet, judged)
  const plan = planChunk(fleet, judged)
  const { partition, offset } = chunk[0]!.record.position
  const acts = structuredClone(state.acts)
  const before = { partition, offset }
  const known = await readWords(views, plan.asked, { before, decided: decidedBy(acts) })
  const decision = decideChunk(state, judged, { ...{ plan, known, acts, options }, ...ports })
  await writeChunk(ports, state, decision)
  const { maxEndMs, counters, nextOffset, buckets } = decision
  const counted = buckets.at(-1) ?? state.counted
  Object.assign(state, { nextOffset, maxEndMs, acts, counted })
  const rows = chunk.reduce((sum, { columns }) => sum + columns.rows, 0)
  state.recordsMax = recordsFor(options.rowsMax ?? rowsMaxDefault, rows / chunk.length)
  options.onBatch?.({ topic, partition, records: chunk.length, nextOffset, counters })
}

type Judged = OpenedRecord & { readonly fits: Uint8Array | null }

type Deciding = {
  readonly plan: ChunkPlan
  readonly known: WordIndex
  /** Those of the chunk are added. */
  readonly acts: Acts
  readonly options: ArchiveOptions
  readonly clock: Clock
}

/** What a chunk writes. */
type Decision = ReturnType<typeof decideChunk>

function decideChunk(state: ArchivePartition, chunk: readonly Judged[], given: Deciding) {
  const { plan, known, acts, options, clock } = given
  const decided = decidedBy(acts)
  const latenessMs = (options.latenessS ?? latenessSDefault) * 1000
  const taken: TakenRows[] = []
  const rows = emptyRows()
  const counts: RecordCounts[] = []
  let { maxEndMs } = state
  let total = emptyCounters
  for (const [at, opened] of chunk.entries()) {
    const { record, columns, fits, act } = opened
    if (act) {
      addAct(acts, act)
      for (const words of known.values()) decideAgain(words, decided)
      rows.acts.push(actRow(act, record))
    }
    const own = { record, columns, fits, compared: plan.compared[at]! }
    const watermarkMs = maxEndMs - latenessMs
    const classified = classifyColumns({ ...own, watermarkMs }, known, decided)
    if (columns.rows > 0) taken.push({ record, columns, keep: classified.keep })
    const refused = refusedRow(opened, clock)
    if (refused) rows.rejected.push(refused)
    if (fits) rows.rejected.push(misfitRow(record, misfitsOf(opened, fits), clock.nowMs()))
    const counters = refused ? { ...emptyCounters, read: 1, rejected: 1 } : classified.counters
    invariant(
      isBalanced(counters),
      'Ingest counters balance: read = accepted + duplicate + rejected.',
    )
    counts.push({ offset: record.position.offset, counters })
    total = addCounters(total, counters)
    maxEndMs = Math.max(maxEndMs, classified.maxEndMs)
  }
  const nextOffset = chunk[chunk.length - 1]!.record.position.offset + 1
  const buckets = countRecords(state.counted, counts)
  return { taken, rows, buckets, maxEndMs, counters: total, nextOffset }
}

async function writeChunk(
  ports: ArchivePorts,
  state: ArchivePartition,
  { taken, rows, buckets, maxEndMs, nextOffset }: Decision,
): Promise<void> {
  const { views, clock } = ports
  const { topic, partition, fleet, placed } = state
  if (rows.acts.length > 0) await views.insert('acts', rows.acts)
  const readings = readingsBlock(taken, fleet, partition)
  // Before the words, so that a kill between the two leaves no word that a replay would miss.
  const first = firstPlaces(readings, placed)
  if (first.length > 0) await views.insert('first_places', first)
  if (readings.rows > 0) await views.insert('readings', readings)
  for (const { quarter } of first) placed.add(Number(quarter))
  if (rows.rejected.length > 0) await views.insert('rejected', rows.rejected)
  const counters = buckets.map((each) => bucketRow({ layer: archiveGroup, topic, partition }, each))
  if (counters.length > 0) await views.insert('ingest_counters', counters)
  if (topic === readingsTopic) {
    const row = progressRow({ partition, nextOffset, maxEndMs }, clock.nowMs())
    await views.insert('archive_progress', [row])
  }
  await commitArchived(ports, state, nextOffset)
}

type ArchiveRows = {
  readonly acts: InsertRow<'acts'>[]
  readonly rejected: InsertRow<'rejected'>[]
}

function emptyRows(): ArchiveRows {
  return { acts: [], rejected: [] }
}

/** Rows that are no intervals of their meters. */
function misfitsOf({ columns }: OpenedRecord, fits: Uint8Array) {
  return [...fits.keys()].filter((row) => fits[row] === 0).map((row) => readingAt(columns, row))
}

function refusedRow({ record, problem }: OpenedRecord, clock: Clock): InsertRow<'rejected'> | null {
  if (record.position.topic === rejectedTopic) {
    return rejectedRow(record.position, decodeDeadLetter(record.value))
  }
  return problem === null ? null : undecodableRow(record, problem, clock.nowMs())
}
