import { hash } from 'node:crypto'
import type { NewRecord } from '../../schemas/logRecord.ts'
import type { Log } from '../../schemas/ports/log.ts'
import { encodeDeadLetter } from '../../schemas/reading/deadLetter.ts'
import type { Rejection } from '../../schemas/reading/reading.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import type { FramesByPartition, PartitionFrames } from '../ingest/framesOf.ts'
import type { KeyMemory } from './keyMemory.ts'
import { type KeyId, keyIdOf } from './keyTable.ts'

export type AppendOnceParameters = {
  readonly log: Log
  /** Null without a key. */
  readonly memory: KeyMemory | null
  /** Empty: the client accepts duplicates. A client's own key contains no space. */
  readonly key: string
  readonly readings: FramesByPartition
  /** Keys of the records of `readings`, where they are known already. */
  readonly keys?: RecordKeys
  readonly rejections: readonly Rejection[]
  readonly nowMs: EpochMs
}

/** The keys of the records of a request, by partition; empty without a key. */
export type RecordKeys = ReadonlyMap<number, RecordKey>

type RecordKey = { readonly bytes: Uint8Array; readonly id: KeyId }

export type AppendOnceReturnType = {
  /** Offset of the last record of this request in each partition of `readings.v1`. */
  readonly position: Readonly<Record<string, number>>
  /** The same for `readings.v1.rejected`; null when nothing was rejected. */
  readonly rejectedPosition: number | null
  /** Readings that are in the log by an earlier request of this key, not by this one. */
  readonly repeated: number
}

/**
 * Appends readings and dead letters to the log, but nothing that this key has already put into a
 * partition. Resolves when all of it is durable.
 *
 * A key is remembered with its outcome in each partition. Sent again after a meter was enrolled,
 * the same bytes have another outcome: it is appended in full, and the layers absorb what repeats
 * as duplicates. The key of each record contains both, and the records of one append are in the
 * log together or not at all, so finding one record proves that all are there.
 *
 * Nothing absorbs dead letters that repeat, so each has its own key: what was refused once is not
 * refused again, although other rows of its request are read now or its reason is another one.
 */
export async function appendOnce(request: AppendOnceParameters): Promise<AppendOnceReturnType> {
  const { key, readings, keys = keysOf(key, readings) } = request
  const outcome: Outcome = { position: {}, rejectedPosition: null, repeated: 0 }
  const appends: Promise<void>[] = []
  for (const [partition, frames] of readings) {
    appends.push(appendReadings(request, { partition, frames, key: keys.get(partition) }, outcome))
  }
  if (request.rejections.length > 0) appends.push(appendRejections(request, outcome))
  // In parallel, so that the appends share one flush; most requests have one.
  await (appends.length === 1 ? appends[0] : Promise.all(appends))
  return outcome
}

/** What each record's key is made of is long: it is hashed once a request. */
export function keysOf(key: string, readings: FramesByPartition): RecordKeys {
  const keys = new Map<number, { bytes: Uint8Array; id: KeyId }>()
  if (key === '') return keys
  for (const [partition, { frames }] of readings) {
    const name = nameOf(key, frames)
    keys.set(partition, { bytes: encoder.encode(name), id: keyIdOf(name) })
  }
  return keys
}

/**
 * Whether all readings are in the log by an earlier request of this key: then nothing that was
 * decided since is an answer to them.
 */
export function areAppended(memory: KeyMemory | null, keys: RecordKeys): boolean {
  if (memory === null || keys.size === 0) return false
  for (const [partition, { id }] of keys) {
    if (memory.of(readingsTopic, partition).find(id) === undefined) return false
  }
  return true
}

/** What the appends of a request have come to so far. */
type Outcome = {
  position: Record<string, number>
  rejectedPosition: number | null
  repeated: number
}

type Part = {
  readonly partition: number
  readonly frames: PartitionFrames
  /** Absent where the client gave none. */
  readonly key: RecordKey | undefined
}

async function appendReadings(
  { log, memory }: AppendOnceParameters,
  { partition, frames: { frames, rows }, key }: Part,
  outcome: Outcome,
): Promise<void> {
  const table = key && memory!.of(readingsTopic, partition)
  const known = key && table!.find(key.id)
  if (known !== undefined) {
    outcome.position[partition] = known
    outcome.repeated += rows
    return
  }
  const records = frames.map((value) => ({ key: key?.bytes ?? noKey, value }))
  const offset = (await log.append(readingsTopic, partition, records)) + records.length - 1
  if (key) table!.remember(key.id, offset)
  outcome.position[partition] = offset
}

const noKey = new Uint8Array(0)

/** The position is the offset of the last dead letter of this request. */
async function appendRejections(request: AppendOnceParameters, outcome: Outcome): Promise<void> {
  const { log, memory, key, rejections, nowMs } = request
  const table = key === '' ? null : memory!.of(rejectedTopic, 0)
  const fresh: { readonly id: KeyId; readonly record: NewRecord }[] = []
  let last: number | null = null
  for (const rejection of rejections) {
    const name = nameOf(key, [wordsOf(rejection)])
    const id = keyIdOf(name)
    const known = table?.find(id)
    if (known !== undefined) last = Math.max(last ?? 0, known)
    else {
      const value = encodeDeadLetter(rejection, nowMs)
      fresh.push({ id, record: { key: encoder.encode(name), value } })
    }
  }
  outcome.rejectedPosition = last
  if (fresh.length === 0) return
  const records = fresh.map(({ record }) => record)
  const first = await log.append(rejectedTopic, 0, records)
  for (const [index, { id }] of fresh.entries()) table?.remember(id, first + index)
  outcome.rejectedPosition = first + fresh.length - 1
}

const encoder = new TextEncoder()

/** Two outcomes of one key with equal parts have one name; empty without a key. */
function nameOf(key: string, outcome: readonly Uint8Array[]): string {
  return key === '' ? '' : `${key} ${digestOf(outcome)}`
}

/**
 * A dead letter without its time, its reason and the sender's address: a retry has others. A stamp
 * off the grid is `in-the-future` now and `overlap` a minute later.
 */
function wordsOf({ index, line, column, readAs, original }: Rejection): Uint8Array {
  return Buffer.concat([encoder.encode(`${index} ${line} ${column} ${readAs} `), original])
}

/** 128 bits; each part is prefixed with its length, so that different lists cannot collide. */
function digestOf(parts: readonly Uint8Array[]): string {
  const prefixed: Uint8Array[] = []
  for (const part of parts) prefixed.push(Buffer.from(`${part.length} `, 'latin1'), part)
  return hash('sha256', Buffer.concat(prefixed), 'hex').slice(0, 32)
}
