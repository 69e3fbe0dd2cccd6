import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeViews } from '../../../schemas/conformance/views.ts'
import { everyWord, reading } from '../../../schemas/conformance/viewsRows.ts'
import { InvalidArgumentError, RetryableError } from '../../../schemas/errors/wattproofError.ts'
import { rowSets } from '../../../schemas/sql/rowSets.ts'
import { startTestClickHouse, type TestClickHouse } from '../../testing/testClickHouse.ts'
import { connectClickHouse } from './clickhouseConnection.ts'
import { openClickHouseViews } from './clickhouseViews.ts'
import { migrate } from './migrate.ts'

describeViews('embedded ClickHouse', async () => {
  const server = await startTestClickHouse()
  return { open: () => openClickHouseViews({ url: server.url }), stop: () => server.stop() }
})

const serverUrl = process.env.VIEWS_TEST_URL
if (serverUrl) {
  describeViews('a ClickHouse server', async () => {
    await migrate({ url: serverUrl })
    return { open: () => openClickHouseViews({ url: serverUrl }), stop: async () => {} }
  })
}

const tablesQuery = 'SELECT name, engine_full FROM system.tables WHERE database = currentDatabase()'
const partsQuery =
  'SELECT count() AS parts FROM system.parts\n' +
  "WHERE active AND database = currentDatabase() AND table = 'watermarks'"
/** One server for all tests below, since a start takes seconds. */
let server: TestClickHouse
beforeAll(async () => {
  server = await startTestClickHouse({ extraQueries: [tablesQuery, partsQuery] })
})
afterAll(() => server.stop())

describe('the embedded store', () => {
  test('keeps data that exist nowhere else on disk', async () => {
    const { client, close } = await connectClickHouse(server.url)
    const answer = await client.query({ query: tablesQuery, format: 'JSONEachRow' })
    const tables = await answer.json<{ name: string; engine_full: string }>()
    const isSynced = (engine: string) =>
      ['fsync_after_insert = 1', 'fsync_part_directory = 1'].every((each) => engine.includes(each))
    const others = tables.filter((each) => !isSynced(each.engine_full)).map(({ name }) => name)

    // The speed view is recomputed, and what of it is shown is then written again; a migration
    // that is not recorded as applied is applied again.
    const speedView = ['shown_enrolments', 'speed_deviation', 'speed_group', 'watermarks']
    expect(others.sort()).toEqual(['migrations', ...speedView])
    expect(tables).toHaveLength(Object.keys(rowSets).length)
    await close()
  })

  test('merges what each micro-batch writes sixteen parts at a time', async () => {
    const views = await openClickHouseViews({ url: server.url })
    const { client, close } = await connectClickHouse(server.url)
    const insertSome = async (from: number, to: number) => {
      for (let version = from; version < to; version++) {
        await views.insert('watermarks', [{ log_partition: 9, version, watermark: version }])
      }
    }
    const parts = async () => {
      const answer = await client.query({ query: partsQuery, format: 'JSONEachRow' })
      const [row] = await answer.json<{ parts: string }>()
      return Number(row!.parts)
    }
    await insertSome(0, 15)
    expect(await parts()).toBe(15)
    await insertSome(15, 40)
    await expect.poll(parts, { timeout: 60_000, interval: 100 }).toBeLessThan(25)
    const rows = await views.query('watermarks')
    expect(rows.find((each) => each.log_partition === 9)!.watermark_ms).toBe(39)
    await Promise.all([views.close(), close()])
  })

  test('accepts lists of any length', async () => {
    const views = await openClickHouseViews({ url: server.url })
    await views.insert('readings', [reading({ meter: 'listed', start: 0 })])
    const strangers = Array.from({ length: 100_000 }, (_, index) => `nobody-${index}-xxxxxxxx`)
    const range = { from_ms: 0, to_ms: 1e12, as_of: [], meters: [...strangers, 'listed'] }
    await expect(views.query('counting_readings', range)).resolves.toHaveLength(1)
    await views.close()
  })

  test('a wrong password is reported as such', async () => {
    const url = server.url.replace(/:[^:@]*@/, ':not-the-password@')
    const views = await openClickHouseViews({ url })
    await expect(views.query('enrolments', { version: 0, limit: 100 })).rejects.toThrow(
      'check user and password',
    )
    await views.close()
  })
})

describe('a read has limits', () => {
  beforeAll(async () => {
    const views = await openClickHouseViews({ url: server.url })
    await views.insert(
      'readings',
      Array.from({ length: 200_000 }, (_, row) => reading({ meter: 'many', start: row * 1_000 })),
    )
    await views.close()
  })
  const asked = { meters: ['many'], from_ms: 0, to_ms: 1e12, ...everyWord }

  test('rows: the caller must ask for less', async () => {
    const views = await openClickHouseViews({ url: server.url, limits: { resultRows: 1_000 } })
    const read = views.query('words_between', asked)
    await expect(read).rejects.toBeInstanceOf(InvalidArgumentError)
    await expect(read).rejects.toThrow('shorter range')
    // One row per second.
    const less = await views.query('words_between', { ...asked, to_ms: 1_000_000 })
    expect(less).toHaveLength(1_000)
    await views.close()
  })

  test('memory: the store reports that it is busy', async () => {
    const views = await openClickHouseViews({ url: server.url, limits: { memoryBytes: 1_000_000 } })
    const read = views.query('words_between', asked)
    await expect(read).rejects.toBeInstanceOf(RetryableError)
    await views.close()
  })
})

describe('an address', () => {
  test.each([
    'ftp://localhost',
    'localhost:8123',
    'http://u:p@localhost:8123/?database=other',
    'http://u:p@localhost:8123/other',
  ])('%s is refused', async (url) => {
    await expect(openClickHouseViews({ url })).rejects.toBeInstanceOf(InvalidArgumentError)
  })

  test('missing tables are reported', async () => {
    const server = await startTestClickHouse({ migrated: false })
    const views = await openClickHouseViews({ url: server.url })
    await expect(views.query('enrolments', { version: 0, limit: 100 })).rejects.toThrow(
      'wattproof migrate',
    )
    await views.close()
    await server.stop()
  })
})
