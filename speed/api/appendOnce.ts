import { hash } from 'node:crypto'
import { partitionOf } from '../../schemas/ids.ts'
import type { Log } from '../../schemas/ports/log.ts'
import { encodeDeadLetter } from '../../schemas/reading/deadLetter.ts'
import type { Reading, Rejection } from '../../schemas/reading/reading.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { framesOf } from '../ingest/framesOf.ts'
import type { KeyMemory } from './keyMemory.ts'
import { keyIdOf } from './keyTable.ts'

export type AppendOnceParameters = {
  readonly log: Log
  /** Null without a key. */
  readonly memory: KeyMemory | null
  readonly partitions: number
  /** Empty: the client accepts duplicates. A client's own key contains no space. */
  readonly key: string
  readonly readings: readonly Reading[]
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
 */
export async function appendOnce(request: AppendOnceParameters): Promise<AppendOnceReturnType> {
  const { readings, rejections, partitions, nowMs } = request
  const frames = [...framesOf(readings, partitions)]
  const deadLetters = rejections.map((each) => encodeDeadLetter(each, nowMs))
  const said = rejections.map(wordsOf)
  // In parallel, so that the appends share one flush.
  const [positions, rejectedPosition] = await Promise.all([
    Promise.all(
      frames.map(async ([partition, values]) => {
        const part = { partition, values, outcome: values }
        return { partition, ...(await appendTo(request, readingsTopic, part)) }
      }),
    ),
    deadLetters.length === 0
      ? null
      : appendTo(request, rejectedTopic, { partition: 0, values: deadLetters, outcome: said }),
  ])
  const known = new Set(positions.filter(({ isKnown }) => isKnown).map((each) => each.partition))
  return {
    position: Object.fromEntries(positions.map(({ partition, offset }) => [partition, offset])),
    rejectedPosition: rejectedPosition?.offset ?? null,
    repeated: readings.filter(({ meter }) => known.has(partitionOf(meter, partitions))).length,
  }
}

type Part = {
  readonly partition: number
  readonly values: readonly Uint8Array[]
  /** Two outcomes with equal parts are the same. */
  readonly outcome: readonly Uint8Array[]
}

type Appended = {
  /** Of the last record. */
  readonly offset: number
  /** Whether an earlier request has put it there. */
  readonly isKnown: boolean
}

async function appendTo(
  { log, memory, key }: AppendOnceParameters,
  topic: string,
  { partition, values, outcome }: Part,
): Promise<Appended> {
  const name = key === '' ? '' : `${key} ${digestOf(outcome)}`
  const bytes = encoder.encode(name)
  const records = values.map((value) => ({ key: bytes, value }))
  const append = async () => (await log.append(topic, partition, records)) + records.length - 1
  if (name === '') return { offset: await append(), isKnown: false }
  const id = keyIdOf(name)
  const table = memory!.of(topic, partition)
  const known = table.find(id)
  if (known !== undefined) return { offset: known, isKnown: true }
  const offset = await append()
  table.remember(id, offset)
  return { offset, isKnown: false }
}

const encoder = new TextEncoder()

/** A dead letter without its time and the sender's address: a retry has others. */
function wordsOf({ reason, index, line, column, readAs, original }: Rejection): Uint8Array {
  const words = `${reason} ${index} ${line} ${column} ${readAs} `
  return Buffer.concat([new TextEncoder().encode(words), original])
}

/** 128 bits; each part is prefixed with its length, so that different lists cannot collide. */
function digestOf(parts: readonly Uint8Array[]): string {
  const prefixed = parts.flatMap((part) => [encoder.encode(`${part.length} `), part])
  return hash('sha256', Buffer.concat(prefixed), 'hex').slice(0, 32)
}
