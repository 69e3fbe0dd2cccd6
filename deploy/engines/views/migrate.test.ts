import { afterAll, beforeEach, expect, test } from 'vitest'
import { InvalidArgumentError } from '../../../schemas/errors/wattproofError.ts'
import { aMeter } from '../../../schemas/meter/testing/aMeter.ts'
import { startTestClickHouse, type TestClickHouse } from '../../testing/testClickHouse.ts'
import { openClickHouseViews } from './clickhouseViews.ts'
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
  expect(await views.query('meters')).toEqual([])
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
  expect(await views.query('meters')).toEqual([
    aMeter({ ...same, account: null, group, intervalS }),
  ])
  await views.close()
})

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
