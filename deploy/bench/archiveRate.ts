import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { ArchivePartition, ArchivePorts } from '../../batch/archive/archiving.ts'
import { archiveStep, openArchive } from '../../batch/archive/runArchive.ts'
import { type MeterId, partitionOf } from '../../schemas/ids.ts'
import type { NewRecord } from '../../schemas/logRecord.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { encodeFrame } from '../../schemas/reading/frame.ts'
import { aReading } from '../../schemas/reading/testing/aReading.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { systemClock } from '../engines/clock/systemClock.ts'
import { openLmdbLog } from '../engines/log/lmdb/lmdbLog.ts'
import { openClickHouseViews } from '../engines/views/clickhouseViews.ts'
import { startTestClickHouse, type TestClickHouse } from '../testing/testClickHouse.ts'

const partitions = 2
const stepS = 1_800
const startMs = Date.UTC(2026, 0, 5)
const frameRows = 1_000
const meters = Array.from({ length: 10_000 }, (_, at) => `meter-${10_000 + at}` as MeterId)

/**
 * From the log to the master data set: 10,000 half-hourly meters in frames of 1,000 readings, on
 * real engines, each run into stores of its own; then the same log again, of which nothing is new.
 * CPU is that of this process (log and archive) and of the store's, by million readings.
 */
export async function printArchiveRate(readings = 1_000_000, runs = 5): Promise<void> {
  print(`${readings.toLocaleString('en')} readings of ${meters.length} meters, ${runs} runs`)
  print('run                readings/s  archive CPU-s/M  store CPU-s/M  queries  load')
  for (let run = 1; run <= runs; run++) await measure(readings)
}

async function measure(readings: number): Promise<void> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'wattproof-archive-'))
  const server = await startTestClickHouse()
  const views = await openClickHouseViews({ url: server.url })
  const topics = { [readingsTopic]: partitions, [rejectedTopic]: 1 }
  const log = await openLmdbLog({ dir, partitions: topics })
  try {
    await enrol(views)
    await fill(log, readings)
    await archiveAll('all new', { log, views, server, readings })
    for (let partition = 0; partition < partitions; partition++) {
      await log.commit('archive', { topic: readingsTopic, partition, offset: 0 })
    }
    await archiveAll('all once more', { log, views, server, readings })
  } finally {
    await Promise.all([views.close(), log.close()])
    await server.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}

type Run = {
  readonly log: Log
  readonly views: Views
  readonly server: TestClickHouse
  readonly readings: number
}

async function archiveAll(name: string, { log, views, server, readings }: Run): Promise<void> {
  let queries = 0
  const counting: Views = {
    ...views,
    query: (...asked) => {
      queries += 1
      return views.query(...asked)
    },
  }
  const ports: ArchivePorts = { log, views: counting, clock: systemClock() }
  const opened: ArchivePartition[] = await openArchive(ports)
  const store = cpuOf(server.pid())
  const own = process.cpuUsage()
  const beganMs = performance.now()
  while ((await archiveStep(ports, opened)) > 0);
  const seconds = (performance.now() - beganMs) / 1000
  const { user, system } = process.cpuUsage(own)
  const perMillion = (cpuS: number) => ((cpuS / readings) * 1e6).toFixed(2)
  print(
    [
      name.padEnd(16),
      Math.round(readings / seconds)
        .toLocaleString('en')
        .padStart(12),
      perMillion((user + system) / 1e6).padStart(16),
      perMillion(cpuOf(server.pid()) - store).padStart(14),
      String(queries).padStart(8),
      os.loadavg()[0]!.toFixed(1).padStart(5),
    ].join(' '),
  )
}

/** CPU seconds of a process and its threads, from `/proc`. */
function cpuOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Interval by interval, as gateways of 1,000 meters send. */
async function fill(log: Log, readings: number): Promise<void> {
  const gateways = Array.from({ length: partitions }, (_, partition) =>
    meters.filter((meter) => partitionOf(meter, partitions) === partition),
  ).flatMap((own, partition) =>
    Array.from({ length: Math.ceil(own.length / frameRows) }, (_, at) => ({
      partition,
      own: own.slice(at * frameRows, (at + 1) * frameRows),
    })),
  )
  const key = new Uint8Array()
  for (let slot = 0, filled = 0; filled < readings; slot++) {
    const records = Array.from({ length: partitions }, (): NewRecord[] => [])
    for (const { partition, own } of gateways) {
      const some = own.slice(0, readings - filled)
      if (some.length === 0) break
      records[partition]!.push({ key, value: encodeFrame(readingsOf(some, slot)) })
      filled += some.length
    }
    // One append a slot: each waits for the disk.
    for (const [partition, own] of records.entries()) {
      if (own.length > 0) await log.append(readingsTopic, partition, own)
    }
  }
}

function readingsOf(some: readonly MeterId[], slot: number) {
  return some.map((meter, at) =>
    aReading({
      ...{ meter, startMs: startMs + slot * stepS * 1000, durationS: stepS },
      energyMwh: 10_000 + ((slot * 7 + at) % 977),
    }),
  )
}

async function enrol(views: Views): Promise<void> {
  await views.insert(
    'meters',
    meters.map((meter) => {
      const own = { meter, version: 1, zone: 'Europe/London', groups: 'g', account: '' }
      return { ...own, interval_s: stepS }
    }),
  )
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
