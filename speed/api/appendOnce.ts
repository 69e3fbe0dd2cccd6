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
  /** Empty: the client does not mind being counted twice. */
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
 */
export async function appendOnce(request: AppendOnceParameters): Promise<AppendOnceReturnType> {
  const { readings, rejections, partitions, nowMs } = request
  const frames = [...framesOf(readings, partitions)]
  const letters = rejections.map((each) => encodeDeadLetter(each, nowMs))
  // At once, so that the appends share one flush.
  const [positions, rejectedPosition] = await Promise.all([
    Promise.all(
      frames.map(async ([partition, values]) => {
        return [partition, await appendTo(request, readingsTopic, { partition, values })] as const
      }),
    ),
    letters.length === 0
      ? null
      : appendTo(request, rejectedTopic, { partition: 0, values: letters }),
  ])
  return { position: Object.fromEntries(positions), rejectedPosition }
}

async function appendTo(
  { log, memory, key }: AppendOnceParameters,
  topic: string,
  { partition, values }: { partition: number; values: readonly Uint8Array[] },
): Promise<number> {
  const known = key === '' ? undefined : memory.find(topic, partition, key)
  if (known !== undefined) return known
  const bytes = new TextEncoder().encode(key)
  const records = values.map((value) => ({ key: bytes, value }))
  const offset = (await log.append(topic, partition, records)) + records.length - 1
  if (key !== '') memory.remember(topic, partition, { key, offset })
  return offset
}
