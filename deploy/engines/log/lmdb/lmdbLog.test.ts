import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { open } from 'lmdb'
import { afterEach, expect, test } from 'vitest'
import { describeLog, type LogHarness } from '../../../../schemas/conformance/log.ts'
import { describeLogGroups } from '../../../../schemas/conformance/logGroups.ts'
import { LogClosedError } from '../../../../schemas/errors/log.ts'
import { InvalidArgumentError } from '../../../../schemas/errors/wattproofError.ts'
import { valueBytesMax } from '../../../../schemas/logRecord.ts'
import { testProgramArgs } from '../../../testing/engineArgs.ts'
import { killWriters, readAll, startWriter } from '../../../testing/log/killWriters.ts'
import { openLmdbLog } from './lmdbLog.ts'

const folders: string[] = []
const partitions = { 'readings.v1': 2 }

describeLog('lmdb', start)
describeLogGroups('lmdb', start, 4_000)

async function start(suitePartitions: Readonly<Record<string, number>>): Promise<LogHarness> {
  const dir = folder()
  return {
    open: () => openLmdbLog({ dir, partitions: suitePartitions }),
    stop: async () => rmSync(dir, { recursive: true }),
  }
}

afterEach(() => {
  for (const dir of folders.splice(0)) rmSync(dir, { recursive: true, force: true })
})

test('appends that wait together are one transaction, in order', async () => {
  const dir = folder()
  const log = await openLmdbLog({ dir, partitions })
  // In one process LMDB opens a folder once: this is the log's own environment.
  const root = open({ path: dir, noSubdir: false, maxDbs: 4 })
  const statsOf = () => root.getStats() as { lastTxnId: number }
  const before = statsOf().lastTxnId
  const name = (index: number) => [record(String(index))]
  const offsets: Promise<number>[] = []
  // The first one enters the gate alone; while it is inside, the others arrive in several turns.
  for (let index = 0; index < 1_000; index++) {
    offsets.push(log.append('readings.v1', index % 2, name(index)))
    if (index % 100 === 0) await new Promise(setImmediate)
  }
  const given = await Promise.all(offsets)

  expect(given).toEqual(Array.from({ length: 1_000 }, (_, index) => Math.floor(index / 2)))
  expect(statsOf().lastTxnId - before).toBeLessThanOrEqual(11)
  const stored = (await readAll(log)).map(({ value }) => Number(new TextDecoder().decode(value)))
  expect(stored.filter((each) => each % 2 === 0)).toEqual(given.slice(0, 500).map((_, i) => i * 2))
  await root.close()
  await log.close().catch(() => {})
})

test('two writer processes that are killed repeatedly lose nothing and tear nothing', async () => {
  const { acknowledged, records, broken } = await killWriters(folder(), 3)

  expect(broken).toEqual([])
  // 3 rounds, 2 writers, at least 5 appends each.
  expect(acknowledged).toBeGreaterThanOrEqual(30)
  expect(records).toBeGreaterThan(acknowledged)
})

test('acknowledged records stay while other processes open the log', async () => {
  const dir = folder()
  const log = await openLmdbLog({ dir, partitions })
  const program = await testProgramArgs('deploy/testing/log/lmdbLogOpener.ts')
  const codes: (number | null)[] = []
  for (const _ of ['one', 'another']) {
    const opener = spawn(process.execPath, [...program, dir, '300'])
    opener.once('exit', (code) => codes.push(code))
  }
  const acknowledged: { offset: number; name: string }[] = []
  // Several at a time, so that the gate is always contended and must still let the others in.
  const write = async (writer: number) => {
    for (let index = 0; codes.length < 2; index++) {
      const name = `${writer} ${index}`
      acknowledged.push({ offset: await log.append('readings.v1', 0, [record(name)]), name })
    }
  }
  await Promise.all([0, 1, 2, 3].map(write))

  expect(codes).toEqual([0, 0])
  const names = (await readAll(log)).map(({ value }) => new TextDecoder().decode(value))
  expect(names.length).toBe(acknowledged.length)
  expect(acknowledged.filter(({ offset, name }) => names[offset] !== name)).toEqual([])
  await log.close()
})

