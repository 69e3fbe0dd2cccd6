import { setImmediate as nextTurn } from 'node:timers/promises'
import type { LogRecord } from '../../schemas/logRecord.ts'
import type { Log } from '../../schemas/ports/log.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { createKeyTable, type KeyTable, keyIdOf } from './keyTable.ts'

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

/**
 * Records are read back in chunks of this many, at most `bytesMax` of each partition, and at least
 * as many as `keysMin` keys where there are many partitions.
 */
const recordsPerRead = 1_000
const bytesMax = 256 << 20
const keysMin = 10_000

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
  const { topic, partition, start } = tail
  let bytes = 0
  for (let to = tail.end; to > start && bytes < bytesMax; to -= recordsPerRead) {
    const records: LogRecord[] = []
    for (let next = Math.max(start, to - recordsPerRead); next < to; ) {
      const more = await log.read({ topic, partition, offset: next }, to - next)
      if (more.length === 0) break
      records.push(...more)
      next = more.at(-1)!.position.offset + 1
    }
    for (const { key, value, position } of records.reverse()) {
      bytes += value.length
      if (key.length === 0) continue
      if (!table.rememberOlder(keyIdOf(textOf(key)), position.offset)) return
    }
    // The server answers others meanwhile.
    await nextTurn()
  }
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
