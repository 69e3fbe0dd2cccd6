import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ArchivePartition } from '../../batch/archive/archiving.ts'
import { archiveStep, openArchive } from '../../batch/archive/runArchive.ts'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import type { Act } from '../../schemas/reading/acts.ts'
import { encodeActFrame } from '../../schemas/reading/frame.ts'
import type { Reading, Standing } from '../../schemas/reading/reading.ts'
import { aReading } from '../../schemas/reading/testing/aReading.ts'
import { readingsTopic } from '../../schemas/topics.ts'
import { advance, createFollower, type Follower } from '../../speed/advance.ts'
import type { ListedIngests, ListedWords } from '../../speed/api/describeWords.ts'
import { createMeterRegistry } from '../../speed/api/registry.ts'
import type { Shell } from '../../speed/following.ts'
import { framesOf } from '../../speed/ingest/framesOf.ts'
import { clock, openReadingsApi } from '../../speed/testing/readingsApi.ts'
import { propertyTimeMs } from '../testing/propertyTimeMs.ts'

/** Both layers, and the routes, over a real log and store: which word counts, and what follows. */
let api: Awaited<ReturnType<typeof openReadingsApi>>
let archive: ArchivePartition[]
/** Each run has meters, ingests and sources of its own: nothing is ever removed from a log. */
let run = 0
beforeAll(open)
afterAll(() => api?.close())

const partitions = 2
/** Each run replays the whole log, twice: a soak's runs would cost by their square. */
const runsPerLog = 50
const startMs = Date.UTC(2013, 1, 11, 10)
const stepMs = 1_800_000
const range = { from_ms: startMs, to_ms: startMs + 48 * stepMs }

const anyReading = fc
  .record({
    meter: fc.constantFrom('A', 'B', 'C'),
    slot: fc.nat(5),
    energyMwh: fc.integer({ min: 0, max: 2 }),
    standing: fc.constantFrom<Standing>(0, 1, 1, 2),
    revision: fc.constantFrom(0, 0, 1),
    isVoid: fc.constantFrom(false, false, false, true),
    source: fc.constantFrom('', 'dso'),
    ingest: fc.constantFrom('', 'i', 'j'),
  })
  .map(({ slot, ...said }): Reading => {
    const energyMwh = said.isVoid ? 0 : said.energyMwh
    return aReading({ ...said, energyMwh, startMs: startMs + slot * stepMs })
  })
const anyAct = fc.oneof(
  fc.constantFrom('i', 'j').map((ingest): Act => ({ kind: 'withdrawal', ingest })),
  fc
    .record({ fromMs: fc.nat(5).map((slot) => startMs + slot * stepMs), rank: fc.nat(2) })
    .map((given): Act => ({ kind: 'rank', source: 'dso', ...given })),
)
/** Words, acts, and micro-batches in between. */
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.array(anyReading, { minLength: 1, maxLength: 4 }) },
    { weight: 1, arbitrary: anyAct },
    { weight: 2, arbitrary: fc.constantFrom('speed' as const, 'archive' as const) },
  ),
  { minLength: 5, maxLength: 25 },
)

test(
  'however the log is cut, both layers show the same words, and a replay does',
  async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (drawn) => {
        await enrolRun()
        {
          const live = openSpeed()
          for (const step of drawn) {
            if (step === 'speed') await live.advance()
            else if (step === 'archive') await drain()
            else if (Array.isArray(step)) await append(step.map(ofRun))
            else await decide(actOfRun(step))
          }
          await live.advance()
          await drain()
          const counted = await countingRows()
          expect(await liveRows()).toEqual(counted)
          expect(await groupRows()).toEqual(sumsOf(counted))
          const [before] = await counters()
          const [speed, archived] = await counters()
          expect(speed).toEqual({ ...archived, layer: 'speed' })
          // From the start of the log again, with what was decided known at its place only.
          const again = openSpeed()
          await again.advance()
          expect(await liveRows()).toEqual(counted)
          expect((await counters())[0]).toEqual(before)
        }
      }),
      { numRuns: 6 },
    )
  },
  propertyTimeMs(300_000),
)

