import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { open } from 'lmdb'
import {
  NoGroupNameError,
  PartitionCountError,
  RecordTooLargeError,
} from '../../../../schemas/errors/log.ts'
import {
  type LogPosition,
  type LogRecord,
  type NewRecord,
  readBytesMax,
  valueBytesMax,
} from '../../../../schemas/logRecord.ts'
import type { Log, LogProgress } from '../../../../schemas/ports/log.ts'
import type { WaitOptions } from '../../../../schemas/ports/notices.ts'
import type { EpochMs } from '../../../../schemas/time.ts'
import { openFolderNotices } from '../../notices/folderNotices.ts'
import { waitUntil } from '../../notices/waitUntil.ts'
import {
  type Append,
  appendGroup,
  type MarkKey,
  mark,
  type Place,
  putMark,
  type RecordKey,
  takeGroup,
} from './appendGroup.ts'
import { checkOffset } from './checkOffset.ts'
import { openLogGate } from './logGate.ts'
import { join, members, sinceBootMs } from './logGroups.ts'
import { checkOpen, checkPlace, partitionsOf, type Store, writeDurably } from './logStore.ts'
import { packRecord, unpackRecord } from './packRecord.ts'

export type OpenLmdbLogParameters = {
  readonly dir: string
  /** Every topic with its number of partitions; fixed for the life of the folder. */
  readonly partitions: Readonly<Record<string, number>>
  /**
   * A partition keeps about this many records. Records that a group with any commit here has not
   * committed yet are kept beyond that: a slow group fills the disk, it does not lose records.
   */
  readonly retainRecordsMax?: number
  /** Groups of a topic whose records are kept even before their first commit. */
  readonly holders?: Readonly<Record<string, readonly string[]>>
  /** Stamps the records; the system's clock unless another one drives the installation. */
  readonly nowMs?: () => EpochMs
}

/** A sender waits for its append: it is refused while another process keeps the log. */
const appendWaitMsMax = 1_500
/**
 * The log on LMDB: one folder, any number of processes of one machine.
 *
 * LMDB lets one transaction write at a time, across all processes, so an append takes its
 * offsets and stores its records atomically. A partition ends at its stored `end`: records are
 * written first and `end` last, so leftovers of a failed append are beyond it and never
 * read. Appends that wait for the gate share a transaction and a flush. Opening the folder
 * waits while another process commits, and vice versa: see `logGate.ts`.
 *
 * @throws InvalidArgumentError when the folder was created with another number of partitions.
 */
export async function openLmdbLog(parameters: OpenLmdbLogParameters): Promise<Log> {
  const { dir, partitions, retainRecordsMax, holders = {}, nowMs = Date.now } = parameters
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const gate = openLogGate(dir)
  const store = await gate.pass(async (): Promise<Store> => {
    const root = open<unknown, string[]>({
      path: dir,
      noSubdir: false,
      maxDbs: 4,
      // Each turn's batch would have its own promise, whose rejection nobody handles.
      eventTurnBatching: false,
    })
    // Slots of killed readers would pin old pages forever.
    root.readerCheck()
    return {
      gate,
      root,
      records: root.openDB<Buffer, RecordKey>({ name: 'records', encoding: 'binary' }),
      marks: root.openDB<number, MarkKey>({ name: 'marks', encoding: 'json' }),
      leases: {
        stored: root.openDB({ name: 'leases', encoding: 'json' }),
        partitions,
        nowMs: sinceBootMs,
      },
      partitions,
      retainRecordsMax: retainRecordsMax ?? Number.POSITIVE_INFINITY,
      holders,
      nowMs,
      appended: openFolderNotices(path.join(dir, 'appended')),
      shared: openFolderNotices(path.join(dir, 'shared')),
      joined: new Set(),
      waiting: [],
      writing: new Set(),
      isClosed: false,
    }
  })
  try {
    await keepPartitions(store)
  } catch (error) {
    await close(store)
    throw error
  }
  return {
    append: (topic, partition, records) => append(store, { topic, partition }, records),
    read: (from, recordsMax) => read(store, from, recordsMax),
    commit: (group, position) => commit(store, group, position),
    progress: (group, topic) => progress(store, group, topic),
    waitForRecords: (from, options) => waitForRecords(store, from, options),
    join: (group, options) => join(store, group, options),
    members: (group) => members(store, group),
    close: () => close(store),
  }
}

