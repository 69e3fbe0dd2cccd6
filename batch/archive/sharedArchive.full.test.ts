import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../deploy/engines/clock/systemClock.ts'
import { openLmdbLog } from '../../deploy/engines/log/lmdb/lmdbLog.ts'
import { openClickHouseViews } from '../../deploy/engines/views/clickhouseViews.ts'
import { startTestClickHouse } from '../../deploy/testing/testClickHouse.ts'
import { meterId, partitionOf } from '../../schemas/ids.ts'
import type { Log } from '../../schemas/ports/log.ts'
import { encodeFrame } from '../../schemas/reading/frame.ts'
import { aReading } from '../../schemas/reading/testing/aReading.ts'
import { archiveGroup } from './archiving.ts'
import { runArchive } from './runArchive.ts'

const partitions = { 'readings.v1': 4, 'readings.v1.rejected': 1 }
const stepMs = 1_800_000
const startMs = Date.UTC(2013, 0, 7)
const meters = Array.from({ length: 12 }, (_, index) => `M${index}`)

test('archives share partitions, one goes and another comes: each reading is once', async () => {
  const server = await startTestClickHouse()
  const views = await openClickHouseViews({ url: server.url })
  const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-archives-'))
  const log = await openLmdbLog({ dir, partitions })
  // All before any is written to: LMDB's writer waits for this thread, which opening would block.
  const logs: Log[] = []
  for (let each = 0; each < 3; each++) logs.push(await openLmdbLog({ dir, partitions }))
  const start = async (name: string) => {
    const own = logs.shift()!
    const member = { topics: Object.keys(partitions), leaseMs: 10_000, name }
    const membership = await own.join(archiveGroup, member)
    const stop = new AbortController()
    const ports = { log: own, views, clock: systemClock(), membership }
    const running = runArchive(ports, { signal: stop.signal })
    const end = async () => {
      stop.abort()
      await running
      await own.close()
    }
    return { membership, end }
  }
  const one = await start('one')
  await appendSlots(log, 0, 40)
  const two = await start('two')
  await appendSlots(log, 40, 80)
  await expect.poll(() => two.membership.assigned().length, { timeout: 30_000 }).toBe(2)
  expect(one.membership.assigned()).toHaveLength(3)
  await appendSlots(log, 80, 120)
  await two.end()
  await appendSlots(log, 120, 160)
  const again = await start('again')
  await appendSlots(log, 160, 200)
  const lag = async () => {
    const progress = await log.progress(archiveGroup, 'readings.v1')
    return progress.reduce((sum, { committed, end }) => sum + end - committed, 0)
  }
  await expect.poll(lag, { timeout: 60_000 }).toBe(0)
  await Promise.all([one.end(), again.end()])

  const rows = await views.query('ingest_counters')
  const { layer: _, ...counters } = rows.find(({ layer }) => layer === archiveGroup)!
  const read = 12 * 200
  // 12 meters, of whose 200 slots every tenth is corrected.
  const corrected = 12 * 20
  expect(counters).toMatchObject({ read: read + corrected, corrected, duplicate: 0, rejected: 0 })
  expect(counters.accepted).toBe(read + corrected)
  const range = { from_ms: startMs, to_ms: startMs + 200 * stepMs }
  const counting = await views.query('counting_readings', { ...range, meters, as_of: [] })
  expect(counting).toHaveLength(read)
  await log.close()
  await views.close()
  await server.stop()
  rmSync(dir, { recursive: true, force: true })
}, 300_000)

/** Each meter says every tenth slot twice, with another value. */
async function appendSlots(log: Log, first: number, next: number): Promise<void> {
  for (let slot = first; slot < next; slot++) {
    for (const meter of meters) {
      const said = (energyMwh: number) =>
        encodeFrame([aReading({ meter, startMs: startMs + slot * stepMs, energyMwh })])
      const values = [said(100_000 + slot), ...(slot % 10 === 0 ? [said(90_000 + slot)] : [])]
      const records = values.map((value) => ({ key: new Uint8Array(), value }))
      await log.append('readings.v1', partitionOf(meterId(meter), 4), records)
    }
  }
}
