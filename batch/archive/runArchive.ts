import { PartitionLostError } from '../../schemas/errors/log.ts'
import { RetryableError } from '../../schemas/errors/wattproofError.ts'
import type { LogPosition } from '../../schemas/logRecord.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import { readCounted } from '../../schemas/ports/countedBuckets.ts'
import type { Membership } from '../../schemas/ports/log.ts'
import { readActs } from '../../schemas/ports/readActs.ts'
import { readArchiveProgress } from '../../schemas/ports/readPlaces.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { emptyActs } from '../../schemas/reading/acts.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { archiveChunk, openRecord, rowsMaxDefault } from './archiveChunk.ts'
import { progressRow } from './archiveRows.ts'
import {
  type ArchiveOptions,
  type ArchivePartition,
  type ArchivePorts,
  archiveGroup,
  commitArchived,
  epochOf,
  isOwned,
} from './archiving.ts'
import { chunkRecords } from './chunkRecords.ts'
import { openGrids } from './openGrids.ts'
import { readFleet } from './readFleet.ts'

const recordsMaxFirst = 8
const retryMs = 1_000
/** Longest single wait for records; the loop then waits again. */
const msMax = 60_000
/** The longest interval: a day of 25 hours. */
const intervalMaxMs = 25 * 3_600_000
/** Nothing has ended yet, so nothing is late. */
const noEndMs = Number.NEGATIVE_INFINITY

/**
 * Copies the log into the master data set until the signal aborts. Safe to kill at any time, and to
 * run in several processes: each copies the partitions that are assigned to it.
 */
export async function runArchive(
  given: ArchivePorts & { readonly membership: Membership },
  options: ArchiveOptions & { readonly signal: AbortSignal },
): Promise<void> {
  const { signal } = options
  const { membership } = given
  let partitions: ArchivePartition[] | null = null
  while (!signal.aborted) {
    let waitMs = 0
    try {
      const { changes } = membership
      if (!partitions || hasGained(membership, partitions)) partitions = await openArchive(given)
      const records = await archiveStep(given, partitions, options)
      if (records === 0) await rest(given, partitions, { changes, signal })
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error
      partitions = null
      if (!(error instanceof PartitionLostError)) options.onRetry?.(error)
      waitMs = retryMs
    }
    if (waitMs > 0) await sleepUnlessAborted(given.clock, waitMs, signal)
  }
}

/** Something is assigned that is not among them; what was lost is only left out (`isOwned`). */
function hasGained(membership: Membership, partitions: readonly ArchivePartition[]): boolean {
  return membership.assigned().some(({ topic, partition, epoch }) => {
    const known = partitions.find((each) => each.topic === topic && each.partition === partition)
    return known?.epoch !== epoch
  })
}

/** Until there is a record in a partition of its own, or its assignment changes. */
async function rest(
  ports: ArchivePorts & { readonly membership: Membership },
  partitions: readonly ArchivePartition[],
  { changes, signal }: { readonly changes: number; readonly signal: AbortSignal },
): Promise<void> {
  const waiting = new AbortController()
  const end = () => waiting.abort()
  signal.addEventListener('abort', end)
  const options = { msMax, signal: waiting.signal }
  const own = partitions.filter((each) => isOwned(ports, each)).map(nextOf)
  try {
    if (signal.aborted) return
    await Promise.race([
      ports.log.waitForRecords(own, options),
      ports.membership.waitForChange(changes, options),
    ])
  } finally {
    signal.removeEventListener('abort', end)
    end()
  }
}

