import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { exitCodeOf } from '../../schemas/errors/exitCode.ts'
import { readEnrolled } from '../../schemas/ports/enrolled.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { registerReadingsRoutes } from '../../speed/api/readingsRoutes.ts'
import { createMeterRegistry } from '../../speed/api/registry.ts'
import { openLmdbLog } from '../engines/log/lmdb/lmdbLog.ts'
import { openClickHouseViews } from '../engines/views/clickhouseViews.ts'
import { openTestApi, standingClock, testToken } from '../testing/testApi.ts'
import { startTestClickHouse, type TestClickHouse } from '../testing/testClickHouse.ts'
import { createProgram } from './createProgram.ts'

/** The commands against the routes of both layers, over a real log and a real store. */
const account = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const enrolment = ['--zone', 'Europe/London', '--interval', '1800', '--group', 'dynamic']
const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-meter-'))

let server: TestClickHouse
let views: Views
let log: Log
let app: FastifyInstance
let url = ''
let said = ''

beforeAll(async () => {
  server = await startTestClickHouse()
  views = await openClickHouseViews({ url: server.url })
  const topics = { [readingsTopic]: 2, [rejectedTopic]: 1 }
  log = await openLmdbLog({ dir: path.join(dir, 'log'), partitions: topics })
  const clock = standingClock(Date.UTC(2013, 1, 11))
  const ports = { log, views, clock, registry: createMeterRegistry(views), partitions: 2 }
  const extensions = [(scope: FastifyInstance) => registerReadingsRoutes(scope, ports)]
  app = await openTestApi({ views, log, clock, extensions })
  await app.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await app?.close()
  await Promise.all([views?.close(), log?.close()])
  await server?.stop()
  rmSync(dir, { recursive: true, force: true })
})
beforeEach(() => {
  said = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((piece) => {
    said += piece
    return true
  })
})
afterEach(() => vi.restoreAllMocks())

async function run(...args: string[]): Promise<string> {
  said = ''
  const place = ['--url', url, '--token', testToken]
  await createProgram().parseAsync(['node', 'wattproof', ...args, ...place])
  return said
}

async function show(meter: string) {
  return JSON.parse(await run('meter', 'show', meter, '--json')).meters[0]
}

async function refusalOf(...args: string[]) {
  const error = await run(...args).catch((thrown: Error) => thrown)
  if (!(error instanceof Error)) throw new Error(`${args.join(' ')} was not refused`)
  return { code: exitCodeOf(error), sentence: error.message }
}

test('set enrols meters with the account that is paid, and changes only what is said', async () => {
  expect(await run('meter', 'set', 'A', 'B', ...enrolment, '--account', account)).toBe(
    '2 enrolled, 0 unchanged.\n',
  )
  const whole = { kind: 'import', zone: 'Europe/London', intervalS: 1800 }
  expect(await show('A')).toMatchObject({
    ...{ ...whole, meter: 'A', site: 'A', account: account.toLowerCase() },
    groups: [{ group: 'dynamic', kind: 'community', from: null, until: null }],
  })
  expect(await run('meter', 'set', 'A', '--kind', 'net')).toBe('1 enrolled, 0 unchanged.\n')
  expect(await run('meter', 'set', 'A', '--kind', 'net')).toBe('0 enrolled, 1 unchanged.\n')
  // An account is taken away only when that is said.
  expect(await show('A')).toMatchObject({ kind: 'net', account: account.toLowerCase() })
  await run('meter', 'set', 'A', '--account', 'none')
  expect(await show('A')).toMatchObject({ kind: 'net', account: null })
})

