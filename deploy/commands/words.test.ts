import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { archiveStep, openArchive } from '../../batch/archive/runArchive.ts'
import { exitCodeOf } from '../../schemas/errors/exitCode.ts'
import { eventId } from '../../schemas/ids.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { firstProgress } from '../../serving/programme/announceEvent.ts'
import { exampleEvent } from '../../serving/settlement/testing/exampleEvent.ts'
import { openEventStore } from '../../serving/store/eventStore.ts'
import { registerReadingsRoutes } from '../../speed/api/readingsRoutes.ts'
import { createMeterRegistry } from '../../speed/api/registry.ts'
import { openLmdbLog } from '../engines/log/lmdb/lmdbLog.ts'
import { openClickHouseViews } from '../engines/views/clickhouseViews.ts'
import { openTestApi, standingClock, testToken } from '../testing/testApi.ts'
import { startTestClickHouse, type TestClickHouse } from '../testing/testClickHouse.ts'
import { createProgram } from './createProgram.ts'

/** What was said, and lists that have several pages, by the commands on a real API and store. */
const clock = standingClock(Date.UTC(2013, 2, 1))
const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-words-'))
const start = '2013-02-11T16:30:00.000Z'

let server: TestClickHouse
let views: Views
let log: Log
let app: FastifyInstance
let url = ''
let said = ''
beforeAll(async () => {
  server = await startTestClickHouse()
  views = await openClickHouseViews({ url: server.url })
  const partitions = { [readingsTopic]: 2, [rejectedTopic]: 1 }
  log = await openLmdbLog({ dir: path.join(dir, 'log'), partitions })
  const ports = { log, views, clock, registry: createMeterRegistry(views), partitions: 2 }
  const extensions = [(scope: FastifyInstance) => registerReadingsRoutes(scope, ports)]
  app = await openTestApi({ views, log, clock, extensions })
  url = await app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await app?.close()
  await Promise.all([views?.close(), log?.close()])
  await server?.stop()
  rmSync(dir, { recursive: true, force: true })
})
beforeEach(() => {
  vi.spyOn(process.stdout, 'write').mockImplementation((piece) => {
    said += piece
    return true
  })
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
})

async function run(...args: string[]): Promise<string> {
  said = ''
  const place = ['--url', url, '--token', testToken]
  await createProgram().parseAsync(['node', 'wattproof', ...args, ...place])
  return said
}

async function documentOf(...args: string[]) {
  return JSON.parse(await run(...args, '--json'))
}

/** What the archive has not read is not listed. */
async function archiveAll(): Promise<void> {
  const archive = await openArchive({ log, views, clock })
  while ((await archiveStep({ log, views, clock }, archive)) > 0);
}

async function ingest(name: string, lines: readonly string[], ...flags: string[]) {
  const file = path.join(dir, name)
  writeFileSync(file, `meter,start,duration_s,energy_wh\n${lines.join('\n')}\n`)
  const answer = await documentOf('ingest', file, '--no-wait', ...flags)
  await archiveAll()
  return answer
}

/** What counts of meter A, Wh; null: no value. */
async function counting(meter = 'A'): Promise<number | null> {
  await archiveAll()
  const { words } = await documentOf('correct', meter, start)
  const { energyMwh } = words.find(({ counts }: { counts: boolean }) => counts)
  return energyMwh === null ? null : energyMwh / 1000
}

test('a whole file is listed, and taken back by one command', async () => {
  await ingest('right.csv', [`A,${start},1800,1`, `B,${start},1800,2`], '--register')
  const { ingest: wrong } = await ingest('wrong.csv', [`A,${start},1800,9`], '--source', 'export')
  expect((await documentOf('ingest', 'list')).ingests).toHaveLength(2)
  const [, ...listed] = (await run('ingest', 'list', '--limit', '1')).trim().split('\n')
  expect(listed.filter((line) => line.includes(wrong))).toHaveLength(1)
  expect(await counting()).toBe(9)
  expect(await run('ingest', 'revert', wrong, '--dry-run')).toBe(
    '1 reading of 1 meter would be withdrawn.\n',
  )
  expect(await counting()).toBe(9)
  expect(await run('ingest', 'revert', wrong)).toContain('Withdrawn: 1 reading;')
  expect(await counting()).toBe(1)
  expect(await run('ingest', 'revert', wrong)).toContain('It was withdrawn before')
  expect(await run('ingest', 'revert', wrong, '--dry-run')).toContain('withdrawn before')
  expect(await run('ingest', 'list')).toContain('withdrawn')
  const unknown = await run('ingest', 'revert', 'no-such', '--dry-run').catch((error) => error)
  expect(exitCodeOf(unknown)).toBe(1)
})

