import type { Database } from 'lmdb'
import type { EpochMs } from '../../../../schemas/time.ts'
import { stampRecord } from './packRecord.ts'

export type RecordKey = [topic: string, partition: number, offset: number]
/**
 * `end`, `start`, `logged` (the last stamp) and `commit` of a partition (the last by group),
 * `partitions` of a topic.
 */
export type MarkKey = [kind: string, topic: string, partition: number, group: string]
export type Place = { readonly topic: string; readonly partition: number }
export type Append = {
  readonly at: Place
  readonly packed: readonly Buffer[]
  resolve(first: number): void
  reject(error: unknown): void
}

export type RecordStore = {
  readonly records: Database<Buffer, RecordKey>
  readonly marks: Database<number, MarkKey>
  readonly retainRecordsMax: number
  readonly holders: Readonly<Record<string, readonly string[]>>
}

/** A group takes no further append from here on, so that no transaction is long. */
const groupBytesMax = 32 << 20
/** Most records that one append removes beyond those it adds, so that no transaction is long. */
const removeRecordsMax = 1_000

/** The appends that share the next transaction. */
export function takeGroup(waiting: Append[]): Append[] {
  let bytes = 0
  const last = waiting.findIndex(({ packed }) => {
    for (const each of packed) bytes += each.length
    return bytes >= groupBytesMax
  })
  return waiting.splice(0, last < 0 ? waiting.length : last + 1)
}

/** Records first and marks last, so that what a failure leaves behind is never read. */
export function appendGroup(
  store: RecordStore,
  group: readonly Append[],
  nowMs: EpochMs,
): number[] {
  const places = new Map<string, Ending>()
  const firsts = group.map(({ at, packed }) => {
    const name = `${at.topic}/${at.partition}`
    const place = places.get(name) ?? openEnding(store, at, nowMs)
    places.set(name, place)
    const first = place.end
    for (const bytes of packed) {
      stampRecord(bytes, place.loggedMs)
      store.records.put([at.topic, at.partition, place.end], bytes)
      place.end += 1
    }
    place.added += packed.length
    return first
  })
  for (const { at, end, added, loggedMs } of places.values()) {
    putMark(store, { kind: 'end', ...at, value: end })
    putMark(store, { kind: 'logged', ...at, value: loggedMs })
    retain(store, at, { end, added })
  }
  return firsts
}

/** Where a group of appends ends in a partition, and the stamp of its records. */
type Ending = { readonly at: Place; readonly loggedMs: EpochMs; end: number; added: number }

/** A clock that was set back does not set the log back. */
function openEnding(store: RecordStore, at: Place, nowMs: EpochMs): Ending {
  const loggedMs = Math.max(nowMs, mark(store, 'logged', at))
  return { at, loggedMs, end: mark(store, 'end', at), added: 0 }
}

/** Advances the start of a partition within the transaction of an append. */
function retain(
  store: RecordStore,
  at: Place,
  { end, added }: { end: number; added: number },
): void {
  const surplus = end - store.retainRecordsMax
  // Nothing is removed for ever: its start need not be read.
  if (surplus < 0) return
  const { topic, partition } = at
  const start = mark(store, 'start', at)
  if (surplus <= start) return
  const commits = store.marks.getRange({
    start: ['commit', topic, partition, ''],
    end: ['commit', topic, partition + 1, ''],
    snapshot: false,
  })
  const committed = [...commits].map((entry) => entry.value)
  for (const group of store.holders[topic] ?? []) {
    committed.push(store.marks.get(['commit', topic, partition, group]) ?? start)
  }
  const to = Math.min(surplus, start + added + removeRecordsMax, ...committed)
  for (let offset = start; offset < to; offset++) store.records.remove([topic, partition, offset])
  if (to > start) putMark(store, { kind: 'start', ...at, value: to })
}

export function mark(
  store: RecordStore,
  kind: 'start' | 'end' | 'logged',
  { topic, partition }: Place,
): number {
  return store.marks.get([kind, topic, partition, '']) ?? 0
}

export function putMark(
  store: RecordStore,
  mark: Place & { readonly kind: string; readonly group?: string; readonly value: number },
): void {
  store.marks.put([mark.kind, mark.topic, mark.partition, mark.group ?? ''], mark.value)
}