test('another step from a date on keeps the one before it', async () => {
  await run('meter', 'set', 'G1', ...enrolment)
  const step = ['--interval', '3600', '--grid-offset', '900', '--from', '2013-07-01']
  expect(await run('meter', 'set', 'G1', ...step)).toBe('1 enrolled, 0 unchanged.\n')
  const [stored] = (await readEnrolled(views)).filter(({ meter }) => meter === 'G1')
  expect(stored!.steps).toEqual([
    { fromMs: 0, intervalS: 1800, gridOffsetS: 0 },
    { fromMs: Date.UTC(2013, 5, 30, 23), intervalS: 3600, gridOffsetS: 900 },
  ])
  expect((await show('G1')).steps).toEqual([
    { from: null, intervalS: 1800, gridOffsetS: 0 },
    { from: '2013-06-30T23:00:00.000Z', intervalS: 3600, gridOffsetS: 900 },
  ])
})

test('groups of several kinds, from a local date on', async () => {
  await run('meter', 'set', 'S1', ...enrolment, '--group', 'feeder=F1', '--group', 'tariff=day')
  await run('meter', 'set', 'S1', '--group', 'feeder=F2', '--from', '2013-07-01')
  await run('group', 'set', 'feeder=F2', '--parent', 'substation=X')
  const { groups } = await show('S1')
  // Midnight in London in summer.
  const from = '2013-06-30T23:00:00.000Z'
  expect(groups).toMatchObject([
    { group: 'dynamic' },
    { group: 'feeder:F1', from: null, until: from },
    { group: 'feeder:F2', from, until: null },
    { group: 'substation:X', from, until: null, isInherited: true },
    { group: 'tariff:day' },
  ])
  await run('meter', 'set', 'S1', '--group', 'tariff=none')
  expect((await show('S1')).groups).toHaveLength(4)
  const shown = JSON.parse(await run('group', 'show', 'substation=X', '--json'))
  expect(shown.members).toMatchObject([{ meter: 'S1', from, isInherited: true }])
})

test('what is settled of a site, and with whom', async () => {
  const pv = ['--site', 'PV', '--zone', 'Europe/London', '--interval', '1800']
  await run('meter', 'set', 'PV-in', ...pv, '--kind', 'import')
  await run('meter', 'set', 'PV-out', ...pv, '--kind', 'export')
  const answer = await run(
    ...['meter', 'set', 'PV-in', '--point', 'flex=net', '--occupancy', account],
    ...['--from', '2013-02-11'],
  )
  expect(answer).toBe('0 enrolled, 1 unchanged. points: 1 changed. occupancies: 1 changed.\n')
  const { points, occupancies } = await show('PV-out')
  const from = '2013-02-11T00:00:00.000Z'
  expect(occupancies).toEqual([{ site: 'PV', from, account: account.toLowerCase() }])
  expect(points).toMatchObject([
    {
      ...{ site: 'PV', programme: 'flex', from },
      terms: [
        { meter: 'PV-in', sign: 1 },
        { meter: 'PV-out', sign: -1 },
      ],
    },
  ])
  await run('meter', 'set', 'PV-in', '--point', 'flex=+PV-in -PV-out', '--from', '2013-02-11')
  expect((await show('PV-in')).points).toEqual(points)
})

test('a file has a line a meter; empty cells and flags that it has not are filled in', async () => {
  const file = path.join(dir, 'meters.csv')
  writeFileSync(
    file,
    'meter,site,kind,interval,group,account\nF1,F,net,900,feeder=F1 tariff=day,\n' +
      `F2,F,generation,,,${account}\n`,
  )
  const flags = ['--file', file, '--zone', 'Asia/Kolkata', '--interval', '1800']
  expect(await run('meter', 'set', ...flags)).toBe('2 enrolled, 0 unchanged.\n')
  expect(await show('F1')).toMatchObject({ site: 'F', intervalS: 900, zone: 'Asia/Kolkata' })
  expect(await show('F2')).toMatchObject({ kind: 'generation', intervalS: 1800, groups: [] })
  writeFileSync(file, 'meter,colour\nF1,red\n')
  expect(await refusalOf('meter', 'set', '--file', file)).toMatchObject({
    ...{ code: 2, sentence: expect.stringContaining('there is no column "colour"; it takes') },
  })
})

