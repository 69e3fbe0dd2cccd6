import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { meterId } from '../../schemas/ids.ts'
import type { Log } from '../../schemas/ports/log.ts'
import { quality, type Reading } from '../../schemas/reading/reading.ts'
import { stated } from '../../schemas/reading/testing/aReading.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { energyMwh } from '../../schemas/units.ts'
import { framesOf } from '../../speed/ingest/framesOf.ts'
import { openLmdbLog } from '../engines/log/lmdb/lmdbLog.ts'
import { openClickHouseViews } from '../engines/views/clickhouseViews.ts'
import { testProgramArgs } from '../testing/engineArgs.ts'
import type { MemoryOfLayer } from '../testing/speedLayer.ts'
import { startTestClickHouse } from '../testing/testClickHouse.ts'

const partitions = 2
const topics = { [readingsTopic]: partitions, [rejectedTopic]: 1 }
const meters = Array.from({ length: 200 }, (_, index) => `M${String(index).padStart(3, '0')}`)
const days = 60
const dayMs = 86_400_000
const minuteMs = 60_000
const fromMs = Date.UTC(2013, 0, 1)

/** `LIMITS.md`: a cell; a run of slots, and as many again to spare. */
const cellBytes = 121
const runCells = 64 * 2
/** Compiled code, caches of the calendar and of queries: not by the readings. */
const fixedBytes = 16e6

/**
 * The memory of the speed layer's process is a function of the runs of slots that have a reading,
 * not of days times enrolled meters: 60 readings once took it to 1.4 GB, after each restart.
 */
test('one reading a day, 60 days, 200 meters of a minute: memory follows the runs', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-memory-'))
  const place = { dir, partitions: topics }
  const server = await startTestClickHouse()
  const [log, views] = [await openLmdbLog(place), await openClickHouseViews({ url: server.url })]
  const enrolled = { version: 1, zone: 'Europe/London', groups: 'G', account: '', interval_s: 60 }
  await views.insert(
    'meters',
    meters.map((meter) => ({ meter, ...enrolled })),
  )
  const before = await startLayer([server.url, JSON.stringify(place), String(partitions)])
  await append(log, [readingOf(0, fromMs)])
  const empty = await memoryOf(before)

  // One reading a day, of another meter and at another time each day.
  const sparse = Array.from({ length: days }, (_, day) => {
    return readingOf(day, fromMs + day * dayMs + ((day * 97) % 1_440) * minuteMs)
  })
  await append(log, sparse)
  const held = await memoryOf(before)
  const sparseBytes = (days + 1) * runCells * cellBytes
  expect(held.bytes - empty.bytes).toBeLessThan(sparseBytes + fixedBytes)
  expect(held.rssBytes).toBeLessThan(empty.rssBytes + 100e6)

  const gone = once(before, 'exit')
  before.kill('SIGKILL')
  await gone
  const after = await startLayer([server.url, JSON.stringify(place), String(partitions)])
  // It is counted once all that is before it is held again.
  await append(log, [readingOf(1, fromMs + days * dayMs)])
  const again = await memoryOf(after)
  expect(again.bytes).toBeLessThan(empty.bytes + sparseBytes + fixedBytes)
  expect(again.rssBytes).toBeLessThan(empty.rssBytes + 100e6)

  // What is measured is where the state is: a day of 200 meters has more, and not above its bound.
  for (let hour = 0; hour < 24; hour++) {
    const startMs = fromMs + (days + 1) * dayMs + hour * 60 * minuteMs
    const dense = meters.flatMap((_, meter) => {
      return Array.from({ length: 60 }, (_, minute) => {
        return readingOf(meter, startMs + minute * minuteMs)
      })
    })
    await append(log, dense)
  }
  const cells = meters.length * 1_440
  const full = await memoryOf(after)
  expect(full.bytes - again.bytes).toBeGreaterThan(cells * 20)
  expect(full.bytes - again.bytes).toBeLessThan(2 * cells * cellBytes + fixedBytes)

  after.kill('SIGKILL')
  await Promise.all([views.close(), log.close()])
  await server.stop()
  rmSync(dir, { recursive: true, force: true })
}, 240_000)

async function startLayer(given: readonly string[]): Promise<ChildProcess> {
  const [flag, program] = await testProgramArgs('deploy/testing/speedLayer.ts')
  const args = ['--expose-gc', flag!, program!, ...given]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  await once(child, 'message')
  return child
}

/** Appends, and waits until the layer has counted all of it. */
async function append(log: Log, readings: readonly Reading[]): Promise<void> {
  for (const [partition, { frames }] of framesOf(readings, partitions)) {
    const records = frames.map((value) => ({ key: new Uint8Array(), value }))
    await log.append(readingsTopic, partition, records)
  }
  const behind = async () => {
    const progress = await log.progress('speed', readingsTopic)
    return progress.filter(({ committed, end }) => committed < end).length
  }
  await expect.poll(behind, { timeout: 120_000, interval: 100 }).toBe(0)
}

async function memoryOf(layer: ChildProcess): Promise<MemoryOfLayer> {
  const answer = once(layer, 'message')
  layer.send('memory')
  const [memory] = (await answer) as [MemoryOfLayer]
  return memory
}

function readingOf(meter: number, startMs: number): Reading {
  return {
    ...{ meter: meterId(meters[meter]!), startMs, durationS: 60, energyMwh: energyMwh(10_000) },
    ...{ powerW: null, reactiveVar: null, quality: quality.measured, revision: 0, ...stated },
  }
}