test('a reader sees what another process appends while it is appending', async () => {
  const dir = folder()
  const log = await openLmdbLog({ dir, partitions })
  const writer = await startWriter(dir, 'A', 0)
  const gone = once(writer, 'exit')

  const seen = new Set<number>()
  for (let tries = 0; seen.size < 5 && tries < 3_000; tries++) {
    const [progress] = await log.progress('speed', 'readings.v1')
    if (progress!.end > 0) seen.add((await readAll(log)).length)
    await sleep(10)
  }
  writer.kill('SIGKILL')
  await gone

  // The log was seen at five different lengths.
  expect(seen.size).toBe(5)
  expect([...seen]).toEqual([...seen].sort((a, b) => a - b))
  await log.close()
})

test('retention keeps the newest records and never reuses an offset', async () => {
  const dir = folder()
  const log = await openLmdbLog({ dir, partitions, retainRecordsMax: 3 })
  for (let index = 0; index < 10; index++) await log.append('readings.v1', 0, [record(`${index}`)])

  // 10 appended, 3 kept: 7, 8, 9. Reading from below starts at 7.
  expect(await log.progress('speed', 'readings.v1')).toEqual([
    { partition: 0, start: 7, committed: 7, end: 10 },
    { partition: 1, start: 0, committed: 0, end: 0 },
  ])
  const records = await log.read({ topic: 'readings.v1', partition: 0, offset: 0 }, 100)
  expect(records.map((each) => each.position.offset)).toEqual([7, 8, 9])
  await log.close()

  const emptied = await openLmdbLog({ dir, partitions, retainRecordsMax: 0 })
  expect(await emptied.append('readings.v1', 0, [record('10')])).toBe(10)
  const [progress] = await emptied.progress('speed', 'readings.v1')
  expect(progress).toEqual({ partition: 0, start: 11, committed: 11, end: 11 })
  await emptied.close()
  const again = await openLmdbLog({ dir, partitions })
  expect(await again.append('readings.v1', 0, [record('11')])).toBe(11)
  await again.close()
})

test('retention waits for the slowest group that has ever committed', async () => {
  const log = await openLmdbLog({ dir: folder(), partitions, retainRecordsMax: 2 })
  await log.append('readings.v1', 0, [record('0')])
  await log.commit('archive', { topic: 'readings.v1', partition: 0, offset: 1 })
  await log.commit('speed', { topic: 'readings.v1', partition: 0, offset: 1 })
  await log.append('readings.v1', 0, ['1', '2', '3', '4', '5'].map(record))

  // 6 - 2 = 4 could go; both groups are at 1.
  expect((await log.progress('archive', 'readings.v1'))[0]?.start).toBe(1)
  await log.commit('archive', { topic: 'readings.v1', partition: 0, offset: 6 })
  await log.append('readings.v1', 0, [record('6')])
  expect((await log.progress('archive', 'readings.v1'))[0]?.start).toBe(1)
  await log.commit('speed', { topic: 'readings.v1', partition: 0, offset: 6 })
  await log.append('readings.v1', 0, [record('7')])
  // 8 - 2 = 6, and both groups are there.
  expect((await log.progress('archive', 'readings.v1'))[0]?.start).toBe(6)
  await log.close()
})

test('another number of partitions is refused, a new topic is not', async () => {
  const dir = folder()
  const log = await openLmdbLog({ dir, partitions })
  await log.close()

  const asked = openLmdbLog({ dir, partitions: { 'readings.v1': 3 } })
  await expect(asked).rejects.toThrow(InvalidArgumentError)
  await expect(asked).rejects.toThrow('readings.v1 (3)')
  const more = await openLmdbLog({ dir, partitions: { ...partitions, other: 1 } })
  expect(await more.append('other', 0, [record('a')])).toBe(0)
  await more.close()
})

test('a value beyond the limit is refused together with its whole append', async () => {
  const log = await openLmdbLog({ dir: folder(), partitions })
  const tooLarge = { key: new Uint8Array(), value: new Uint8Array(valueBytesMax + 1) }

  const appended = log.append('readings.v1', 0, [record('a'), tooLarge])
  await expect(appended).rejects.toThrow(InvalidArgumentError)
  expect((await log.progress('speed', 'readings.v1'))[0]?.end).toBe(0)
  await log.close()
})

