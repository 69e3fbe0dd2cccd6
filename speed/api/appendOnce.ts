import { hash } from 'node:crypto'
import type { NewRecord } from '../../schemas/logRecord.ts'
import type { Log } from '../../schemas/ports/log.ts'
import { encodeDeadLetter } from '../../schemas/reading/deadLetter.ts'
import type { Rejection } from '../../schemas/reading/reading.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import type { FramesByPartition } from '../ingest/framesOf.ts'
import type { KeyMemory } from './keyMemory.ts'
import { type KeyId, keyIdOf } from './keyTable.ts'

export type AppendOnceParameters = {
  readonly log: Log
  /** Null without a key. */
  readonly memory: KeyMemory | null
  /** Empty: the client accepts duplicates. A client's own key contains no space. */
  readonly key: string
  readonly readings: FramesByPartition
  readonly rejections: readonly Rejection[]
  readonly nowMs: EpochMs
}

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
  const parts = [...request.readings]
  // In parallel, so that the appends share one flush.
  const [positions, rejectedPosition] = await Promise.all([
    Promise.all(
      parts.map(async ([partition, { frames, rows }]) => {
        return { partition, rows, ...(await appendReadings(request, partition, frames)) }
      }),
    ),
    appendRejections(request),
  ])
  const known = positions.filter(({ isKnown }) => isKnown)
  return {
    position: Object.fromEntries(positions.map(({ partition, offset }) => [partition, offset])),
    rejectedPosition,
    repeated: known.reduce((sum, { rows }) => sum + rows, 0),
  }
}

/**
 * Whether all readings are in the log by an earlier request of this key: then nothing that was
 * decided since is an answer to them.
 */
export function areAppended(
  { memory, key }: Pick<AppendOnceParameters, 'memory' | 'key'>,
  readings: FramesByPartition,
): boolean {
  if (key === '' || readings.size === 0) return false
  return [...readings].every(([partition, { frames }]) => {
    const id = keyIdOf(nameOf(key, frames))
    return memory!.of(readingsTopic, partition).find(id) !== undefined
  })
}

type Appended = {
  /** Of the last record. */
  readonly offset: number
  /** Whether an earlier request has put it there. */
  readonly isKnown: boolean
}

async function appendReadings(
  { log, memory, key }: AppendOnceParameters,
  partition: number,
  values: readonly Uint8Array[],
): Promise<Appended> {
  const name = nameOf(key, values)
  const bytes = encoder.encode(name)
  const records = values.map((value) => ({ key: bytes, value }))
  const append = async () =>
    (await log.append(readingsTopic, partition, records)) + records.length - 1
  if (name === '') return { offset: await append(), isKnown: false }
  const id = keyIdOf(name)
  const table = memory!.of(readingsTopic, partition)
  const known = table.find(id)
  if (known !== undefined) return { offset: known, isKnown: true }
  const offset = await append()
  table.remember(id, offset)
  return { offset, isKnown: false }
}

/** The offset of the last dead letter of this request; null without any. */
async function appendRejections(request: AppendOnceParameters): Promise<number | null> {
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
  if (fresh.length === 0) return last
  const records = fresh.map(({ record }) => record)
  const first = await log.append(rejectedTopic, 0, records)
  for (const [index, { id }] of fresh.entries()) table?.remember(id, first + index)
  return first + fresh.length - 1
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
  const prefixed = parts.flatMap((part) => [encoder.encode(`${part.length} `), part])
  return hash('sha256', Buffer.concat(prefixed), 'hex').slice(0, 32)
}
