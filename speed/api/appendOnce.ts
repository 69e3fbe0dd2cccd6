import { createHash } from 'node:crypto'
import { encodeDeadLetter } from '../../schemas/deadLetter.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Reading, Rejection } from '../../schemas/reading.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { framesOf } from '../ingest/framesOf.ts'
import type { KeyMemory } from './keyMemory.ts'

export type AppendOnceParameters = {
  readonly log: Log
  readonly memory: KeyMemory
  readonly partitions: number
  /** Empty: the client does not mind being counted twice. A client's own key holds no space. */
  readonly key: string
  readonly readings: readonly Reading[]
  readonly rejections: readonly Rejection[]
  readonly nowMs: EpochMs
}

export type AppendOnceReturnType = {
  /** Offset of the last record this request has in each partition of `readings.v1`. */
  readonly position: Readonly<Record<string, number>>
  /** The same in `readings.v1.rejected`; null when nothing was refused. */
  readonly rejectedPosition: number | null
}

/**
 * Puts readings and dead letters into the log; what this key already put into a partition is not
 * put there again. Resolves when all of it is durable.
 *
 * A key is known together with the outcome it had in a partition. Sent again after a meter was
 * enrolled, the same bytes have another outcome: that is appended whole, and what it repeats is
 * absorbed by the layers as duplicates. Both stand in the key of each record, and the records of
 * one append are in the log together or not at all, so any one of them tells that all are there.
 */
export async function appendOnce(request: AppendOnceParameters): Promise<AppendOnceReturnType> {
  const { readings, rejections, partitions, nowMs } = request
  const frames = [...framesOf(readings, partitions)]
  const deadLetters = rejections.map((each) => encodeDeadLetter(each, nowMs))
  const said = rejections.map(wordsOf)
  // At once, so that the appends share one flush.
  const [positions, rejectedPosition] = await Promise.all([
    Promise.all(
      frames.map(async ([partition, values]) => {
        const part = { partition, values, outcome: values }
        return [partition, await appendTo(request, readingsTopic, part)] as const
      }),
    ),
    deadLetters.length === 0
      ? null
      : appendTo(request, rejectedTopic, { partition: 0, values: deadLetters, outcome: said }),
  ])
  return { position: Object.fromEntries(positions), rejectedPosition }
}

type Part = {
  readonly partition: number
  readonly values: readonly Uint8Array[]
  /** What makes two outcomes the same. */
  readonly outcome: readonly Uint8Array[]
}

async function appendTo(
  { log, memory, key }: AppendOnceParameters,
  topic: string,
  { partition, values, outcome }: Part,
): Promise<number> {
  const name = key === '' ? '' : `${key} ${digestOf(outcome)}`
  const known = name === '' ? undefined : memory.find(topic, partition, name)
  if (known !== undefined) return known
  const bytes = new TextEncoder().encode(name)
  const records = values.map((value) => ({ key: bytes, value }))
  const offset = (await log.append(topic, partition, records)) + records.length - 1
  if (name !== '') memory.remember(topic, partition, { key: name, offset })
  return offset
}

/** A letter without the moment it was written and the address it came from: a retry has others. */
function wordsOf({ reason, index, source, original }: Rejection): Uint8Array {
  const words = `${reason} ${index} ${source.slice(source.lastIndexOf('?'))} `
  return Buffer.concat([new TextEncoder().encode(words), original])
}

/** 128 bits; each part under its length, so that no two lists of parts read alike. */
function digestOf(parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length} `).update(part)
  return hash.digest('hex').slice(0, 32)
}
