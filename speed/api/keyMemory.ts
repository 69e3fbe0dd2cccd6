import type { Log } from '../../schemas/ports/log.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'

/**
 * Which record keys (idempotency key and outcome, see `appendOnce.ts`) recently went into which
 * partition, and the offset of their last record.
 */
export type KeyMemory = {
  find(topic: string, partition: number, key: string): number | undefined
  remember(topic: string, partition: number, entry: { key: string; offset: number }): void
}

export type LoadKeyMemoryParameters = {
  readonly log: Log
  readonly partitions: number
  /** Keys remembered per partition, and records read back for them. */
  readonly keysMax: number
}

/** Records are read back in chunks of this many, at most `bytesMax` per partition. */
const recordsPerRead = 200
const bytesMax = 256 << 20

/** Loads the memory on first use, and again after loading failed. */
export function lazyKeyMemory(parameters: LoadKeyMemoryParameters): () => Promise<KeyMemory> {
  let memory: Promise<KeyMemory> | null = null
  return () => {
    memory ??= loadKeyMemory(parameters).catch((error) => {
      memory = null
      throw error
    })
    return memory
  }
}

/**
 * The memory as it was before this process started, read from the tail of the log. It is stored
 * nowhere else, so that a record and its key are durable together or not at all.
 */
async function loadKeyMemory(parameters: LoadKeyMemoryParameters): Promise<KeyMemory> {
  const memory = createKeyMemory(parameters.keysMax)
  const places = Array.from({ length: parameters.partitions }, (_, partition) => {
    return { topic: readingsTopic, partition }
  })
  for (const place of [...places, { topic: rejectedTopic, partition: 0 }]) {
    const [progress] = (await parameters.log.progress('speed', place.topic)).filter(
      ({ partition }) => partition === place.partition,
    )
    if (progress) await readTail(parameters, memory, { ...place, ...progress })
  }
  return memory
}

/** Backwards in chunks, so that the newest keys are found within the limit on bytes. */
async function readTail(
  { log, keysMax }: LoadKeyMemoryParameters,
  memory: KeyMemory,
  tail: { topic: string; partition: number; start: number; end: number },
): Promise<void> {
  const { topic, partition, end } = tail
  const first = Math.max(tail.start, end - keysMax)
  const found: { key: string; offset: number }[] = []
  let bytes = 0
  for (let to = end; to > first && bytes < bytesMax; to -= recordsPerRead) {
    const from = Math.max(first, to - recordsPerRead)
    const piece = []
    for (let next = from; next < to; ) {
      const records = await log.read({ topic, partition, offset: next }, to - next)
      if (records.length === 0) break
      for (const record of records) {
        bytes += record.value.length
        piece.push({ key: textOf(record.key), offset: record.position.offset })
      }
      next = records.at(-1)!.position.offset + 1
    }
    found.unshift(...piece)
  }
  for (const entry of found) if (entry.key !== '') memory.remember(topic, partition, entry)
}

function createKeyMemory(keysMax: number): KeyMemory {
  const partitions = new Map<string, Map<string, number>>()
  const of = (topic: string, partition: number) => {
    const name = `${topic}/${partition}`
    const known = partitions.get(name) ?? new Map<string, number>()
    partitions.set(name, known)
    return known
  }
  return {
    find: (topic, partition, key) => of(topic, partition).get(key),
    remember: (topic, partition, { key, offset }) => {
      const known = of(topic, partition)
      known.set(key, offset)
      // A Map keeps the order of insertion: the first key is the oldest.
      if (known.size > keysMax) known.delete(known.keys().next().value!)
    },
  }
}

function textOf(key: Uint8Array): string {
  return new TextDecoder().decode(key)
}
