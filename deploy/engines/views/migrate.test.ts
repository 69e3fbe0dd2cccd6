import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { InvalidArgumentError } from '../../../schemas/errors/wattproofError.ts'
import { aMeter } from '../../../schemas/meter/testing/aMeter.ts'
import { bucketRow, readCounted } from '../../../schemas/ports/countedBuckets.ts'
import { readEnrolled } from '../../../schemas/ports/enrolled.ts'
import type { Views } from '../../../schemas/ports/views.ts'
import { countRecords } from '../../../schemas/reading/countBuckets.ts'
import { emptyCounters } from '../../../schemas/reading/reading.ts'
import { type InsertRow, rowSets } from '../../../schemas/sql/rowSets.ts'
import { startTestClickHouse, type TestClickHouse } from '../../testing/testClickHouse.ts'
import { connectClickHouse } from './clickhouseConnection.ts'
import { openClickHouseViews } from './clickhouseViews.ts'
import { encodeRows } from './encodeRows.ts'
import { migrate } from './migrate.ts'
import { readMigrations } from './namedQueries.ts'

const migrations = readMigrations()
const names = migrations.map((each) => each.name)
let server: TestClickHouse | undefined

beforeEach(async () => {
  await server?.stop()
  server = await startTestClickHouse({ migrated: false })
})
afterAll(() => server?.stop())

test('applies pending migrations, in order, once', async () => {
  const { url } = server!
  expect(await migrate({ url, dryRun: true })).toEqual({ applied: [], pending: names })
  expect(await migrate({ url, dryRun: true })).toEqual({ applied: [], pending: names })
  const first = migrations.slice(0, 1)
  expect(await migrate({ url, migrations: first })).toEqual({ applied: [names[0]], pending: [] })
  expect(await migrate({ url, dryRun: true })).toEqual({ applied: [], pending: names.slice(1) })
  expect(await migrate({ url })).toEqual({ applied: names.slice(1), pending: [] })
  expect(await migrate({ url })).toEqual({ applied: [], pending: [] })
})

test('two at once do no harm, nor does a rerun after an interruption', async () => {
  const { url } = server!
  const both = [migrate({ url }), migrate({ url })]
  await server!.kill()
  await server!.restart()
  await Promise.all(both)
  await Promise.all([migrate({ url }), migrate({ url })])
  expect(await migrate({ url, dryRun: true })).toEqual({ applied: [], pending: [] })

  const views = await openClickHouseViews({ url })
  const applied = await views.query('applied_migrations')
  expect(applied.map((each) => each.name)).toEqual(names)
  expect(await readEnrolled(views)).toEqual([])
  await views.close()
})

test('existing rows stay', async () => {
  const { url } = server!
  await migrate({ url, migrations: migrations.slice(0, 1) })
  const views = await openClickHouseViews({ url })
  const meter = { meter: 'a', zone: 'Europe/London', groups: 'g', interval_s: 1800, account: '' }
  await views.insert('meters', [{ ...meter, version: 1 }])
  await migrate({ url })
  const { groups: group, interval_s: intervalS, ...same } = meter
  expect(await readEnrolled(views)).toEqual([aMeter({ ...same, account: null, group, intervalS })])
  await views.close()
})

test('live rows of the older layout are the same after it, also applied twice', async () => {
  const { url } = server!
  const isOlder = ({ name }: { name: string }) => name < '0008'
  await migrate({ url, migrations: migrations.filter(isOlder) })
  const views = await openClickHouseViews({ url })
  const dayMs = 86_400_000
  const firstMs = Date.UTC(2013, 0, 1)
  const days = 200
  await fillLive(views, firstMs, days)
  const asked = { from_ms: 0, to_ms: firstMs + days * dayMs, limit: 9_999, group: '' }
  const read = async () => [
    await views.query('merged_deviation', { ...asked, meter: '' }),
    await views.query('merged_group', asked),
  ]
  const before = await read()
  expect(before.map((rows) => rows.length)).toEqual([days * 2, days])

  expect((await migrate({ url })).applied[0]).toBe('0008_live_by_time')
  expect(await read()).toEqual(before)
  const [moved] = migrations.filter(({ name }) => name === '0008_live_by_time')
  // As after a kill between the copy and its record.
  await migrate({ url, migrations: [...migrations, { ...moved!, name: '9999_again' }] })
  expect(await read()).toEqual(before)
  // A newer version still replaces a row that was moved.
  await views.insert('speed_deviation', [
    { ...liveRow('A', firstMs), version: 2n ** 104n + 9n, energy_mwh: 77 },
  ])
  const [row] = await views.query('merged_deviation', { ...asked, meter: 'A' })
  expect(row!.energy_mwh).toBe(77)
  await views.close()
})

