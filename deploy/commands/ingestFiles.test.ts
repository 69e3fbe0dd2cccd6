import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { archiveStep, openArchive } from '../../batch/archive/runArchive.ts'
import { exitCodeOf } from '../../schemas/errors/exitCode.ts'
import { NoSuchProfileError } from '../../schemas/errors/profile.ts'
import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import { RestatesTooMuchError } from '../../schemas/errors/word.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { type DeadLetter, decodeDeadLetter } from '../../schemas/reading/deadLetter.ts'
import { decodeFrame } from '../../schemas/reading/frame.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { registerReadingsRoutes } from '../../speed/api/readingsRoutes.ts'
import { createMeterRegistry } from '../../speed/api/registry.ts'
import { createDeadLetterRetry } from '../../speed/api/retryDeadLetters.ts'
import { rowsOfDeadLetter } from '../../speed/ingest/body/rowsOfDeadLetter.ts'
import { openLmdbLog } from '../engines/log/lmdb/lmdbLog.ts'
import { openClickHouseViews } from '../engines/views/clickhouseViews.ts'
import { openTestApi, standingClock, testToken } from '../testing/testApi.ts'
import { startTestClickHouse, type TestClickHouse } from '../testing/testClickHouse.ts'
import { createProgram } from './createProgram.ts'
import { ingestFiles } from './ingestFiles.ts'
import { listAll } from './listMeters.ts'
import { retryDeadLetters } from './retryDeadLetters.ts'
import { clientOf } from './settings.ts'

/** The commands against a real API, log and store. */
const clock = standingClock(Date.UTC(2013, 2, 1))
const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-ingest-'))