/** Progress of every partition that is assigned, from the log and the master data set alone. */
export async function openArchive(ports: ArchivePorts): Promise<ArchivePartition[]> {
  const { log, views, membership } = ports
  // Before the stores are read: whoever had them can commit nothing any more.
  const assigned = membership?.assigned()
  const countedOf = await readCounted(views, archiveGroup)
  const opened: Omit<ArchivePartition, 'fleet' | 'grids'>[] = []
  for (const topic of [readingsTopic, rejectedTopic]) {
    for (const { partition, committed, start } of await log.progress(archiveGroup, topic)) {
      const epoch = assigned ? epochOf(assigned, { topic, partition }) : 0
      if (epoch === null) continue
      const nextOffset = Math.max(committed, start)
      // Retention waits for a group from its first commit on, so offset 0 is committed too.
      await commitArchived(ports, { topic, partition, epoch }, nextOffset)
      const hasEnds = topic === readingsTopic
      const maxEndMs = hasEnds ? await readMaxEnd(views, { partition, nextOffset }) : noEndMs
      const own = {
        topic,
        partition,
        epoch,
        nextOffset,
        maxEndMs,
        acts: emptyActs(),
        placed: new Set<EpochMs>(),
      }
      const counted = countedOf({ topic, partition })
      opened.push({ ...own, counted, recordsMax: recordsMaxFirst })
    }
  }
  const latestMs = opened.reduce((most, { maxEndMs }) => Math.max(most, maxEndMs), noEndMs)
  const fleet = await readFleet(views, latestMs)
  const grids = openGrids(views, fleet)
  const partitions = opened.map((each) => ({ ...each, fleet, grids }))
  await loadActs(views, partitions)
  await startProgress(ports, partitions)
  return partitions
}

async function loadActs(views: Views, partitions: readonly ArchivePartition[]): Promise<void> {
  const own = partitions.filter(({ topic }) => topic === readingsTopic)
  const before: number[] = Array(1 + Math.max(-1, ...own.map(({ partition }) => partition))).fill(0)
  for (const { partition, nextOffset } of own) before[partition] = nextOffset
  const acts = await readActs(views, before)
  for (const each of own) each.acts = acts[each.partition]!
}

/** A partition that is new, or whose last row was lost in a power cut. */
async function startProgress(
  { views, clock }: ArchivePorts,
  partitions: readonly ArchivePartition[],
): Promise<void> {
  const rows = await readArchiveProgress(views)
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
    if (!isOwned(ports, state)) continue
    const records = await ports.log.read(nextOf(state), state.recordsMax)
    if (records.length === 0) continue
    for (const chunk of chunkRecords(records.map(openRecord), options.rowsMax ?? rowsMaxDefault)) {
      await archiveChunk(ports, state, { chunk, options })
    }
    taken += records.length
  }
  return taken
}

function nextOf({ topic, partition, nextOffset }: ArchivePartition): LogPosition {
  return { topic, partition, offset: nextOffset }
}

/**
 * The latest end that was archived of a partition before its next offset: as its progress says,
 * which a kill may have left ahead of the log's commit. Then the words of its last days are looked
 * through, and all only if what starts before them may end later.
 */
async function readMaxEnd(views: Views, { partition, nextOffset }: Committed): Promise<EpochMs> {
  const rows = await readArchiveProgress(views)
  const stored = rows.find((row) => row.log_partition === partition)
  if (stored?.next_offset === nextOffset) return stored.max_end_ms ?? noEndMs
  const asked = { log_partition: partition, log_offset: nextOffset }
  const from_ms = Math.max(0, (stored?.max_end_ms ?? 0) - 2 * intervalMaxMs)
  const [recent] = await views.query('archive_watermark', { ...asked, from_ms })
  if (recent && recent.max_end_ms >= from_ms + intervalMaxMs) return recent.max_end_ms
  const [ever] = await views.query('archive_watermark', { ...asked, from_ms: 0 })
  return ever?.max_end_ms ?? noEndMs
}

type Committed = Pick<ArchivePartition, 'partition' | 'nextOffset'>

async function sleepUnlessAborted(clock: Clock, waitMs: number, signal: AbortSignal) {
  try {
    await clock.sleep(waitMs, signal)
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
