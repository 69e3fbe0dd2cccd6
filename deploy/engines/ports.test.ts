import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { holders, readingsTopic } from '../../schemas/topics.ts'
import { readConfig } from '../installation/config.ts'
import { openLog } from './ports.ts'

test.each([
  [{ WATTPROOF_LOG_RETAIN_RECORDS: '10000' }, 5],
  [{}, 0],
])('with %j the log starts at the expected offset', async (environment, start) => {
  const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-ports-'))
  const log = await openLog(readConfig({ WATTPROOF_DIR: dir, ...environment }, {}))
  const record = { key: new Uint8Array(), value: new Uint8Array() }
  await log.append(readingsTopic, 0, Array(10_004).fill(record))
  const startOf = async () => (await log.progress('speed', readingsTopic))[0]!.start
  // No group has committed anything.
  expect(await startOf()).toBe(0)
  for (const group of holders[readingsTopic]!) {
    await log.commit(group, { topic: readingsTopic, partition: 0, offset: 10_004 })
  }
  await log.append(readingsTopic, 0, [record])
  // 10,005 appended, 10,000 kept.
  expect(await startOf()).toBe(start)
  await log.close()
  rmSync(dir, { recursive: true })
})

test('fewer records than the idempotency keys need are refused', () => {
  const little = { WATTPROOF_LOG_RETAIN_RECORDS: '9999' }
  expect(() => readConfig({}, little)).toThrow('WATTPROOF_LOG_RETAIN_RECORDS')
})
