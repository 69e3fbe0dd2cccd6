import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Views } from '../../../schemas/ports/views.ts'
import { statedColumns } from '../../../schemas/reading/testing/aReading.ts'
import type { QueryName } from '../../../schemas/sql/catalogue/catalogue.ts'
import { startTestClickHouse, type TestClickHouse } from '../../testing/testClickHouse.ts'
import { connectClickHouse } from './clickhouseConnection.ts'
import { openClickHouseViews } from './clickhouseViews.ts'
import { namedQuery } from './namedQueries.ts'

/**
 * Rows that the store would read for a question, by length of history: 40 half-hourly meters in
 * four groups, one open day, and live rows of all days, of which no month was dropped yet. Beside
 * them an enrolled fleet, of another size, with one reading each.
 */
const meters = Array.from({ length: 40 }, (_, index) => `M${String(index).padStart(2, '0')}`)
const dayMs = 86_400_000
const endMs = Date.UTC(2013, 5, 1)
const highWaterMs = endMs - dayMs
const lengths = [30, 120] as const
const fleets = [10_000, 60_000] as const
/** Granules of 1,024 rows may be cut elsewhere. */
const granulesMax = 2 * 1_024
/** A granule of the table of enrolments, cut elsewhere. */
const granuleOfMeters = 8_192

const extraQueries = (
  [
    ...(['merged_group', 'merged_deviation', 'exceptions', 'void_group_sums'] as const),
    ...(['newest_meters', 'enrolments', 'meter_versions', 'enrolments_shown'] as const),
    ...(['replay_offsets', 'changed_quarters', 'changed_meters'] as const),
    ...(['decided_quarters', 'decided_meters', 'stored_quarters'] as const),
  ] as const
).map(explained)

let servers: { server: TestClickHouse; views: Views }[] = []
beforeAll(async () => {
  servers = await Promise.all(
    lengths.map(async (days, at) => {
      const server = await startTestClickHouse({ extraQueries })
      const views = await openClickHouseViews({ url: server.url })
      await fill(views, days)
      await enrol(views, fleets[at]!)
      return { server, views }
    }),
  )
})
afterAll(async () => {
  for (const { server, views } of servers) {
    await views.close()
    await server.stop()
  }
})

const page = { run: 1, high_water_ms: highWaterMs, limit: 50_000, after: '', meter: '', group: '' }
const { meter: _, ...groupPage } = page
const past = { from_ms: endMs - 10 * dayMs, to_ms: endMs - 9 * dayMs }
const open = { from_ms: highWaterMs, to_ms: endMs }

test.each([
  ['a past day of a group', 'merged_group', { ...groupPage, ...past, group: 'g1' }],
  ['a past day of all groups', 'merged_group', { ...groupPage, ...past }],
  ['a past day of exceptions', 'exceptions', { ...page, ...past }],
  ['a past day of all meters', 'merged_deviation', { ...page, ...past }],
  ['a past day of a meter', 'merged_deviation', { ...page, ...past, meter: 'M07' }],
  ['the open day of all groups', 'merged_group', { ...groupPage, ...open }],
  ['the open day of exceptions', 'exceptions', { ...page, ...open }],
  ['the open day of all meters', 'merged_deviation', { ...page, ...open }],
  [
    'sums that a new generation voids',
    'void_group_sums',
    { from_ms: highWaterMs, generation: 1, revision: 0, limit: 100_000 },
  ],
] as const)('%s reads as much after 120 days as after 30', async (_name, query, asked) => {
  const [short = 0, long = 0] = await Promise.all(
    servers.map((each) => rowsRead(each, query, asked)),
  )
  expect(short).toBeGreaterThan(0)
  expect(long).toBeLessThanOrEqual(short + granulesMax)
})

const newest = 1_000
const looked = { log_partition: 0, log_offset: 900_000, end_offset: 900_002, to_ms: endMs }