test('of live rows below the published high-water mark two days are moved', async () => {
  const { url } = server!
  await migrate({ url, migrations: migrations.filter(({ name }) => name < '0008') })
  const views = await openClickHouseViews({ url })
  const dayMs = 86_400_000
  const firstMs = Date.UTC(2013, 0, 1)
  await fillLive(views, firstMs, 100)
  const highWaterMs = firstMs + 90 * dayMs
  const none = { model_id: '', created: 0, inputs: '' }
  const published = { generation: 1, run: 1, high_water: highWaterMs, horizon: highWaterMs }
  await views.insert('generations', [{ ...published, ...none }])
  const asked = { from_ms: 0, to_ms: firstMs + 100 * dayMs, limit: 9_999, group: '', meter: '' }
  const before = await views.query('merged_deviation', asked)
  expect(before).toHaveLength(2 * 10)
  await migrate({ url })

  expect(await views.query('merged_deviation', asked)).toEqual(before)
  const earlier = { run: 1, high_water_ms: highWaterMs - 5 * dayMs }
  expect(await views.query('merged_deviation', { ...asked, ...earlier })).toHaveLength(2 * 12)
  await views.close()
})

test('ingest counters by record become the sums of their buckets, also applied twice', async () => {
  const { url } = server!
  await migrate({ url, migrations: migrations.filter(({ name }) => name < '0009') })
  const views = await openClickHouseViews({ url })
  // Each of 5,000 records twice: the later row replaces the earlier one.
  for (const late of [0, 1]) {
    const row = { layer: 'speed', topic: 'readings.v1', log_partition: 3, read: 2, late }
    const own = { ...row, accepted: 1, duplicate: 1, rejected: 0, corrected: 0 }
    const rows = Array.from({ length: 5_000 }, (_, log_offset) => ({ ...own, log_offset }))
    await insertOlder(url, rows)
  }
  await migrate({ url })
  const counts = { read: 10_000, accepted: 5_000, duplicate: 5_000, rejected: 0, corrected: 0 }
  const sums = [{ layer: 'speed', ...counts, late: 5_000 }]
  expect(await views.query('ingest_counters')).toEqual(sums)
  const [moved] = migrations.filter(({ name }) => name === '0009_ingest_buckets')
  await migrate({ url, migrations: [...migrations, { ...moved!, name: '9999_again' }] })
  expect(await views.query('ingest_counters')).toEqual(sums)

  const countedOf = await readCounted(views, 'speed')
  const open = countedOf({ topic: 'readings.v1', partition: 3 })
  expect(open).toMatchObject({ fromOffset: 4_096, nextOffset: 5_000, counters: { read: 2 * 904 } })
  // A layer goes on in the bucket that was migrated.
  const counters = { ...emptyCounters, read: 1, rejected: 1 }
  const [longer] = countRecords(open, [{ offset: 5_000, counters }])
  const at = { layer: 'speed', topic: 'readings.v1', partition: 3 } as const
  await views.insert('ingest_counters', [bucketRow(at, longer!)])
  expect(await views.query('ingest_counters')).toMatchObject([{ read: 10_001, rejected: 1 }])
  await views.close()
})

/** Rows of counters as they were before they said up to where they count. */
async function insertOlder(url: string, rows: readonly Record<string, string | number>[]) {
  const { next_offset: _, ...columns } = rowSets.ingest_counters
  const names = Object.keys(columns).map((name) => `\`${name}\``)
  const query = `INSERT INTO ingest_counters (${names.join(', ')}) FORMAT ArrowStream`
  const values = Readable.from([encodeRows(columns, rows)], { objectMode: false })
  const { client, close } = await connectClickHouse(url)
  const { stream } = await client.exec({ query, values })
  await finished(stream.resume())
  await close()
}

function liveRow(meter: string, start: number): InsertRow<'speed_deviation'> {
  const flags = { is_exception: false, is_missing: false }
  const own = { meter, start, version: 2n ** 104n + 5n, group_id: 'g', duration_s: 1800 }
  return { ...own, energy_mwh: start % 1000, baseline_mwh: null, ratio: 0.1, z: null, ...flags }
}

/** A row of two meters and a sum a day, each in two versions. */
async function fillLive(views: Views, firstMs: number, days: number): Promise<void> {
  const starts = Array.from({ length: days }, (_, day) => firstMs + day * 86_400_000 + day)
  const rows = starts.flatMap((start) => [liveRow('A', start), liveRow('B', start)])
  await views.insert('speed_deviation', rows)
  await views.insert(
    'speed_deviation',
    rows.map((row) => ({ ...row, version: 1, energy_mwh: 5 })),
  )
  const sum = { group_id: 'g', version: 3, duration_s: 1800, members: 2, load_w: 1.5 }
  await views.insert(
    'speed_group',
    starts.map((start) => ({ ...sum, start })),
  )
}

test('a changed migration is refused, with what to do', async () => {
  const { url } = server!
  await migrate({ url })
  const [first, ...rest] = migrations
  const changed = [{ ...first!, statements: [...first!.statements, 'SELECT 1'] }, ...rest]
  const refused = migrate({ url, migrations: changed })
  await expect(refused).rejects.toBeInstanceOf(InvalidArgumentError)
  await expect(refused).rejects.toThrow(
    'Migration 0001_master was changed after it was applied. Put it back as it was, ' +
      'and write the change into a new migration.',
  )
})

test('a store with newer migrations is refused, also by a dry run', async () => {
  const { url } = server!
  await migrate({ url })
  const behind = migrate({ url, dryRun: true, migrations: migrations.slice(0, 1) })
  await expect(behind).rejects.toThrow('0002_views, which this version does not know')
})
