import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLmdbLog } from '../../../deploy/engines/log/lmdb/lmdbLog.ts'
import type { Log } from '../../../schemas/ports/log.ts'
import { readingsTopic, rejectedTopic } from '../../../schemas/topics.ts'
import type { Status } from '../../shapes/status.ts'
import { createLagReader, describeReader, describeSpeed } from './readLag.ts'

const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-lag-'))
let log: Log

beforeAll(async () => {
  log = await openLmdbLog({ dir, partitions: { [readingsTopic]: 1, [rejectedTopic]: 1 } })
})
afterAll(async () => {
  await log.close()
  rmSync(dir, { recursive: true, force: true })
})

test('who reads what is said by machine and process, and nobody where nobody does', async () => {
  const readers = async () => (await createLagReader(log)()).map(({ reader }) => reader)
  expect(await readers()).toEqual([null, null, null, null])
  const member = { topics: [readingsTopic, rejectedTopic], leaseMs: 60_000, name: 'host:7' }
  const membership = await log.join('archive', member)
  expect(await readers()).toEqual([null, null, 'host:7', 'host:7'])
  await membership.leave()
  expect(await readers()).toEqual([null, null, null, null])
})

test('a layer is behind, stalled after half a minute without progress, and ok again', async () => {
  let nowMs = 0
  const readLag = createLagReader(log, () => nowMs)
  const stateAt = async (atMs: number) => {
    nowMs = atMs
    const lag = await readLag()
    return [describeReader('speed', lag), describeReader('archive', lag)] as const
  }
  expect((await stateAt(0))[0].state).toBe('waiting')
  const record = { key: new Uint8Array(), value: new Uint8Array() }
  await log.append(readingsTopic, 0, [record, record, record])
  expect((await stateAt(1_000))[0]).toEqual({
    state: 'behind',
    sentence: '3 records of the log wait to be read.',
  })
  await log.commit('archive', { topic: readingsTopic, partition: 0, offset: 1 })
  const [speed, archive] = await stateAt(31_000)
  expect(speed).toEqual({
    state: 'stalled',
    sentence: '3 records of the log wait to be read; in 30 s none was.',
  })
  // It has read one since.
  expect(archive.state).toBe('behind')
  expect((await readLag()).map((each) => each.stalledS)).toEqual([30, null, null, null])
  await log.commit('speed', { topic: readingsTopic, partition: 0, offset: 3 })
  expect((await stateAt(32_000))[0]).toEqual({
    state: 'ok',
    sentence: 'Everything in the log has been read.',
  })
})

test('a speed layer is behind until a new generation and enrolments are shown', async () => {
  const lag = await createLagReader(log)()
  const stateAfter = (shown: readonly number[], isEnrolmentShown = true) => {
    const watermarks = shown.map((generation, partition) => ({
      ...{ partition, generation, watermark: '2013-02-11T00:00:00.000Z' },
    }))
    const generation = { generation: 3 } as NonNullable<Status['generation']>
    return describeSpeed(lag, { watermarks, generation, isEnrolmentShown })
  }
  expect(describeReader('speed', lag).state).toBe('ok')
  expect(stateAfter([2, 2])).toEqual({
    state: 'behind',
    sentence:
      'Everything in the log has been read, but generation 3 is not fully published yet; ' +
      'some figures are missing or from generation 2.',
  })
  expect(stateAfter([3, 3]).state).toBe('ok')
  expect(stateAfter([3, 3], false)).toEqual({
    state: 'behind',
    sentence:
      'Everything in the log has been read, but the newest enrolments are not fully published ' +
      'yet; some figures are by former ones.',
  })
  expect(stateAfter([2, 2], false)).toEqual(stateAfter([2, 2]))
  // No reading has been shown yet.
  expect([stateAfter([]).state, stateAfter([], false).state]).toEqual(['ok', 'ok'])
})