test('a source is ranked before another, and a taken rank is refused', async () => {
  await ingest('a.csv', [`A,${start},1800,3`], '--source', 'a')
  await ingest('b.csv', [`A,${start},1800,4`], '--source', 'b')
  // Without ranks the larger name counts.
  expect(await counting()).toBe(4)
  expect(await run('source', 'rank', 'a', '10')).toBe('a ranks 10 from always.\n')
  expect(await counting()).toBe(3)
  expect(await run('source', 'list')).toMatch(/^a +1 +1 .* 10 from /m)
  const taken = await run('source', 'rank', 'b', '10').catch((error) => error)
  expect(exitCodeOf(taken)).toBe(1)
  const none = await run('source', 'rank', 'b', 'first').catch((error) => error)
  expect(exitCodeOf(none)).toBe(2)
})

test('a reading is restated, held against later words, void, and released', async () => {
  const of = ['correct', 'B', start] as const
  expect(await counting('B')).toBe(2)
  const planned = await documentOf(...of, '--energy-wh', '219', '--hold', '--dry-run')
  expect(planned).toMatchObject({ source: 'operator', reading: { standing: 'held' } })
  expect(await counting('B')).toBe(2)
  await run(...of, '--energy-wh', '219', '--hold')
  expect(await counting('B')).toBe(219)
  await ingest('spike.csv', [`B,${start},1800,18780`], '--source', 'later')
  expect(await counting('B')).toBe(219)
  await run(...of, '--void', '--hold')
  expect(await counting('B')).toBe(null)
  expect(await run(...of)).toMatch(/^\* +no value +operator +held/m)
  await run(...of, '--release')
  expect(await counting('B')).toBe(18_780)
  const nothing = await run(...of, '--release').catch((error) => error)
  expect(exitCodeOf(nothing)).toBe(1)
  for (const wrong of [['--hold'], ['--void', '--energy-wh', '1'], ['--hold', '--release']]) {
    expect(exitCodeOf(await run(...of, ...wrong).catch((error) => error))).toBe(2)
  }
})

test('dead letters are listed page by page, newest first, to the last one', async () => {
  const lines = Array.from({ length: 7 }, (_, at) => `nobody${at},${start},1800,${at}`)
  await ingest('many.csv', lines)
  const meters: string[] = []
  let more: string[] = []
  do {
    const page = await documentOf('dlq', 'list', '--limit', '3', ...more)
    meters.push(...page.rejected.map(({ value }: { value: string }) => value))
    more = page.next === null ? [] : ['--before', String(page.next)]
  } while (more.length > 0)
  expect(meters).toEqual([6, 5, 4, 3, 2, 1, 0].map((at) => `nobody${at}`))
  expect(await run('dlq', 'list', '--limit', '3')).toMatch(/There are more: --before \d+\n$/)
  expect(await run('dlq', 'list', '--limit', '7')).not.toContain('There are more')
  expect(await run('dlq', 'list', '--reason', 'overlap')).toBe('Nothing was refused.\n')
})

test('events are listed page by page, newest first, to the last one', async () => {
  expect(await run('event', 'list')).toContain('No events yet.')
  const store = openEventStore(views)
  const hourMs = 3_600_000
  for (let at = 0; at < 5; at++) {
    const startMs = exampleEvent.startMs + at * 24 * hourMs
    const event = { ...exampleEvent, id: eventId(`e${at}`), startMs, endMs: startMs + 2 * hourMs }
    await store.putEvent(firstProgress(event))
  }
  const ids: string[] = []
  let more: string[] = []
  do {
    const page = await documentOf('event', 'list', '--limit', '2', ...more)
    ids.push(...page.events.map(({ id }: { id: string }) => id))
    more = page.next === null ? [] : ['--page', page.next]
  } while (more.length > 0)
  expect(ids).toEqual(['e4', 'e3', 'e2', 'e1', 'e0'])
  expect(await run('event', 'list', '--limit', '2')).toMatch(/There are more: --page \S+\n$/)
  expect(await run('event', 'list')).not.toContain('There are more')
})
