import { ReplayGoneError } from '../schemas/errors/generation.ts'
import { type Generation, noGeneration } from '../schemas/generation.ts'
import { readCounted } from '../schemas/ports/countedBuckets.ts'
import { readActs } from '../schemas/ports/readActs.ts'
import { readPublished } from '../schemas/ports/readPublished.ts'
import { readWatermarks } from '../schemas/ports/readWatermarks.ts'
import type { Views } from '../schemas/ports/views.ts'
import type { Bucket } from '../schemas/reading/countBuckets.ts'
import { type EpochMs, isoUtc } from '../schemas/time.ts'
import { readingsTopic, replayGroup } from '../schemas/topics.ts'
import { type Following, type Shell, speedGroup } from './following.ts'
import { loadBaselines } from './loadBaselines.ts'
import { createSpeedState, isOutdated, replayFromMs } from './microbatch/speedState.ts'
import { earliestReplay } from './operator.ts'
import { operators } from './operators.ts'
import { createOutbox, send } from './outbox.ts'
import { enrolmentRows } from './publish/speedRows.ts'
import { ownedNow, readOf, type Share, sharedBy, shareNow } from './shares.ts'

/** Whether a generation other than the state's is published. */
export async function isSuperseded({ views }: Shell, { state }: Following): Promise<boolean> {
  return (await readPointer(views)).generation !== state.generation
}

/** Whether enrolments changed what the state has published; that they did not is published. */
export async function isReenrolled(shell: Shell, following: Following): Promise<boolean> {
  const { views, registry } = shell
  const changed = await views.query('newest_meters', { version: registry.revision() + 1 })
  if (changed.length > 0) await registry.refresh(true)
  const revision = registry.revision()
  // The registry may have them already: from new meters in the log, or a replay that did not begin.
  if (revision === following.shownRevision) return false
  if (isOutdated(following.state, registry.all())) return true
  // While its lease is over it would say so of no partition, and never again.
  if (shareNow(shell).size === 0) return false
  following.shownRevision = revision
  send(shell, following, { enrolments: enrolmentRows(ownedNow(shell, following), revision) })
  return false
}

/**
 * A fresh state for the newest generation with its baselines, at the start of a replay up to what
 * the group has committed: from there on its micro-batches publish.
 */
export async function followGeneration(shell: Shell): Promise<Following> {
  const { views, clock, registry, partitions, options } = shell
  const sinceMs = clock.elapsedMs()
  for (;;) {
    // Before anything is read: whoever had a partition of it can commit nothing any more.
    const share = shareNow(shell)
    const pointer = await readPointer(views)
    await registry.refresh(true)
    const { generation, highWaterMs } = pointer
    const basis = { generation, revision: registry.revision(), meters: registry.all() }
    const replayFrom = earliestReplay(operators)
    const state = createSpeedState({ ...basis, highWaterMs, partitions, options, replayFrom })
    await loadBaselines(views, { state, pointer })
    const positions = await findPositions(shell, share, replayFromMs(state))
    // The archive stores an act before it goes on, and the replay begins at what it has stored.
    state.acts = await readActs(views, positions.next)
    // If it had changed in the meantime, the replay would have to start again at once.
    if ((await readPointer(views)).generation === generation) {
      await releaseBefore(shell, share, positions.next)
      const outbox = createOutbox()
      const counted = await readOwnCounted(shell)
      const shownGeneration = await readShown(views, share, generation)
      const shown = { shownGeneration, shownRevision: basis.revision }
      const fresh = { backlog: null, isOutdated: false, latestReadings: 0, promised: [] }
      return { state, share, ...positions, counted, outbox, ...fresh, ...shown, sinceMs }
    }
  }
}

/** The generation that is shown, or `generation` where nothing is, so that nothing is replaced. */
async function readShown(views: Views, share: Share, generation: number): Promise<number> {
  const shown = (await readWatermarks(views)).filter(({ partition }) => share.has(partition))
  return shown.length === 0 ? generation : Math.min(...shown.map((each) => each.generation))
}

async function readOwnCounted({ views, partitions }: Shell): Promise<Bucket[]> {
  const countedOf = await readCounted(views, speedGroup)
  return Array.from({ length: partitions }, (_, partition) => {
    return countedOf({ topic: readingsTopic, partition })
  })
}

/** Before the first generation the speed layer covers every reading. */
async function readPointer(views: Views): Promise<Generation> {
  return (await readPublished(views)) ?? noGeneration
}

/**
 * The smallest offset of a reading that the state depends on, or that this group has not counted
 * yet: the archive may be ahead, and both layers must count every record.
 *
 * The archive's committed offset is read first: everything below it is in the master data set by
 * the time that is queried. A partition without such a reading in it starts at that offset.
 *
 * @throws RetryableError when the log no longer goes back that far: a partial replay would look
 * like a complete one.
 */
async function findPositions(
  shell: Shell,
  share: Share,
  fromMs: EpochMs,
): Promise<Pick<Following, 'next' | 'committed'>> {
  const { log, views } = shell
  const isRead = readOf(sharedBy(shell, { share }))
  const own = await log.progress(speedGroup, readingsTopic)
  const archived = await log.progress('archive', readingsTopic)
  const first = new Map<number, number>()
  if (Number.isFinite(fromMs)) {
    const rows = await views.query('replay_offsets', { from_ms: fromMs })
    for (const row of rows) first.set(row.log_partition, row.log_offset)
  }
  const committed = own.map((progress) => progress.committed)
  const next = archived.map((progress) => {
    const { partition, start } = progress
    const open = first.get(partition) ?? progress.committed
    const isAll = !Number.isFinite(fromMs)
    const needed = isAll ? 0 : Math.min(open, progress.committed, committed[partition]!)
    if (needed >= start || !isRead[partition]) return needed
    const highWater = isAll ? null : isoUtc(fromMs)
    throw new ReplayGoneError({ highWater, partition, needed, start })
  })
  return { next, committed }
}

/**
 * Lets retention remove what no replay will need again. High-water marks rise from generation to
 * generation, and so do the offsets of the first readings at or after them; a high-water mark that
 * goes back is refused above.
 */
async function releaseBefore({ log }: Shell, share: Share, next: readonly number[]): Promise<void> {
  for (const { partition, committed } of await log.progress(replayGroup, readingsTopic)) {
    const offset = next[partition]!
    if (offset > committed && share.has(partition))
      await log.commit(replayGroup, { topic: readingsTopic, partition, offset })
  }
}