test.each([
  ['which enrolment is the newest', 'newest_meters', { version: newest }],
  ['whether anything newer is enrolled', 'newest_meters', { version: newest + 1 }],
  ['the newest enrolments', 'enrolments', { version: newest, after: '', limit: 50_000 }],
  ['versions of the newest enrolments', 'meter_versions', { version: newest }],
  ['whether enrolments are shown', 'enrolments_shown', {}],
  ['where a replay starts', 'replay_offsets', { from_ms: highWaterMs }],
  ['quarters that changed', 'changed_quarters', looked],
  ['meters that changed', 'changed_meters', looked],
  ['quarters that were decided', 'decided_quarters', looked],
  ['meters that were decided', 'decided_meters', looked],
  ['days of a meter', 'stored_quarters', { from_ms: 0, to_ms: endMs, meters: ['F7'] }],
] as const)('%s: as much is read of 60,000 meters as of 10,000', async (_name, query, asked) => {
  const [few = 0, many = 0] = await Promise.all(servers.map((each) => rowsRead(each, query, asked)))
  // Nothing at all where nothing is newer, or decided.
  expect(few).toBeGreaterThanOrEqual(0)
  expect(many).toBeLessThanOrEqual(few + granuleOfMeters)
})

/** By versions of 5,000 meters; the newest is one meter's. Two words were archived late. */
async function enrol(views: Views, count: number): Promise<void> {
  const own = { zone: 'Europe/London', groups: 'g', interval_s: 1800, account: '' }
  const all = Array.from({ length: count }, (_, at) => `F${at}`)
  for (let at = 0; at < count; at += 5_000) {
    const some = all.slice(at, at + 5_000)
    const version = 1 + at / 5_000
    await views.insert(
      'meters',
      some.map((meter) => ({ ...own, meter, version })),
    )
  }
  await views.insert('meters', [{ ...own, meter: 'F7', version: newest }])
  const word = { duration_s: 1800, energy_mwh: 1, quality: 2, revision: 0, ...statedColumns }
  const wordAt = (meter: string, log_offset: number) => {
    const place = { log_partition: 0, log_offset, log_index: 0 }
    return { ...word, ...place, meter, start: highWaterMs - dayMs }
  }
  await views.insert('readings', all.map(wordAt))
  await views.insert('readings', [wordAt('F7', 900_000), wordAt('F8', 900_001)])
  const quarter = highWaterMs
  await views.insert('first_places', [{ log_partition: 0, quarter, log_offset: 5 }])
}

/** Rows that the store plans to read, of all tables. */
async function rowsRead(
  { server }: { server: TestClickHouse },
  name: QueryName,
  asked: Readonly<Record<string, string | number | readonly string[]>>,
): Promise<number> {
  const { client, close } = await connectClickHouse(server.url)
  const answer = await client.query({
    ...{ query: explained(name), query_params: asked, format: 'JSONEachRow' },
    clickhouse_settings: { wait_end_of_query: 1 },
  })
  const tables = await answer.json<{ rows: string }>()
  await close()
  return tables.reduce((sum, { rows }) => sum + Number(rows), 0)
}

function explained(name: QueryName): string {
  return `EXPLAIN ESTIMATE ${namedQuery(name).sql}`
}

async function fill(views: Views, days: number): Promise<void> {
  const manifest = []
  for (let startMs = endMs - days * dayMs; startMs < endMs; startMs += dayMs) {
    const day = new Date(startMs).toISOString().slice(0, 10)
    manifest.push({ run: 1, day, rows_run: 1, sums_run: 1, since: day })
    const starts = Array.from({ length: 48 }, (_, slot) => startMs + slot * 1_800_000)
    const rows = starts.flatMap((start) =>
      meters.map((meter, index) => {
        const own = { meter, start, group_id: `g${index % 4}`, duration_s: 1800, energy_mwh: 1 }
        return { ...own, is_exception: index === 3 }
      }),
    )
    const sums = starts.flatMap((start) =>
      ['g0', 'g1', 'g2', 'g3'].map((group_id) => {
        return { group_id, start, duration_s: 1800, members: 10, load_w: 1 }
      }),
    )
    const live = { version: 1, is_missing: false }
    await Promise.all([
      views.insert(
        'speed_deviation',
        rows.map((row) => ({ ...row, ...live })),
      ),
      views.insert(
        'speed_group',
        sums.map((sum) => ({ ...sum, version: 1 })),
      ),
      views.insert(
        'batch_deviation',
        rows.map((row) => ({ ...row, day, run: 1 })),
      ),
      views.insert(
        'batch_group',
        sums.map((sum) => ({ ...sum, day, run: 1 })),
      ),
    ])
  }
  await views.insert('manifest', manifest)
}