test('the map grows under two clients: 120 frames of 740 kB', async () => {
  const dir = folder()
  const log = await openLmdbLog({ dir, partitions })
  const other = await openLmdbLog({ dir, partitions })
  const frame = { key: new Uint8Array(), value: new Uint8Array(740_000).fill(1) }
  for (let index = 0; index < 60; index++) {
    await Promise.all([
      log.append('readings.v1', 0, [frame]),
      other.append('readings.v1', 1, [frame]),
    ])
  }

  // One read stays near 32 MiB: 46 frames of 740,000 bytes reach 33,554,432.
  const records = await log.read({ topic: 'readings.v1', partition: 1, offset: 0 }, 100)
  expect(records.length).toBe(46)
  expect((await readAll(other)).length).toBe(60)
  await log.close()
  await other.close()
})

test('a log finishes requests made before it closes and refuses later ones', async () => {
  const log = await openLmdbLog({ dir: folder(), partitions })
  const asked = Array.from({ length: 20 }, (_, index) =>
    log.append('readings.v1', 0, [record(`${index}`)]),
  )
  const closed = log.close()
  const late = log.append('readings.v1', 0, [record('late')])

  await expect(late).rejects.toThrow(new LogClosedError())
  expect(await Promise.all(asked)).toEqual(Array.from({ length: 20 }, (_, index) => index))
  await closed
  await expect(log.progress('speed', 'readings.v1')).rejects.toThrow('closed')
  await expect(readAll(log)).rejects.toThrow('closed')
})

test.each(['exit', 'throw'])('a process that ends by %s while appending does end', async (how) => {
  const dir = folder()
  const { end, said } = await run(leaver, [dir, how])

  // By SIGKILL, since LMDB would wait forever; an uncaught error is still printed.
  expect(end).toBe('SIGKILL')
  expect(said.includes('Error: not caught')).toBe(how === 'throw')
  const log = await openLmdbLog({ dir, partitions })
  const [progress] = await log.progress('speed', 'readings.v1')
  expect(await log.append('readings.v1', 0, [record('on')])).toBe(progress!.end)
  expect((await readAll(log)).length).toBe(progress!.end + 1)
  await log.close()
})

test('a full disk refuses what does not fit, and the process survives', async () => {
  const dir = folder()
  // Blocks of 512 bytes (1,024 in some shells): no file of the child grows beyond 2 MB (4 MB).
  const { end, said } = await run(filler, [dir], 'ulimit -f 4000')

  expect(end).toBe(0)
  const { large, ...others } = JSON.parse(/{.*}/.exec(said)![0])
  expect(others).toEqual({ refused: 8, small: true })
  // 6 or 12 large ones were stored; all are readable, and smaller ones still fit.
  const log = await openLmdbLog({ dir, partitions })
  expect((await readAll(log)).length).toBe(large + 1)
  const more = { key: new Uint8Array(), value: new Uint8Array(300_000) }
  expect(await log.append('readings.v1', 0, [more])).toBe(large + 1)
  await log.close()
})

/** Runs a file to its end, in a shell that runs `first` before it. */
const leaver = path.join(import.meta.dirname, '../../../testing/log/lmdbLogLeaver.ts')
const filler = path.join(import.meta.dirname, '../../../testing/log/lmdbLogFiller.ts')

async function run(script: string, args: readonly string[], first = 'true') {
  const command = [process.execPath, '--import', 'tsx', script, ...args]
  const child = spawn('/bin/sh', ['-c', `${first}; exec "$@"`, 'sh', ...command])
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data))
  const [code, signal] = await once(child, 'close', { signal: AbortSignal.timeout(30_000) })
  return { end: signal ?? code, said }
}

function record(value: string) {
  return { key: new Uint8Array(), value: new TextEncoder().encode(value) }
}

function folder(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'lmdb-log-'))
  folders.push(dir)
  return dir
}