test('a whole file is taken back in one call, and its words stay to be seen', async () => {
  await enrolRun()
  {
    const live = openSpeed()
    const at = (slot: number, said: Partial<Parameters<typeof aReading>[0]>) =>
      ofRun(aReading({ meter: 'A', startMs: startMs + slot * stepMs, ...said }))
    await append([at(0, { energyMwh: 5 })])
    await append([
      at(0, { energyMwh: 18_780, ingest: 'f1' }),
      at(1, { energyMwh: 7, ingest: 'f1' }),
    ])
    await live.advance()
    expect((await liveRows()).map(([, , energy]) => energy)).toEqual([18_780, 7])
    await drain()
    const listed = await get<ListedIngests>('/api/v1/ingests')
    expect(listed.ingests.slice(0, 1)).toMatchObject([
      { ingest: named('f1'), words: 2, meters: 1, energyMwh: 18_787, isWithdrawn: false },
    ])
    const json = { type: 'application/json', payload: '{}' }
    expect((await api.post(`/api/v1/ingests/${named('f2')}/withdrawal`, json)).statusCode).toBe(404)
    for (let time = 0; time < 2; time++) {
      expect((await api.post(`/api/v1/ingests/${named('f1')}/withdrawal`, json)).statusCode).toBe(
        202,
      )
    }
    await live.advance()
    await drain()
    expect((await liveRows()).map(([, , energy]) => energy)).toEqual([5])
    expect(await countingRows()).toEqual(await liveRows())
    const start = new Date(startMs).toISOString()
    const { words } = await get<ListedWords>(`/api/v1/words?meter=${named('A')}&start=${start}`)
    expect(words).toMatchObject([
      { energyMwh: 5, isWithdrawn: false, counts: true },
      { energyMwh: 18_780, isWithdrawn: true, counts: false },
    ])
    expect((await get<ListedIngests>('/api/v1/ingests')).ingests[0]!.isWithdrawn).toBe(true)
  }
})

test("a source's rank decides between two, and is a dated act", async () => {
  await enrolRun()
  {
    const live = openSpeed()
    const at = (slot: number, source: string, energyMwh: number) =>
      ofRun(aReading({ meter: 'A', startMs: startMs + slot * stepMs, source, energyMwh }))
    await append([0, 1].flatMap((slot) => [at(slot, 'a', 1), at(slot, 'b', 2)]))
    const from = new Date(startMs + stepMs).toISOString()
    const body = { type: 'application/json', payload: JSON.stringify({ rank: 3, from }) }
    expect((await api.post(`/api/v1/sources/${named('a')}/rank`, body)).statusCode).toBe(202)
    await live.advance()
    await drain()
    expect((await liveRows()).map(([, , energy]) => energy)).toEqual([2, 1])
    expect(await countingRows()).toEqual(await liveRows())
    const listed = await get<{ ranks: unknown[] }>('/api/v1/sources')
    expect(listed.ranks).toContainEqual({ source: named('a'), from, rank: 3 })
    // Between two of one rank their names would decide.
    const other = (sent: object) =>
      api.post(`/api/v1/sources/${named('b')}/rank`, {
        ...{ type: 'application/json', payload: JSON.stringify(sent) },
      })
    const taken = await other({ rank: 3 })
    expect(taken.statusCode, taken.body).toBe(409)
    expect(taken.json()).toMatchObject({ other: named('a'), from, rank: 3 })
    // As soon as it is taken, whether or not the archive has it.
    expect((await other({ rank: 7, from })).statusCode).toBe(202)
    expect(
      (
        await api.post(`/api/v1/sources/${named('c')}/rank`, {
          ...{ type: 'application/json', payload: JSON.stringify({ rank: 7 }) },
        })
      ).statusCode,
    ).toBe(409)
  }
})

type Row = readonly [meter: string, startMs: number, energyMwh: number]

async function open(): Promise<void> {
  api = await openReadingsApi()
  archive = await openArchive(portsOf())
}

function portsOf() {
  return { log: api.log, views: api.views, clock }
}

