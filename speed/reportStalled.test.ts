import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLmdbLog } from '../deploy/engines/log/lmdb/lmdbLog.ts'
import type { Log } from '../schemas/ports/log.ts'
import { readingsTopic, rejectedTopic } from '../schemas/topics.ts'
import { createStalledReporter } from './reportStalled.ts'

const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-stalled-'))
let log: Log

beforeAll(async () => {
  log = await openLmdbLog({ dir, partitions: { [readingsTopic]: 2, [rejectedTopic]: 1 } })
})
afterAll(async () => {
  await log.close()
  rmSync(dir, { recursive: true, force: true })
})

test('lag that stands still is reported once, and once that it moves again', async () => {
  const reports: string[] = []
  let nowMs = 0
  const look = createStalledReporter(
    { log, report: (sentence) => reports.push(sentence) },
    () => nowMs,
  )
  const lookAt = async (atMs: number) => {
    nowMs = atMs
    await look()
  }
  await lookAt(0)
  const record = { key: new Uint8Array(), value: new Uint8Array() }
  await log.append(readingsTopic, 1, [record, record])
  await lookAt(100_000)
  expect(reports).toEqual([])
  for (const atMs of [130_000, 135_000, 140_000]) await lookAt(atMs)
  const stalled = 'The speed layer has committed nothing for 30 s; 2 records wait.'
  expect(reports).toEqual([stalled])
  // One of the two: there is lag, and it moves.
  await log.commit('speed', { topic: readingsTopic, partition: 1, offset: 1 })
  for (const atMs of [141_000, 145_000]) await lookAt(atMs)
  expect(reports).toEqual([stalled, 'The speed layer commits records again.'])
  await lookAt(180_000)
  expect(reports).toHaveLength(3)
})
