import type { RootDatabase } from 'lmdb'
import {
  LogClosedError,
  LogHeldError,
  LogNotWrittenError,
  NoSuchPartitionError,
  PartitionLostError,
} from '../../../../schemas/errors/log.ts'
import { NotFoundError } from '../../../../schemas/errors/wattproofError.ts'
import type { Membership } from '../../../../schemas/ports/log.ts'
import type { Notices } from '../../../../schemas/ports/notices.ts'
import type { EpochMs } from '../../../../schemas/time.ts'
import type { Append, Place, RecordStore } from './appendGroup.ts'
import type { Leases } from './groupLeases.ts'
import type { LogGate } from './logGate.ts'

/** An opened log. */
export type Store = RecordStore & {
  readonly gate: LogGate
  readonly root: RootDatabase<unknown, string[]>
  readonly partitions: Readonly<Record<string, number>>
  readonly leases: Leases
  readonly appended: Notices
  readonly shared: Notices
  readonly joined: Set<Membership>
  readonly nowMs: () => EpochMs
  /** Appends of the next group. */
  readonly waiting: Append[]
  /** Operations that `close` waits for. */
  readonly writing: Set<Promise<unknown>>
  isClosed: boolean
}

/** Runs `write` in a transaction; resolves when it is on disk, not only in the page cache. */
export async function writeDurably<T>(
  store: Store,
  write: () => T,
  options: WriteOptions = {},
): Promise<T> {
  if (!options.isLast) checkOpen(store)
  const written = writeAndFlush(store, write, options)
  store.writing.add(written)
  try {
    return await written
  } catch (error) {
    // LMDB reports the reason through a separate promise; it is on stderr too.
    ;(error as { commitError?: Promise<never> }).commitError?.catch(() => {})
    if (error instanceof LogHeldError || error instanceof PartitionLostError) throw error
    throw new LogNotWrittenError(error)
  } finally {
    store.writing.delete(written)
  }
}

async function writeAndFlush<T>(
  { gate, root }: Store,
  write: () => T,
  { waitMsMax, isDurable = true }: WriteOptions,
): Promise<T> {
  const result = await gate.pass(() => root.transaction(write), waitMsMax)
  if (isDurable) await root.flushed
  return result
}

export type WriteOptions = {
  /** Without it a write waits for the gate for as long as it takes. */
  readonly waitMsMax?: number
  readonly isDurable?: boolean
  /** The log is being closed, and waits for it. */
  readonly isLast?: boolean
}

export function partitionsOf(store: Store, topic: string): number {
  const count = Object.hasOwn(store.partitions, topic) ? store.partitions[topic] : undefined
  if (count === undefined) throw new NotFoundError('topic', topic)
  return count
}

export function checkPlace(store: Store, { topic, partition }: Place): void {
  const count = partitionsOf(store, topic)
  const isThere = Number.isInteger(partition) && partition >= 0 && partition < count
  if (!isThere) throw new NoSuchPartitionError({ topic, partition, partitions: count })
}

export function checkOpen({ isClosed }: Store): void {
  if (isClosed) throw new LogClosedError()
}