function openSpeed() {
  const shell: Shell = {
    ...portsOf(),
    ...{ partitions, report: () => {}, signal: new AbortController().signal },
    options: { ...deviationDefaults, latenessS: 3_600, cellsMax: 1_000_000 },
    registry: createMeterRegistry(api.views),
  }
  const follower: Follower = createFollower()
  return {
    advance: async () => {
      while (await advance(shell, follower));
    },
  }
}

/** Enrols the meters of the next run, in a group of their own. */
async function enrolRun(): Promise<void> {
  if (run > 0 && run % runsPerLog === 0) {
    await api.close()
    await open()
  }
  run += 1
  const meters = ['A', 'B', 'C'].map((meter) => {
    return { meter: named(meter), zone: 'Europe/London', group: named('G'), intervalS: 1800 }
  })
  const body = { type: 'application/json', payload: JSON.stringify(meters) }
  expect((await api.post('/api/v1/meters', body)).statusCode).toBe(200)
}

function named(name: string): string {
  return name === '' ? '' : `${name}-${run}`
}

function ofRun(reading: Reading): Reading {
  const { meter, source, ingest } = reading
  const names = { source: named(source), ingest: named(ingest) }
  return { ...reading, meter: named(meter) as Reading['meter'], ...names }
}

function actOfRun(act: Act): Act {
  if (act.kind === 'withdrawal') return { ...act, ingest: named(act.ingest) }
  return { ...act, source: named(act.source) }
}

async function append(readings: readonly Reading[]): Promise<void> {
  for (const [partition, { frames }] of framesOf(readings, partitions)) {
    const records = frames.map((value) => ({ key: new Uint8Array(), value }))
    await api.log.append(readingsTopic, partition, records)
  }
}

async function decide(act: Act): Promise<void> {
  for (let partition = 0; partition < partitions; partition++) {
    const record = { key: new Uint8Array(), value: encodeActFrame(act) }
    await api.log.append(readingsTopic, partition, [record])
  }
}

async function drain(): Promise<void> {
  while ((await archiveStep(portsOf(), archive)) > 0);
}

async function countingRows(): Promise<Row[]> {
  const asked = { ...range, meters: ['A', 'B', 'C'].map(named), as_of: [] }
  const rows = await api.views.query('counting_readings', asked)
  return inOrder(rows.map((row): Row => [row.meter, row.start_ms, row.energy_mwh]))
}

async function liveRows(): Promise<Row[]> {
  const asked = { ...range, meter: '', group: named('G'), limit: 1_000, after: '' }
  const rows = await api.views.query('merged_deviation', asked)
  return inOrder(rows.map((row): Row => [row.meter, row.start_ms, row.energy_mwh]))
}

async function groupRows() {
  const asked = { ...range, group: named('G'), limit: 1_000, after: '' }
  const rows = await api.views.query('merged_group', asked)
  return rows.map((row) => [row.start_ms, row.members, Math.round(row.load_w * 1e6)])
}

/** Sums of half-hours, whose mean power in mW is twice their energy in mWh. */
function sumsOf(rows: readonly Row[]) {
  const sums = new Map<number, { members: number; mwh: number }>()
  for (const [, ms, mwh] of rows) {
    const sum = sums.get(ms) ?? { members: 0, mwh: 0 }
    sums.set(ms, { members: sum.members + 1, mwh: sum.mwh + mwh })
  }
  return [...sums]
    .sort(([left], [right]) => left - right)
    .map(([ms, { members, mwh }]) => [ms, members, Math.round(mwh * 2_000)])
}

function counters() {
  return api.views
    .query('ingest_counters')
    .then((rows) => rows.toSorted((left, right) => (left.layer > right.layer ? -1 : 1)))
}

function inOrder(rows: readonly Row[]): Row[] {
  return rows.toSorted(([a, left], [b, right]) => left - right || (a < b ? -1 : 1))
}

async function get<T>(url: string): Promise<T> {
  const response = await api.app.inject({ method: 'GET', url })
  expect(response.statusCode, response.body).toBe(200)
  return response.json<T>()
}
