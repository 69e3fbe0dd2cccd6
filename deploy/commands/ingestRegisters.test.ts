import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { archiveStep, openArchive } from '../../batch/archive/runArchive.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { isoUtc } from '../../schemas/time.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { registerReadingsRoutes } from '../../speed/api/readingsRoutes.ts'
import { createMeterRegistry } from '../../speed/api/registry.ts'
import { createDeadLetterRetry } from '../../speed/api/retryDeadLetters.ts'
import { openLmdbLog } from '../engines/log/lmdb/lmdbLog.ts'
import { openClickHouseViews } from '../engines/views/clickhouseViews.ts'
import { openTestApi, standingClock, testToken } from '../testing/testApi.ts'
import { startTestClickHouse, type TestClickHouse } from '../testing/testClickHouse.ts'
import { createProgram } from './createProgram.ts'

/** The command against a real API, log and store: what counts is what the archive says. */
const clock = standingClock(Date.UTC(2013, 2, 1))
const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-registers-'))

let server: TestClickHouse
let views: Views
let log: Log
let app: FastifyInstance
let url: string
beforeAll(async () => {
  server = await startTestClickHouse()
  views = await openClickHouseViews({ url: server.url })
  const partitions = { [readingsTopic]: 1, [rejectedTopic]: 1 }
  log = await openLmdbLog({ dir: path.join(dir, 'log'), partitions })
  const registry = createMeterRegistry(views)
  const api = { log, views, clock, registry, partitions: 1 }
  app = await openTestApi({
    ...{ log, views, clock, retryDeadLetters: createDeadLetterRetry(api) },
    extensions: [(scope) => registerReadingsRoutes(scope, api)],
  })
  url = await app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await app.close()
  await Promise.all([views.close(), log.close()])
  await server.stop()
  rmSync(dir, { recursive: true, force: true })
})

const firstMs = Date.UTC(2013, 1, 4)
const halfHourMs = 1_800_000
/** kWh at each half hour of two days, with a gap on the first. */
const shown = Array.from({ length: 96 }, (_, slot) => 100 + slot * 0.25 + (slot % 5) * 0.01)

test('a daily file, the next one, one again, and one that is taken back', async () => {
  const monday = dayFile('monday.csv', 0, 48)
  const tuesday = dayFile('tuesday.csv', 48, 96)
  // The later one first: the earlier one closes the gap between them.
  const second = await run(['ingest', tuesday, ...flags, '--register'])
  expect(second).toMatchObject({ read: 47, queued: 47, gaps: 1, rejectedCount: 0 })
  expect(second).toMatchObject({ gapsByKind: { 'first-register': 1 } })
  const first = await run(['ingest', monday, ...flags])
  expect(first).toMatchObject({ queued: 45, rejectedCount: 0 })
  expect(first).toMatchObject({ gapsByKind: { 'first-register': 1, 'register-gap': 1 } })
  const whole = expected(0, 96)
  expect(await counting()).toEqual(whole)
  // 48 + 48 registers, of which two are missing and one is the first.
  expect(whole).toHaveLength(92)

  const again = await run(['ingest', monday, ...flags])
  expect(again).toMatchObject({ queued: 45, rejectedCount: 0 })
  expect(await counting()).toEqual(whole)
  const { ingests } = (await run(['ingest', 'list'])) as unknown as { ingests: object[] }
  expect(ingests).toHaveLength(3)
  await run(['ingest', 'revert', `${again.ingest}`])
  await run(['ingest', 'revert', `${first.ingest}`])
  expect(await counting()).toEqual(expected(48, 96))
})

test('a register that falls behind the file before has its line', async () => {
  const file = path.join(dir, 'fall.csv')
  writeFileSync(file, `start,A\n${stamp(96)},3\n${stamp(97)},3.5\n`)
  const sent = await run(['ingest', file, ...flags])
  expect(sent).toMatchObject({
    ...{ queued: 1, rejectedCount: 1 },
    rejected: [{ line: 2, column: 'A', value: '3', reason: 'out-of-range' }],
  })
  process.exitCode = undefined
})

const flags = ['--layout', 'wide', '--unit', 'kwh', '--quantity', 'register']

function stamp(slot: number): string {
  return isoUtc(firstMs + slot * halfHourMs)
}

function dayFile(name: string, from: number, to: number): string {
  const rows = []
  for (let slot = from; slot < to; slot++) {
    if (slot !== 20 && slot !== 21) rows.push(`${stamp(slot)},${shown[slot]!.toFixed(2)}`)
  }
  const file = path.join(dir, name)
  writeFileSync(file, `start,A\n${rows.join('\n')}\n`)
  return file
}

/** What one file would say: all but what lies beside the two missing registers. */
function expected(from: number, to: number) {
  const found = []
  for (let slot = from; slot + 1 < to; slot++) {
    const mwh = Math.round((shown[slot + 1]! - shown[slot]!) * 1e6)
    if (slot < 19 || slot > 21) found.push([firstMs + slot * halfHourMs, mwh])
  }
  return found
}

/** Starts and energies by the statement that settlements use. */
async function counting() {
  const archive = await openArchive({ log, views, clock })
  while ((await archiveStep({ log, views, clock }, archive)) > 0);
  const asked = { from_ms: 0, to_ms: Date.UTC(2030, 0, 1), meters: ['A'], as_of: [] }
  const rows = await views.query('counting_readings', asked)
  return rows.map(({ start_ms, energy_mwh }) => [start_ms, energy_mwh])
}

async function run(args: string[]): Promise<Record<string, unknown>> {
  const written: string[] = []
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text))
    return true
  })
  const wait = args[0] === 'ingest' && args[1] !== 'list' && args[1] !== 'revert'
  const more = ['--url', url, '--token', testToken, '--json', ...(wait ? ['--no-wait'] : [])]
  try {
    await createProgram().parseAsync([...args, ...more], { from: 'user' })
  } finally {
    spy.mockRestore()
  }
  return JSON.parse(written.join(''))
}
