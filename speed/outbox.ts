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
  outbox.writing ??= publish(shell, first, following.committed).then(
    () => null,
    (error: unknown) => ({ error }),
  )
}

/**
 * Sums, rows and ingest counters at once, of many rows the exceptions before the others; then the
 * watermark that promises them, then the commit. A kill in between leaves sums that are ahead of
 * their meters' rows; what comes after it writes all of them again.
 *
 * @param committed offsets of the group, which a commit never moves back. `[partition]`
 */
export async function publish(
  shell: Pick<Shell, 'views' | 'log'>,
  given: Publication,
  committed: number[],
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
  const commits = [...(given.commits ?? [])].map(async ([partition, offset]) => {
    if (offset <= committed[partition]!) return
    await shell.log.commit(speedGroup, { topic: readingsTopic, partition, offset })
    committed[partition] = offset
  })
  await allOver(commits)
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
