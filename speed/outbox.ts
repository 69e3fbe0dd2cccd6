import { PartitionLostError } from '../schemas/errors/log.ts'
import type { LogPosition } from '../schemas/logRecord.ts'
import type { Inserted } from '../schemas/ports/views.ts'
import { countInserted } from '../schemas/sql/insertColumns.ts'
import type { RowSetName } from '../schemas/sql/rowSets.ts'
import { readingsTopic } from '../schemas/topics.ts'
import {
  type Following,
  type Outbox,
  type Publication,
  type Shell,
  speedGroup,
} from './following.ts'

export function createOutbox(): Outbox {
  return { waiting: [], writing: null }
}

/** Keeps a publication and begins to write it, unless another is being written. */
export function send(shell: Shell, following: Following, publication: Publication): void {
  following.outbox.waiting.push(publication)
  write(shell, following)
}

/**
 * Resolves when at most `waitingMax` publications are left.
 *
 * @throws RetryableError when the store did not take one; the next call tries it again.
 */
export async function drain(shell: Shell, following: Following, waitingMax: number): Promise<void> {
  const { outbox } = following
  while (outbox.waiting.length > waitingMax) {
    write(shell, following)
    const failed = await outbox.writing
    outbox.writing = null
    if (failed) throw failed.error
    outbox.waiting.shift()
  }
  write(shell, following)
}

function write(shell: Shell, following: Following): void {
  const { outbox } = following
  const [first] = outbox.waiting
  if (!first) return
  outbox.writing ??= publish(shell, first, following).then(
    () => null,
    (error: unknown) => ({ error }),
  )
}

/**
 * Sums, rows and ingest counters at once, of many rows the exceptions before the others; then the
 * watermark that promises them, then the commit. A kill in between leaves sums that are ahead of
 * their meters' rows; what comes after it writes all of them again.
 *
 * A partition that went to another process in between is committed by that one.
 */
export async function publish(
  shell: Pick<Shell, 'views' | 'log' | 'membership'>,
  given: Publication,
  at: Pick<Following, 'committed' | 'share'>,
): Promise<void> {
  const { exceptions, deviations } = given
  const isAhead = exceptions !== undefined && countInserted(exceptions) > 0
  await allOver([
    insert(shell, 'speed_group', given.groups),
    insert(shell, 'speed_deviation', isAhead ? exceptions : deviations),
    insert(shell, 'ingest_counters', given.counters),
  ])
  if (isAhead) await insert(shell, 'speed_deviation', deviations)
  await allOver([
    insert(shell, 'watermarks', given.watermarks),
    insert(shell, 'shown_enrolments', given.enrolments),
  ])
  const commits = [...(given.commits ?? [])].map(([partition, offset]) => {
    return commitRead(shell, at, { topic: readingsTopic, partition, offset })
  })
  await allOver(commits)
}

/** A commit never moves back. */
async function commitRead(
  { log, membership }: Pick<Shell, 'log' | 'membership'>,
  { committed, share }: Pick<Following, 'committed' | 'share'>,
  position: LogPosition,
): Promise<void> {
  const { partition, offset } = position
  if (offset <= committed[partition]!) return
  try {
    if (membership) await membership.commit(position, share.get(partition)!)
    else await log.commit(speedGroup, position)
    committed[partition] = offset
  } catch (error) {
    if (!(error instanceof PartitionLostError)) throw error
  }
}

async function insert<Name extends RowSetName>(
  { views }: Pick<Shell, 'views'>,
  rowSet: Name,
  given: Inserted<Name> = [],
): Promise<void> {
  if (countInserted(given) > 0) await views.insert(rowSet, given)
}

/** Fails once all are over: the next try begins no insert that is still under way. */
async function allOver(works: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(works)
  for (const result of results) if (result.status === 'rejected') throw result.reason
}
