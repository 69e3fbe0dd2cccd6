import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type MeterId, partitionOf } from '../../schemas/ids.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { encodeFrame } from '../../schemas/reading/frame.ts'
import { quality } from '../../schemas/reading/reading.ts'
import { stated } from '../../schemas/reading/testing/aReading.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { energyMwh } from '../../schemas/units.ts'
import { runSpeed } from '../../speed/run.ts'
import { systemClock } from '../engines/clock/systemClock.ts'
import { openLmdbLog } from '../engines/log/lmdb/lmdbLog.ts'
import { openClickHouseViews } from '../engines/views/clickhouseViews.ts'
import { startTestClickHouse } from '../testing/testClickHouse.ts'

const partitions = 2
const recordsPerSMin = 50_000
const dayMs = 86_400_000
const stepS = 1_800
const stepMs = stepS * 1000
const startMs = Date.UTC(2026, 0, 5)
const meters = Array.from({ length: 1_000 }, (_, at) => `meter-${1_000 + at}` as MeterId)

/**
 * How fast the speed layer reads a log of records of one reading each, of 1,000 half-hour meters
 * in ten groups, with baselines of two days: from its start until nothing waits, on real engines.
 *
 * Beside it, in the same minute: reading the same log and doing nothing with it.
 *
 * @returns a sentence where that is below 50,000 records a second.
 */
export async function printCatchup(records = 1_000_000): Promise<string[]> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'wattproof-catchup-'))
  const server = await startTestClickHouse()
  const views = await openClickHouseViews({ url: server.url })
  const log = await openLmdbLog({
    dir,
    partitions: { [readingsTopic]: partitions, [rejectedTopic]: 1 },
  })
  try {
    await publishBaselines(views)
    await fill(log, records)
    const readS = await timed(() => readAll(log))
    const cpuBefore = process.cpuUsage()
    const caughtS = await timed(() => catchUp(log, views))
    const { user, system } = process.cpuUsage(cpuBefore)
    const load = os.loadavg()[0]!.toFixed(1)
    const perS = (seconds: number) => Math.round(records / seconds).toLocaleString('en')
    print(`${records.toLocaleString('en')} records of one reading, ${meters.length} meters`)
    print(`caught up after ${caughtS.toFixed(1)} s: ${perS(caughtS)} records/s; load ${load}`)
    print(`CPU of the layer ${((user + system) / 1e6).toFixed(1)} s`)
    print(`reading the log alone ${readS.toFixed(1)} s: ${perS(readS)} records/s`)
    const [counters] = await views.query('ingest_counters')
    print(`ingest counters: ${JSON.stringify(counters)}`)
    if (records / caughtS >= recordsPerSMin) return []
    return [`${perS(caughtS)} records/s; at least ${recordsPerSMin} is the aim.`]
  } finally {
    await Promise.all([views.close(), log.close()])
    await server.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}

async function catchUp(log: Log, views: Views): Promise<void> {
  const stop = new AbortController()
  const report = (sentence: string) => print(sentence)
  const clock = systemClock()
  const running = runSpeed({ log, views, clock, signal: stop.signal, partitions, report })
  for (;;) {
    await clock.sleep(50)
    const progress = await log.progress('speed', readingsTopic)
    if (progress.every(({ committed, end }) => committed === end)) break
  }
  stop.abort()
  await running
}

async function readAll(log: Log): Promise<void> {
  for (let partition = 0; partition < partitions; partition++) {
    for (let offset = 0; ; ) {
      const records = await log.read({ topic: readingsTopic, partition, offset }, 5_000)
      if (records.length === 0) break
      offset += records.length
    }
  }
}

/** Interval by interval, as meters send. */
async function fill(log: Log, records: number): Promise<void> {
  const waiting = Array.from({ length: partitions }, () => [] as Uint8Array[])
  const append = async (partition: number) => {
    const values = waiting[partition]!.splice(0)
    const key = new Uint8Array()
    await log.append(
      readingsTopic,
      partition,
      values.map((value) => ({ key, value })),
    )
  }
  for (let at = 0; at < records; at++) {
    const meter = meters[at % meters.length]!
    const partition = partitionOf(meter, partitions)
    const slot = Math.floor(at / meters.length)
    waiting[partition]!.push(
      encodeFrame([
        {
          ...{ meter, startMs: startMs + slot * stepMs, durationS: stepS },
          ...{ energyMwh: energyMwh(10_000 + (at % 977)), powerW: null, reactiveVar: null },
          ...{ quality: quality.measured, revision: 0, ...stated },
        },
      ]),
    )
    if (waiting[partition]!.length >= 20_000) await append(partition)
  }
  await Promise.all(waiting.map((_, partition) => append(partition)))
}

async function publishBaselines(views: Views): Promise<void> {
  await views.insert(
    'meters',
    meters.map((meter, at) => {
      const groups = `group-${at % 10}`
      return { meter, version: 1, zone: 'UTC', groups, interval_s: stepS, account: '' }
    }),
  )
  for (let from = 0; from < meters.length; from += 100) {
    await views.insert(
      'batch_baseline',
      meters.slice(from, from + 100).flatMap((meter) =>
        Array.from({ length: (2 * dayMs) / stepMs }, (_, slot) => ({
          ...{ run: 1, meter, start: startMs + slot * stepMs, duration_s: stepS },
          ...{ baseline_mwh: 10_000, sigma_w: 90 },
        })),
      ),
    )
  }
  const at = { high_water: startMs, horizon: startMs + 2 * dayMs, created: startMs }
  await views.insert('generations', [{ generation: 1, run: 1, inputs: '', model_id: '', ...at }])
}

async function timed(work: () => Promise<void>): Promise<number> {
  const beganMs = performance.now()
  await work()
  return (performance.now() - beganMs) / 1000
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