test('a dry run sends nothing', async () => {
  const flags = ['--kind', 'load', '--group', 'feeder=F9', '--point', 'flex=load', '--dry-run']
  expect(await run('meter', 'set', 'A', ...flags)).toBe('Would set A.\n')
  expect(JSON.parse(await run('meter', 'set', 'A', ...flags, '--json'))).toEqual({
    dryRun: true,
    meters: [{ meter: 'A', kind: 'load', groups: { feeder: 'F9' } }],
    points: [{ meter: 'A', point: { programme: 'flex', quantity: 'load' } }],
    occupancies: [],
  })
  expect(await show('A')).toMatchObject({ kind: 'net', points: [] })
})

test('list pages and filters', async () => {
  const listed = async (...flags: string[]) => {
    const { meters, next } = JSON.parse(await run('meter', 'list', ...flags, '--json'))
    return [meters.map(({ meter }: { meter: string }) => meter), next]
  }
  expect(await listed('--limit', '2')).toEqual([['A', 'B'], 'B'])
  expect(await listed('--site', 'F', '--kind', 'net')).toEqual([['F1'], null])
  expect(await listed('--group', 'feeder:F1')).toEqual([['F1', 'S1'], null])
  expect((await run('meter', 'list', '--site', 'PV')).split('\n')[1]).toMatch(
    /^PV-in +PV +import +Europe\/London +1800/,
  )
  expect(await run('group', 'list')).toMatch(/^tariff:day +Asia\/Kolkata +900 +1 +0 +F1$/m)
})

test.each([
  [['set', 'A', '--zone', 'BST'], '"BST" is not an IANA time zone. Write Europe/London.'],
  [['set', 'A', '--kind', 'solar'], '"solar" is not a kind of meter; one of net, import,'],
  [['set', 'A', '--group', 'street=7'], '--group "street=7" does not fit: KIND=NAME'],
  [['set', 'A', '--from', '2013-02-30', '--kind', 'net'], '--from takes a date such as'],
  [['set', 'A', '--point', 'net'], '--point "net" does not fit: PROGRAMME=net'],
  [['set', 'A'], 'meter set needs names and what to set of them'],
  [['set', '--kind', 'net'], 'meter set needs names and what to set of them'],
  [['set', 'A', '--account', '0x12'], '--account takes an address'],
  [['list', '--limit', '0'], '--limit takes a whole number from 1.'],
  // Refused by the server.
  [['set', 'NEW', '--kind', 'net'], 'a new meter needs zone and intervalS (--zone and --interval)'],
  [['set', 'A', '--interval', '999999'], 'body.0.intervalS'],
  [['set', 'A', '--interval', '7'], 'body.0.intervalS: seconds that divide a day, such as 900'],
  [['set', 'A', '--interval', '5400000'], 'body.0.intervalS'],
  [['set', 'A', '--interval', '1020', '--from', '2013-07-01'], 'that divide a day'],
  [['set', 'A', '--point', 'flex=+A -B'], 'B is not a meter of the site A'],
  [['list', '--kind', 'solar'], 'query.kind'],
])('meter %j is wrong use: exit code 2', async (args, sentence) => {
  expect(await refusalOf('meter', ...args)).toEqual({
    ...{ code: 2, sentence: expect.stringContaining(sentence) },
  })
})

test('a meter or a group that does not exist is not found: exit code 1', async () => {
  expect(await refusalOf('meter', 'show', 'NOBODY')).toMatchObject({ code: 1 })
  expect(await refusalOf('group', 'show', 'NOBODY')).toEqual({
    code: 1,
    sentence: 'There is no group NOBODY; `wattproof group list` shows them.',
  })
})

test('an offset of a dead letter is a whole number', async () => {
  expect(await refusalOf('dlq', 'show', 'x')).toEqual({
    code: 2,
    sentence: 'OFFSET takes a whole number from 0.',
  })
})
