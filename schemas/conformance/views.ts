import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NotFoundError } from '../errors/wattproofError.ts'
import { readEnrolled } from '../ports/enrolled.ts'
import type { Views } from '../ports/views.ts'
import { describeColumns } from './viewsColumns.ts'
import { describeGenerations } from './viewsGenerations.ts'
import {
  asOfNow,
  everyWord,
  meterRow,
  newName,
  range,
  reading,
  type StoreUnderTest,
  startMs,
  stepMs,
  type UntypedViews,
  versionsOf,
} from './viewsRows.ts'
import { describeStreams } from './viewsStreams.ts'
import { describeValues } from './viewsValues.ts'

/** A migrated store that any number of clients may open, as processes do. */
export type ViewsHarness = { open(): Promise<Views>; stop(): Promise<void> }

/**
 * The promise of `Views`, as tests. Each engine's test file calls this and adds tests of what is
 * specific to the engine.
 *
 * @param start called once. The store may hold rows of earlier runs: every test has its own meters.
 */
export function describeViews(engine: string, start: () => Promise<ViewsHarness>): void {
  describe(`views on ${engine}`, () => {
    let harness: ViewsHarness
    let views: Views
    beforeAll(async () => {
      harness = await start()
      views = await harness.open()
    })
    afterAll(async () => {
      await views?.close()
      await harness?.stop()
    })
    const store: StoreUnderTest = {
      get views() {
        return views
      },
      open: () => harness.open(),
    }

    test('answers a ping', async () => {
      await expect(store.views.ping()).resolves.toBeUndefined()
    })

    test('a row is visible to every client once its insert has resolved', async () => {
      const meter = newName('seen')
      const other = await store.open()

      for (let row = 0; row < 5; row++) {
        await store.views.insert('readings', [reading({ meter, start: startMs + row * stepMs })])
        const rows = await other.query('words_between', { meters: [meter], ...range, ...everyWord })
        expect(rows).toHaveLength(row + 1)
      }
      await other.close()
    })

    test('rows inserted again change no result', async () => {
      const meter = newName('twice')
      const rows = [1, 2, 3].map((row) => reading({ meter, start: startMs + row * stepMs }))
      await store.views.insert('readings', rows)
      const asked = { meters: [meter], ...range }
      const before = await store.views.query('counting_readings', { ...asked, ...asOfNow })

      await store.views.insert('readings', rows)

      expect(before).toHaveLength(3)
      expect(await store.views.query('counting_readings', { ...asked, ...asOfNow })).toEqual(before)
    })

    test('the largest version of a row counts, whichever came last', async () => {
      const meter = newName('version')
      for (const version of [1, 3, 2]) {
        await store.views.insert('meters', [meterRow({ meter, version, groups: `g${version}` })])
      }
      const rows = await readEnrolled(store.views)
      expect(rows.filter((row) => row.meter === meter)).toMatchObject([
        { groups: [{ group: 'g3' }] },
      ])
    })

    test('no rows are no insert', async () => {
      await expect(store.views.insert('readings', [])).resolves.toBeUndefined()
    })

    test('more rows than fit into one request all arrive', async () => {
      const meter = newName('many')
      const rows = Array.from({ length: 60_000 }, (_, index) => {
        return reading({ meter, start: startMs, energy_mwh: index, log_offset: index })
      })
      await store.views.insert('readings', rows)
      expect(await versionsOf(store.views, meter)).toHaveLength(60_000)
    })

    test('only named queries run', async () => {
      const names = [
        'no_such_query',
        'enrolments; DROP TABLE readings',
        'SELECT 1',
        '../migrations/0001_master',
        'enrolments.sql',
        '',
        'toString',
      ]
      // The types forbid it; the engine must check it at run time too.
      const untyped = store.views as unknown as UntypedViews
      for (const name of names) {
        await expect(untyped.query(name), name).rejects.toBeInstanceOf(NotFoundError)
        await expect(untyped.stream(name, {}, 'csv'), name).rejects.toBeInstanceOf(NotFoundError)
        await expect(untyped.insert(name, [{ a: 1 }]), name).rejects.toBeInstanceOf(NotFoundError)
      }
    })

    describeValues(store)
    describeColumns(store)
    describeGenerations(store)
    describeStreams(store)
  })
}