/** One promise for each, as a server has thousands of them a second; what is thrown rejects it. */
function append(store: Store, at: Place, records: readonly NewRecord[]): Promise<number> {
  return new Promise((resolve, reject) => {
    checkPlace(store, at)
    for (const { value } of records) {
      const bytes = value.length
      if (bytes > valueBytesMax) throw new RecordTooLargeError({ bytes, bytesMax: valueBytesMax })
    }
    // Packed outside the transaction: other processes wait while one runs, and the caller may
    // reuse its buffers as soon as this function returns.
    const packed = records.map(packRecord)
    checkOpen(store)
    store.waiting.push({ at, packed, resolve, reject })
    // Later ones join the group that waits already.
    if (store.waiting.length === 1) void writeGroup(store)
  })
}

/**
 * Appends that wait when the gate opens are one group: one transaction, one flush, and the ends of
 * each partition once. The slower the disk, the larger the groups.
 */
async function writeGroup(store: Store): Promise<void> {
  let group: Append[] = []
  try {
    const take = () => {
      group = takeGroup(store.waiting)
      if (store.waiting.length > 0) void writeGroup(store)
      return appendGroup(store, group, store.nowMs())
    }
    const firsts = await writeDurably(store, take, { waitMsMax: appendWaitMsMax })
    for (const [index, { resolve }] of group.entries()) resolve(firsts[index]!)
    store.appended.announce()
  } catch (error) {
    // The gate was never passed: nobody else will take those that wait.
    if (group.length === 0) group = store.waiting.splice(0)
    for (const { reject } of group) reject(error)
  }
}

async function read(
  store: Store,
  from: LogPosition,
  recordsMax: number,
): Promise<readonly LogRecord[]> {
  checkPlace(store, from)
  checkOffset(from.offset)
  checkOpen(store)
  const { topic, partition } = from
  // Another process may have committed within this turn of our event loop.
  store.root.resetReadTxn()
  const end = mark(store, 'end', from)
  const start = Math.max(from.offset, mark(store, 'start', from))
  const range = store.records.getRange({
    start: [topic, partition, start],
    end: [topic, partition, end],
    limit: Math.max(0, Math.min(recordsMax, end - start)),
  })
  const records: LogRecord[] = []
  let bytes = 0
  for (const { key, value } of range) {
    records.push({ position: { topic, partition, offset: key[2] }, ...unpackRecord(value) })
    bytes += value.length
    if (bytes >= readBytesMax) break
  }
  return records
}

async function commit(store: Store, group: string, position: LogPosition): Promise<void> {
  checkPlace(store, position)
  checkOffset(position.offset)
  if (group === '') throw new NoGroupNameError()
  await writeDurably(store, () => {
    putMark(store, { kind: 'commit', ...position, group, value: position.offset })
  })
}

async function progress(
  store: Store,
  group: string,
  topic: string,
): Promise<readonly LogProgress[]> {
  checkOpen(store)
  store.root.resetReadTxn()
  return Array.from({ length: partitionsOf(store, topic) }, (_, partition) => {
    const at = { topic, partition }
    const start = mark(store, 'start', at)
    const committed = store.marks.get(['commit', topic, partition, group]) ?? start
    return { partition, start, committed, end: mark(store, 'end', at) }
  })
}

async function waitForRecords(
  store: Store,
  from: readonly LogPosition[],
  options: WaitOptions,
): Promise<void> {
  for (const position of from) {
    checkPlace(store, position)
    checkOffset(position.offset)
  }
  const isThere = () => {
    checkOpen(store)
    store.root.resetReadTxn()
    return from.some((position) => mark(store, 'end', position) > position.offset)
  }
  await waitUntil(isThere, store.appended, options)
}

/** Earlier requests are finished; later ones are refused. */
async function close(store: Store): Promise<void> {
  store.isClosed = true
  // The others need not wait for the leases to end; they do where that cannot be stored.
  await Promise.allSettled([...store.joined].map((each) => each.leave()))
  store.appended.close()
  store.shared.close()
  await Promise.allSettled(store.writing)
  await store.root.close()
  await store.gate.close()
}

/** A meter's partition depends on their number, so it must not change once records are stored. */
async function keepPartitions(store: Store): Promise<void> {
  const differing = await writeDurably(store, () =>
    Object.entries(store.partitions).filter(([topic, count]) => {
      const key: MarkKey = ['partitions', topic, 0, '']
      const kept = store.marks.get(key)
      if (kept === undefined) store.marks.put(key, count)
      return kept !== undefined && kept !== count
    }),
  )
  if (differing.length > 0) throw new PartitionCountError({ asked: Object.fromEntries(differing) })
}
