import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Log } from '../../schemas/ports/log.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { createKeyTable, type KeyId, type KeyTable, keyIdOf } from './keyTable.ts'

/**
 * Which record keys (idempotency key and outcome, see `appendOnce.ts`) recently went into which
 * partition, and the offset of their last record.
 */
export type KeyMemory = {
  of(topic: string, partition: number): KeyTable
}

export type LoadKeyMemoryParameters = {
  readonly log: Log
  readonly partitions: number
  /** Keys remembered of all partitions together, and records read back for them. */
  readonly keysMax: number
}

/** Read back of each partition at most; of the last chunk a read's bytes more. */
const bytesMax = 256 << 20
/** Keys of each partition at least, where there are many. */
const keysMin = 10_000
/** Records of the first chunk, before their size is known, and of the largest ones. */
const recordsFirst = 16
const recordsMax = 1_000
/** What a chunk has ordinarily. It is one read, whose own bound holds whatever the records are. */
const chunkBytes = 4 << 20

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
  const { log, partitions, keysMax } = parameters
  const keysEach = Math.max(keysMin, Math.ceil(keysMax / partitions))
  const memory = createKeyMemory(keysEach)
  for (const topic of [readingsTopic, rejectedTopic]) {
    for (const { partition, start, end } of await log.progress('speed', topic)) {
      const tail = { topic, partition, start: Math.max(start, end - keysEach), end }
      await readTail(log, memory.of(topic, partition), tail)
    }
  }
  return memory
}

type Tail = {
  readonly topic: string
  readonly partition: number
  readonly start: number
  readonly end: number
}

/** Backwards in chunks, so that the newest keys are found within the limit on bytes. */
async function readTail(log: Log, table: KeyTable, tail: Tail): Promise<void> {
  let bytes = 0
  let records = recordsFirst
  for (let to = tail.end; to > tail.start && bytes < bytesMax; ) {
    const chunk = await readChunk(log, {
      ...tail,
      start: Math.max(tail.start, to - records),
      end: to,
    })
    bytes += chunk.bytes
    if (chunk.isWhole) {
      for (const { id, offset } of chunk.keys.reverse()) {
        if (!table.rememberOlder(id, offset)) return
      }
      to -= records
    }
    const fitting = Math.floor(chunkBytes / Math.max(1, chunk.bytes / chunk.records))
    const next = chunk.isWhole ? Math.min(fitting, 4 * records) : Math.floor(chunk.records / 2)
    records = Math.max(1, Math.min(recordsMax, next))
    // The server answers others meanwhile.
    await nextTurn()
  }
}

type Chunk = {
  readonly keys: { readonly id: KeyId; readonly offset: number }[]
  readonly records: number
  readonly bytes: number
  /** False when the log returned only the first of them, because they are so large. */
  readonly isWhole: boolean
}

/** Keeps no record: only its key. */
async function readChunk(log: Log, { topic, partition, start, end }: Tail): Promise<Chunk> {
  const records = await log.read({ topic, partition, offset: start }, end - start)
  const bytes = records.reduce((sum, { key, value }) => sum + key.length + value.length, 0)
  const last = records.at(-1)?.position.offset ?? end
  const keys = records.flatMap(({ key, position: { offset } }) => {
    return key.length === 0 || offset >= end ? [] : [{ id: keyIdOf(textOf(key)), offset }]
  })
  const isWhole = last + 1 >= end || end - start === 1
  return { keys, records: Math.max(1, records.length), bytes, isWhole }
}

function createKeyMemory(keysEach: number): KeyMemory {
  const tables = new Map<string, KeyTable>()
  return {
    of(topic, partition) {
      const name = `${topic}/${partition}`
      const known = tables.get(name) ?? createKeyTable(keysEach)
      tables.set(name, known)
      return known
    },
  }
}

function textOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('utf8')
}