let server: TestClickHouse
let views: Views
let log: Log
let app: FastifyInstance
let place: { url: string; token: string; json: true }
beforeAll(async () => {
  server = await startTestClickHouse()
  views = await openClickHouseViews({ url: server.url })
  // One partition, so it has seen everything that was sent under an idempotency key.
  const partitions = { [readingsTopic]: 1, [rejectedTopic]: 1 }
  log = await openLmdbLog({ dir: path.join(dir, 'log'), partitions })
  const registry = createMeterRegistry(views)
  const api = { log, views, clock, registry, partitions: 1 }
  app = await openTestApi({
    ...{ log, views, clock, retryDeadLetters: createDeadLetterRetry(api) },
    extensions: [(scope) => registerReadingsRoutes(scope, api)],
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  place = { url, token: testToken, json: true }
})
afterAll(async () => {
  await app.close()
  await Promise.all([views.close(), log.close()])
  await server.stop()
  rmSync(dir, { recursive: true, force: true })
})

test('readings of an unknown meter are accepted once it is enrolled', async () => {
  const header = 'meter,start,duration_s,energy_wh\n'
  const home = (meter: string) => `${meter},2013-02-11T16:30Z,1800,1\n`
  await ingest('known.csv', header + home('A'), { register: true })
  const week = header + home('A') + home('C')

  expect(await ingest('week.csv', week)).toMatchObject({ queued: 1, rejectedCount: 1 })
  expect(await meters()).not.toContain('C')
  const again = await ingest('week.csv', week, { register: true })
  expect(again).toMatchObject({ queued: 2, rejectedCount: 0 })
  expect(await meters()).toContain('C')
  // Each run is an ingest of its own, which can be taken back; the layers count the repeats.
  const records = (await meters()).length
  await ingest('week.csv', week, { register: true })
  expect(await meters()).toHaveLength(records + 2)
})

test('the same file in another unit is read so', async () => {
  const wide = 'stamp,A\n2013-02-12 16:30,0.2\n'
  const layout = { layout: 'wide', step: '1800' } as const
  const before = (await meters()).length
  for (const [unit, count] of [
    ['wh', 1],
    ['kwh', 2],
    ['wh', 3],
  ] as const) {
    expect(await ingest('wide.csv', wide, { ...layout, unit })).toMatchObject({ queued: 1 })
    expect(await meters()).toHaveLength(before + count)
  }
})

test('an export is read by its profile, and each line is sent in its order', async () => {
  const file = path.join(dir, 'linky.csv')
  const rows = [
    '00:30:00+01:00;4030',
    '01:00:00+01:00;18780',
    '01:30:00+01:00;x',
    '01:00:00+01:00;490',
  ]
  writeFileSync(file, `Horodate;Valeur\n${rows.map((row) => `2013-02-01T${row}\n`).join('')}`)
  const flags = { profile: 'enedis', meter: 'P1' }
  const usual = { ...place, wait: false, register: true, group: 'G' }
  const sent = await answerOf(() => ingestFiles([file], { ...usual, ...flags }))
  expect(sent).toMatchObject({ read: 4, queued: 3, rejectedCount: 1 })
  expect(sent).toMatchObject({ rejected: [{ line: 4, reason: 'not-a-number' }] })
  // 4030 W, 18780 W and 490 W over half an hour, in mWh.
  expect((await readings()).filter(({ meter }) => meter === 'P1')).toMatchObject([
    { startMs: Date.UTC(2013, 0, 31, 23), durationS: 1800, energyMwh: 2_015_000 },
    { startMs: Date.UTC(2013, 0, 31, 23, 30), durationS: 1800, energyMwh: 9_390_000 },
    { startMs: Date.UTC(2013, 0, 31, 23, 30), durationS: 1800, energyMwh: 245_000 },
  ])
})

test('a dry run of an export says how it was read; --strict fails on any refusal', async () => {
  const file = path.join(dir, 'dry.csv')
  writeFileSync(file, 'start,A\n2013-02-01T00:00Z,1\n2013-02-01T00:30Z,x\n2013-02-01T01:00Z,-2.5\n')
  const flags = { layout: 'wide', unit: 'kwh' }
  const usual = { wait: false, dryRun: true, json: true } as const
  const shown = await answerOf(() => ingestFiles([file], { ...usual, ...flags }))
  expect(process.exitCode).toBeUndefined()
  expect(shown).toMatchObject({
    files: [
      { cells: 3, readings: 2, refused: 1, series: [{ meter: 'A', stepS: 1800, sumKwh: '-1.5' }] },
    ],
  })
  await answerOf(() => ingestFiles([file], { ...usual, ...flags, strict: true }))
  expect(process.exitCode).toBe(1)
})

test('every pending dead letter is retried, and accepted ones are not retried again', async () => {
  // More than two pages of 1,000.
  const lines = Array.from({ length: 2_300 }, (_, slot) => {
    const start = new Date(Date.UTC(2013, 0, 1) + slot * 1_800_000).toISOString()
    return JSON.stringify({ meter: 'late', start, duration_s: 1800, energy_wh: 1 })
  })
  await ingest('late.ndjson', `${lines.join('\n')}\n17\n`)
  const archive = await openArchive({ log, views, clock })
  while ((await archiveStep({ log, views, clock }, archive)) > 0);

  const reason = 'unknown-meter'
  // One is of meter C, which is now enrolled.
  const first = { tried: 2_301, queued: 1, stillRejected: { [reason]: 2_300 } }
  expect(await retry({ reason })).toEqual({ ...first, isDryRun: false })
  const meter = { meter: 'late', zone: 'UTC', group: 'G', intervalS: 1800 }
  await app.inject({
    ...{ method: 'POST', url: '/api/v1/meters', payload: [meter] },
    headers: { authorization: `Bearer ${testToken}` },
  })
  const all = { tried: 2_300, queued: 2_300, stillRejected: {} }
  expect(await retry({ reason, dryRun: true })).toEqual({ ...all, isDryRun: true })
  expect(await retry({ reason })).toEqual({ ...all, isDryRun: false })
  expect((await meters()).filter((each) => each === 'late')).toHaveLength(2_300)
  const still = { unparsable: 1, 'not-a-number': 1 }
  expect(await retry({})).toMatchObject({ tried: 2, stillRejected: still })
})

test('a file that restates too much is shown by meter and stored only with --restate', async () => {
  const file = (energyWh: number) =>
    Array.from({ length: 600 }, (_, slot) => {
      const start = new Date(Date.UTC(2013, 0, 1) + slot * 1_800_000).toISOString()
      return `R,${start},1800,${energyWh}\n`
    }).reduce((text, line) => text + line, 'meter,start,duration_s,energy_wh\n')
  await ingest('right.csv', file(200), { register: true })
  const archive = await openArchive({ log, views, clock })
  while ((await archiveStep({ log, views, clock }, archive)) > 0);
  const before = (await readings()).length
  // One file beside it that cannot be read does not hide it.
  writeFileSync(path.join(dir, 'empty.csv'), '')
  writeFileSync(path.join(dir, 'wrong.csv'), file(200_000))
  const both = ['empty.csv', 'wrong.csv'].map((name) => path.join(dir, name))
  const { shown, error: refused } = await failureOf(() => {
    return ingestFiles(both, { ...place, wait: false })
  })
  expect(refused).toBeInstanceOf(RestatesTooMuchError)
  expect(exitCodeOf(refused)).toBe(1)
  expect(sentenceOf(refused)).toBe(
    'It would change 600 of the 600 closed intervals that it covers, so nothing was stored. If ' +
      'that is meant, send it again with --restate.',
  )
  // 600 × 200 Wh stand.
  expect(shown).toMatch(/R +600 +600 +120\.000 +120000\.000 +119880\.000/)
  expect(await readings()).toHaveLength(before)
  expect(await ingest('right.csv', file(200))).toMatchObject({ queued: 600 })
  expect(await ingest('wrong.csv', file(200_000), { restate: true })).toMatchObject({ queued: 600 })
})

test('nothing is stored of a file that is refused in a later part', async () => {
  // Rows of 16 kB: two parts. The second one contradicts the unit that was said.
  const note = 'x'.repeat(16_000)
  const row = (slot: number, unit: string) => {
    const start = new Date(Date.UTC(2012, 0, 1) + slot * 1_800_000).toISOString()
    return `later,${start},0.2,${unit},${note}\n`
  }
  const slots = Array.from({ length: 400 }, (_, slot) => slot)
  const rows = slots.map((slot) => row(slot, slot < 390 ? 'kWh' : 'Wh')).join('')
  writeFileSync(path.join(dir, 'parts.csv'), `meter,start,value,unit,note\n${rows}`)
  writeFileSync(
    path.join(dir, 'whole.csv'),
    'meter,start,value,unit\nlater,2012-03-01T00:00Z,1,kWh\n',
  )
  const flags = { ...place, wait: false, register: true, group: 'G', unit: 'kwh', step: '1800' }
  const before = (await readings()).length
  for (const restate of [false, true]) {
    const alone = ingestFiles([path.join(dir, 'parts.csv')], { ...flags, restate })
    await expect(alone).rejects.toThrow('parts.csv: The unit is set to kWh')
    expect(await readings()).toHaveLength(before)
  }
  const both = ['parts.csv', 'whole.csv'].map((name) => path.join(dir, name))
  const sent = await answerOf(() => ingestFiles(both, flags))
  expect(sent).toMatchObject({ queued: 1, files: [{ file: both[1] }] })
  expect(process.exitCode).toBe(1)
})

test('a failure on the way says what was queued, and how it is taken back', async () => {
  const note = 'x'.repeat(16_000)
  const slots = Array.from({ length: 600 }, (_, slot) => slot)
  const rows = slots.map((slot) => {
    const start = new Date(Date.UTC(2012, 3, 1) + slot * 1_800_000).toISOString()
    return `broken,${start},0.2,${note}\n`
  })
  const fault = new NoSuchProfileError({ name: 'none', known: [] })
  const real = log.append.bind(log)
  const append = vi.spyOn(log, 'append').mockImplementationOnce(real).mockRejectedValue(fault)
  const file = path.join(dir, 'broken.csv')
  writeFileSync(file, `meter,start,kwh,note\n${rows.join('')}`)
  const flags = { ...place, wait: false, register: true, group: 'G' }
  const { shown, error } = await failureOf(() => ingestFiles([file], flags))
  append.mockRestore()
  expect(sentenceOf(error)).toContain('No profile is called none')
  expect(shown).toMatch(/\d+ readings were queued before that, as the ingest [0-9a-f-]{36}\./)
  expect(shown).toMatch(/take them back: wattproof ingest revert [0-9a-f-]{36}\n/)
})

test('a file that says nothing ends all that read it alike', async () => {
  const file = path.join(dir, 'nothing.csv')
  const codeOf = async (work: () => Promise<unknown>) => exitCodeOf(await work().catch((e) => e))
  for (const text of ['', '\n\n']) {
    expect(await codeOf(() => ingest('nothing.csv', text))).toBe(1)
    const tested = () => createProgram().parseAsync(['profile', 'test', file], { from: 'user' })
    expect(await codeOf(tested)).toBe(1)
  }
})

test('stamps without an offset are read in the zone of their enrolled meters', async () => {
  const header = 'meter,start,duration_s,energy_wh\n'
  const noonOf = (meter: string, hour = '12') => `${meter},2012-07-11 ${hour}:00,1800,1\n`
  const zoned = { register: true, zone: 'Europe/Rome' }
  await ingest('rome.csv', header + noonOf('rome', '09'), zoned)
  const before = (await readings()).length
  const again = header + noonOf('rome') + noonOf('new')
  const evidence = expect.arrayContaining([
    {
      ...{ field: 'zone', value: 'Europe/Rome' },
      why: 'no zone is set, and rome is enrolled in it',
    },
  ])
  const dry = await ingest('again.csv', again, { dryRun: true })
  expect(dry).toMatchObject({ files: [{ zone: 'Europe/Rome', evidence }] })
  const sent = await ingest('again.csv', again)
  expect(sent).toMatchObject({ queued: 1, rejectedCount: 1, files: [{ evidence }] })
  expect((await readings()).slice(before)).toMatchObject([
    { meter: 'rome', startMs: Date.parse('2012-07-11T10:00Z') },
  ])
  await ingest('athens.csv', header + noonOf('athens', '09'), {
    register: true,
    zone: 'Europe/Athens',
  })
  const two = header + noonOf('rome', '13') + noonOf('athens', '13')
  await expect(ingest('two.csv', two)).rejects.toThrow('Europe/Rome (rome), Europe/Athens (athens)')
  expect(await ingest('two.csv', two, { zone: 'UTC' })).toMatchObject({ queued: 2 })
})

test('a dry run needs no installation, and says that none knew the zone', async () => {
  const file = path.join(dir, 'dry.csv')
  writeFileSync(file, 'meter,start,duration_s,energy_wh\nrome,2012-07-11 12:00,1800,1\n')
  const alone = { ...place, url: 'http://127.0.0.1:9', wait: false, dryRun: true }
  const answer = await answerOf(() => ingestFiles([file], alone))
  const why = 'no zone is set, and no installation is up that knows the zone of its meters'
  const evidence = expect.arrayContaining([{ field: 'zone', value: 'UTC', why }])
  expect(answer).toMatchObject({ files: [{ zone: 'UTC', evidence }] })
})

test('what the API refuses of a file keeps its line, and is read again exactly', async () => {
  const rows = ['"nobody";01/02/2013 00:30;1,5', '"nobody";01/02/2013 01:00;"2,5"']
  const file = `Meter;Horodate;kWh\n${rows.join('\n')}\n`
  const sent = await ingest('lines.csv', file, { zone: 'Europe/Paris', step: '1800' })
  expect(sent).toMatchObject({ queued: 0, rejectedByReason: { 'unknown-meter': 2 } })
  const [progress] = await log.progress('speed', rejectedTopic)
  const at = { topic: rejectedTopic, partition: 0, offset: progress!.end - 2 }
  const kept = (await log.read(at, 2)).map(({ value }) => decodeDeadLetter(value))
  const lineOf = (each: DeadLetter) => Buffer.from(each.originalBase64, 'base64').toString()
  expect(kept.map(lineOf)).toEqual(rows)
  expect(kept).toMatchObject([
    { line: 2, column: 'kWh', value: '1,5' },
    { line: 3, column: 'kWh', value: '2,5' },
  ])
  const [item] = rowsOfDeadLetter(kept[1]!)
  expect(item).toMatchObject({
    content: { energyMwh: 2_500_000n, start: Date.parse('2013-02-01T00:00Z'), durationS: 1800 },
  })
})

test('gaps are counted by kind, and so are intervals of which there is no row', async () => {
  const wide = 'stamp,A,B\n2013-02-01 00:00,1,\n2013-02-01 00:30,NA,2\n2013-02-01 02:00,1,-\n'
  const flags = { unit: 'kwh', zone: 'UTC', step: '1800', dryRun: true }
  expect(await ingest('gaps.csv', wide, flags)).toMatchObject({
    gaps: 3,
    gapsByKind: { 'empty-cell': 1, word: 2 },
    // Meter A lacks 00:30 to 02:00; B has a single reading.
    files: [{ gaps: 3, gapsByKind: { 'empty-cell': 1, word: 2 }, missing: 3 }],
  })
  const register = 'stamp,A\n2013-02-01 00:00,5\n2013-02-01 00:30,6\n2013-02-01 00:30,6\n'
  const counted = { ...flags, quantity: 'register' as const }
  expect(await ingest('register.csv', register, counted)).toMatchObject({
    gapsByKind: { 'first-register': 1, 'repeated-register': 1 },
  })
})

test('a meter whose interval divides no day is not enrolled, and costs no other', async () => {
  const rows = ['even,1800', 'odd,1805', 'daily,82800'].map((row) => {
    const [meter, seconds] = row.split(',')
    return `${meter},2013-02-01T00:00Z,${seconds},1\n`
  })
  const header = 'meter,start,duration_s,energy_wh\n'
  const outcome = await ingest('odd.csv', header + rows.join(''), { register: true })
  expect(outcome).toMatchObject({
    queued: 1,
    rejectedByReason: { 'unknown-meter': 1, 'wrong-interval': 1 },
  })
  const { meters } = await listAll(clientOf(place), {}, 1_000)
  const enrolled = meters.filter(({ meter }) => ['even', 'odd', 'daily'].includes(meter))
  expect(enrolled.map(({ meter, intervalS }) => `${meter} ${intervalS}`)).toEqual([
    ...['daily 86400', 'even 1800'],
  ])
})

type Options = Omit<Parameters<typeof ingestFiles>[1], keyof typeof place>

async function ingest(name: string, text: string, options: Partial<Options> = {}) {
  const file = path.join(dir, name)
  writeFileSync(file, text)
  const group = options.register ? { group: 'G' } : {}
  const usual = { wait: false, ...group }
  return answerOf(() => ingestFiles([file], { ...place, ...usual, ...options }))
}

/** A command that fails sets the exit code of its process: here this one. */
afterEach(() => {
  process.exitCode = undefined
})

function retry(options: { reason?: string; dryRun?: boolean }) {
  return answerOf(() => retryDeadLetters({ ...place, ...options }))
}

async function answerOf(run: () => Promise<void>): Promise<unknown> {
  let text = ''
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk)
    return true
  })
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    await run()
  } finally {
    stdout.mockRestore()
    stderr.mockRestore()
  }
  return JSON.parse(text)
}

/** What a command that fails says on standard error, and with what it fails. */
async function failureOf(run: () => Promise<unknown>): Promise<{ shown: string; error: unknown }> {
  let shown = ''
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    shown += String(chunk)
    return true
  })
  const error = await run().catch((thrown: unknown) => thrown)
  stderr.mockRestore()
  return { shown, error }
}

/** The meter of every reading in the log, in order. */
async function meters(): Promise<string[]> {
  return (await readings()).map(({ meter }) => meter)
}

async function readings(): Promise<Reading[]> {
  const found: Reading[] = []
  const [progress] = await log.progress('speed', readingsTopic)
  for (let offset = 0; offset < progress!.end; ) {
    const records = await log.read({ topic: readingsTopic, partition: 0, offset }, 10_000)
    found.push(...records.flatMap(({ value }) => decodeFrame(value).readings))
    offset += records.length
  }
  return found
}
