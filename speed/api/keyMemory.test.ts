import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openLmdbLog } from '../../deploy/engines/log/lmdb/lmdbLog.ts'
import type { Log } from '../../schemas/ports/log.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { lazyKeyMemory } from './keyMemory.ts'
import { keyIdOf } from './keyTable.ts'

const dir = mkdtempSync(path.join(tmpdir(), 'keys-'))
const log = await openLmdbLog({ dir, partitions: { [readingsTopic]: 1, [rejectedTopic]: 1 } })
afterAll(async () => {
  await log.close()
  rmSync(dir, { recursive: true })
})

test('keys are read back in pieces of a few MiB, also from records of 400 kB', async () => {
  const small = 2_000
  const large = 120
  await append(small, 100)
  await append(large, 400_000)
  // Older than a chunk of the large ones, and in chunks of their own.
  await append(20, 100)
  const reads: number[] = []
  const counting: Log = {
    ...log,
    async read(from, recordsMax) {
      const records = await log.read(from, recordsMax)
      reads.push(records.reduce((sum, { value }) => sum + value.length, 0))
      return records
    },
  }
  const memory = await lazyKeyMemory({ log: counting, partitions: 1, keysMax: 10_000 })()
  const table = memory.of(readingsTopic, 0)
  const count = small + large + 20
  const offsets = Array.from({ length: count }, (_, offset) => offset)
  expect(offsets.filter((offset) => table.find(keyIdOf(`key ${offset}`)) !== offset)).toEqual([])
  // The second chunk has four times the first one's 16, whose size was small.
  expect(Math.max(...reads)).toBeLessThanOrEqual(64 * 400_000)
  // Nothing is read again, but for what a read had of a chunk that was too large for one.
  const total = large * 400_000
  expect(reads.reduce((sum, bytes) => sum + bytes)).toBeLessThan(2 * total)
  // Then their size is known.
  expect(reads.filter((bytes) => bytes > 5 << 20).length).toBe(1)
})

let appended = 0

async function append(count: number, bytes: number): Promise<void> {
  const value = new Uint8Array(bytes)
  for (let from = 0; from < count; from += 40) {
    const records = Array.from({ length: Math.min(40, count - from) }, () => {
      return { key: new TextEncoder().encode(`key ${appended++}`), value }
    })
    await log.append(readingsTopic, 0, records)
  }
}
