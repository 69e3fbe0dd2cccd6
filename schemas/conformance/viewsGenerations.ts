import { expect, test } from 'vitest'
import { InvalidArgumentError, NotFoundError } from '../errors/wattproofError.ts'
import type { InsertRow } from '../sql/rowSets.ts'
import { collect } from './collect.ts'
import { day, newName, range, reading, type StoreUnderTest, startMs, stepMs } from './viewsRows.ts'

/** What batch runs rely on: whole generations, inserts that count once, dropped partitions. */
export function describeGenerations(store: StoreUnderTest): void {
  test('the pointer moves from one whole generation to the next', async () => {
    const meter = newName('generation')
    const first = Date.now()
    const asked = { meter, group: '', ...range, limit: 10 }
    const energies = async () => {
      const rows = await store.views.query('merged_deviation', asked)
      return rows.map((row) => row.energy_mwh)
    }
    for (const generation of [first, first + 1]) {
      const rows = [0, 1].map((row) => batchRow({ run: generation, meter, row }))
      await store.views.insert('batch_deviation', rows.slice(0, 1))
      const before = generation === first ? [] : [first, first]
      expect(await energies()).toEqual(before)
      await store.views.insert('batch_deviation', rows.slice(1))
      expect(await energies()).toEqual(before)

      await store.views.insert('manifest', [manifestRow(generation, day, generation)])
      expect(await energies()).toEqual(before)

      await store.views.insert('generations', [generationRow(generation)])

      expect(await energies()).toEqual([generation, generation])
      const pointer = await store.views.query('published_generation')
      expect(pointer).toMatchObject([{ generation, highWaterMs: range.to_ms }])
    }
  })

  test('a reader that has pinned a generation keeps reading it', async () => {
    const meter = newName('pinned')
    const first = Date.now()
    const later = '2013-02-12'
    const asked = { meter, group: '', ...range, limit: 10 }
    const rowsOf = (run: number, row: number, on: string) => batchRow({ run, meter, row, day: on })
    await store.views.insert('batch_deviation', [rowsOf(first, 0, day), rowsOf(first, 48, later)])
    const days = [day, later].map((each) => manifestRow(first, each, first))
    await store.views.insert('manifest', days)
    await store.views.insert('generations', [generationRow(first)])
    const [pointer] = await store.views.query('published_generation')
    const pin = { run: pointer!.run, high_water_ms: pointer!.highWaterMs }

    // Writes the second day again; the first stays with the run that wrote it.
    await store.views.insert('batch_deviation', [rowsOf(first + 1, 48, later)])
    const again = [manifestRow(first + 1, day, first), manifestRow(first + 1, later, first + 1)]
    await store.views.insert('manifest', again)
    await store.views.insert('generations', [generationRow(first + 1)])

    const energies = async (change: object) => {
      const rows = await store.views.query('merged_deviation', { ...asked, ...change })
      return rows.map((row) => row.energy_mwh)
    }
    expect(await energies(pin)).toEqual([first, first])
    expect(await energies({})).toEqual([first, first + 1])
    const streamed = await collect(await store.views.stream('merged_deviation', asked, 'json'))
    const lines = streamed.toString().trim().split('\n')
    expect(lines.map((line) => JSON.parse(line).energy_mwh)).toEqual([first, first + 1])

    const gone = { day: later, run: first }
    await store.views.drop('batch_deviation', [gone, { day: later, run: first + 9 }])
    expect(await energies(pin)).toEqual([first])
    expect(await energies({})).toEqual([first, first + 1])
  })

  test('of inserts with one key the first counts, whichever client sends it', async () => {
    const other = await store.open()
    const generation = Date.now() + 1_000
    const rows = Array.from({ length: 12 }, (_, index) => {
      return { ...generationRow(generation), run: generation * 100 + index }
    })
    await Promise.all(
      rows.map((row, index) => {
        const client = index % 2 === 0 ? store.views : other
        return client.insert('generations', [row], { onceKey: `key-${generation}` })
      }),
    )
    const [pointer] = await other.query('published_generation')
    expect(rows.map((row) => BigInt(row.run))).toContain(pointer!.run)
    expect(await store.views.query('generation_inputs', { generation })).toHaveLength(1)
    const meters = ['one', 'two'].map((group) => {
      const meter = { meter: `once-${generation}`, version: 1, zone: 'UTC', groups: group }
      return [{ ...meter, interval_s: 1_800, account: '' }]
    })
    for (const row of meters) {
      await other.insert('meters', row, { onceKey: `after ${generation}` })
    }
    const enrolled = await store.views.query('enrolments', { version: 0, limit: 1_000 })
    const [own] = enrolled.filter(({ meter }) => meter.meter === `once-${generation}`)
    expect(own!.meter.groups).toMatchObject([{ group: 'one' }])
    const one = store.views.insert('readings', [reading({})], { onceKey: 'elsewhere' })
    await expect(one).rejects.toBeInstanceOf(InvalidArgumentError)
    await other.close()
  })

  test('only partitions of runs can be dropped, by values that name one', async () => {
    for (const name of ['readings', 'generations', 'toString', 'manifest DROP COLUMN run']) {
      const dropped = store.views.drop(name as 'manifest', [{ run: 1 }])
      await expect(dropped, name).rejects.toBeInstanceOf(NotFoundError)
    }
    for (const run of ['1)', "'1'", 'ALL', '', -1]) {
      const dropped = store.views.drop('manifest', [{ run: run as number }])
      await expect(dropped, String(run)).rejects.toBeInstanceOf(InvalidArgumentError)
    }
    await expect(store.views.drop('manifest', [])).resolves.toBeUndefined()
  })
}

/** The energy is the run number, so that a test can tell which run a row is from. */
function batchRow(row: {
  run: number
  meter: string
  row: number
  day?: string
}): InsertRow<'batch_deviation'> {
  return {
    day: row.day ?? day,
    run: row.run,
    meter: row.meter,
    start: startMs + row.row * stepMs,
    group_id: '',
    duration_s: 1_800,
    energy_mwh: row.run,
    is_exception: false,
  }
}

function generationRow(generation: number): InsertRow<'generations'> {
  return {
    generation,
    run: generation,
    high_water: range.to_ms,
    horizon: range.to_ms,
    model_id: '',
    created: generation,
    inputs: '',
  }
}

function manifestRow(run: number, of: string, wrote: number): InsertRow<'manifest'> {
  return { run, day: of, rows_run: wrote, sums_run: wrote, since: of }
}
