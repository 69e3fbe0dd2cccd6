import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLmdbLog } from '../deploy/engines/log/lmdb/lmdbLog.ts'
import { deviationDefaults } from '../schemas/deviation/options.ts'
import type { MeterId } from '../schemas/ids.ts'
import type { Log } from '../schemas/ports/log.ts'
import { encodeFrame } from '../schemas/reading/frame.ts'
import { aReading } from '../schemas/reading/testing/aReading.ts'
import { readingsTopic } from '../schemas/topics.ts'
import type { Following, Shell } from './following.ts'
import { createSpeedState } from './microbatch/speedState.ts'
import { readBatch } from './readBatch.ts'

/** A single one, so that the order is known; a micro-batch has at most 20,000 readings. */
const partitions = 1
const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-read-batch-'))
const small = 50_000
const large = 3
const rowsOfLarge = 15_000

let log: Log
let reads = 0
beforeAll(async () => {
  log = await openLmdbLog({ dir, partitions: { [readingsTopic]: partitions } })
  const one = { key: new Uint8Array(), value: frameOf(1) }
  const many = { key: new Uint8Array(), value: frameOf(rowsOfLarge) }
  for (let left = small; left > 0; left -= 10_000) {
    await log.append(
      readingsTopic,
      0,
      Array.from({ length: 10_000 }, () => one),
    )
  }
  await log.append(
    readingsTopic,
    0,
    Array.from({ length: large }, () => many),
  )
})
afterAll(async () => {
  await log.close()
  rmSync(dir, { recursive: true, force: true })
})

test('a batch is bounded by its readings, of a record three at least, in few reads', async () => {
  const batches: { readonly records: number; readonly readings: number }[] = []
  for (let next = 0; ; ) {
    const records = await readFrom(next)
    if (records.length === 0) break
    const readings = records.reduce((sum, { columns }) => sum + columns.rows, 0)
    batches.push({ records: records.length, readings })
    next += records.length
  }
  // The last ones are of 15,000 readings: the record that goes beyond the bound is the last.
  expect(batches).toEqual([
    { records: 20_000, readings: 20_000 },
    { records: 20_000, readings: 20_000 },
    { records: 10_002, readings: 40_000 },
    { records: 1, readings: 15_000 },
  ])
  // A first look at each batch, the rest of it by the size of what was seen, and the end.
  expect(reads).toBeLessThanOrEqual(3 * batches.length + 1)
})

test('a replay stops at its last offsets', async () => {
  expect(await readFrom(0, [70])).toHaveLength(70)
  expect(await readFrom(70, [70])).toEqual([])
})

function frameOf(rows: number): Uint8Array {
  return encodeFrame(
    Array.from({ length: rows }, (_, row) => aReading({ meter: `m${row}` as MeterId })),
  )
}

function readFrom(next: number, until?: readonly number[]) {
  const options = { ...deviationDefaults, latenessS: 0, cellsMax: 1_000 }
  const basis = { generation: 0, revision: 0, highWaterMs: Number.NEGATIVE_INFINITY }
  const state = createSpeedState({ ...basis, meters: [], partitions, options })
  const counted: Log = {
    ...log,
    read: (from, count) => {
      reads += 1
      return log.read(from, count)
    },
  }
  const shell = { log: counted, partitions } as unknown as Shell
  const share = new Map([[0, 0]])
  const following = { state, share, next: [next] } as unknown as Following
  return readBatch(shell, following, until)
}
