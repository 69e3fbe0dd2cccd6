import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type InsertColumns, sameText } from '../../../schemas/sql/insertColumns.ts'
import { startTestClickHouse } from '../../testing/testClickHouse.ts'
import { openClickHouseViews } from './clickhouseViews.ts'
import { migrate } from './migrate.ts'
import { readMigrations } from './namedQueries.ts'

/** Enough that copying them takes a while. */
const batches = 20
const rowsOfBatch = 50_000
const minuteMs = 60_000
const dayMs = 86_400_000

test('what a migration killed in mid-copy has left is removed, and no row with it', async () => {
  const server = await startTestClickHouse({ migrated: false })
  const { url } = server
  const isOlder = ({ name }: { name: string }) => name < '0008'
  await migrate({ url, migrations: readMigrations().filter(isOlder) })
  const views = await openClickHouseViews({ url })
  try {
    for (let batch = 0; batch < batches; batch++) {
      await views.insert('speed_deviation', liveColumns(`m${batch}`))
    }
    const unfinished = () => views.query('unfinished_copies')
    // It goes on by itself when the store is back; what it had begun is nobody's then.
    const migrating = migrate({ url }).catch(() => {})
    while ((await unfinished()).length === 0) await sleep(1)
    await server.kill()
    await server.restart()
    await migrating
    expect(await unfinished()).toHaveLength(1)

    await migrate({ url })
    expect(await unfinished()).toEqual([])
    const first = { from_ms: 0, to_ms: dayMs, meter: '', group: '', limit: 10 }
    expect(await views.query('merged_deviation', first)).toHaveLength(10)
    expect(await migrate({ url, dryRun: true })).toEqual({ applied: [], pending: [] })
  } finally {
    await views.close()
    await server.stop()
  }
}, 300_000)

/** A reading a minute of one meter. */
function liveColumns(meter: string): InsertColumns<'speed_deviation'> {
  const columns: InsertColumns<'speed_deviation'>['columns'] = {
    ...{ meter: sameText(meter), group_id: sameText('g') },
    start: Float64Array.from({ length: rowsOfBatch }, (_, minute) => minute * minuteMs),
    version: { base: 1n, added: Float64Array.of(0) },
    ...{ duration_s: Uint32Array.of(60), energy_mwh: Float64Array.of(5) },
    ...{ is_exception: Uint8Array.of(0), is_missing: Uint8Array.of(0) },
  }
  return { rows: rowsOfBatch, columns }
}
