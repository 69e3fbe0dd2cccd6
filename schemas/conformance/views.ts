import { tableFromIPC } from 'apache-arrow'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { InvalidArgumentError, NotFoundError } from '../errors/wattproofError.ts'
import type { StreamFormat, Views } from '../ports/views.ts'
import type { InsertRow } from '../sql/rowSets.ts'

/** A migrated store that any number of clients may open, as processes do. */
export type ViewsStand = { open(): Promise<Views>; stop(): Promise<void> }

const startMs = Date.UTC(2013, 1, 11)
const stepMs = 1_800_000
const day = '2013-02-11'
const range = { from_ms: startMs, to_ms: startMs + 30 * 86_400_000 }

/**
 * The promise of `Views`, as tests. Each engine's test file calls this and adds tests of what is
 * specific to the engine.
 *
 * @param start called once. The store may hold rows of earlier runs: every test has its own meters.
 */
export function describeViews(engine: string, start: () => Promise<ViewsStand>): void {
  describe(`views on ${engine}`, () => {
    let stand: ViewsStand
    let views: Views
    beforeAll(async () => {
      stand = await start()
      views = await stand.open()
    })
    afterAll(async () => {
      await views?.close()
      await stand?.stop()
    })
    const versionsOf = async (meter: string) => {
      const rows = await views.query('versions_between', { meters: [meter], ...range })
      return rows.sort((left, right) => left.start_ms - right.start_ms)
    }

    test('answers a ping', async () => {
      await expect(views.ping()).resolves.toBeUndefined()
    })

    test('a row is seen by everybody once its insert has resolved', async () => {
      const meter = newName('seen')
      const other = await stand.open()

      for (let row = 0; row < 5; row++) {
        await views.insert('readings', [reading({ meter, start: startMs + row * stepMs })])
        const rows = await other.query('versions_between', { meters: [meter], ...range })
        expect(rows).toHaveLength(row + 1)
      }
      await other.close()
    })

    test('rows inserted again change no answer', async () => {
      const meter = newName('twice')
      const rows = [1, 2, 3].map((row) => reading({ meter, start: startMs + row * stepMs }))
      await views.insert('readings', rows)
      const asked = { meters: [meter], ...range }
      const before = await views.query('counting_readings', asked)

      await views.insert('readings', rows)

      expect(before).toHaveLength(3)
      expect(await views.query('counting_readings', asked)).toEqual(before)
    })

    test('the largest version of a row counts, whichever came last', async () => {
      const meter = newName('version')
      for (const version of [1, 3, 2]) {
        await views.insert('meters', [meterRow({ meter, version, group_id: `g${version}` })])
      }
      const rows = await views.query('meters')
      expect(rows.filter((row) => row.meter === meter)).toMatchObject([{ group: 'g3' }])
    })

    test('no rows are no insert', async () => {
      await expect(views.insert('readings', [])).resolves.toBeUndefined()
    })

    test('more rows than one request holds all arrive', async () => {
      const meter = newName('many')
      const rows = Array.from({ length: 60_000 }, (_, index) => {
        return reading({ meter, start: startMs, energy_mwh: index, log_offset: index })
      })
      await views.insert('readings', rows)
      expect(await versionsOf(meter)).toHaveLength(60_000)
    })

    test('only what has a name runs', async () => {
      const names = [
        'no_such_query',
        'meters; DROP TABLE readings',
        'SELECT 1',
        '../migrations/0001_master',
        'meters.sql',
        '',
        'toString',
      ]
      // The types forbid it; the engine must check it at run time too.
      const untyped = views as unknown as UntypedViews
      for (const name of names) {
        await expect(untyped.query(name), name).rejects.toBeInstanceOf(NotFoundError)
        await expect(untyped.stream(name, {}, 'csv'), name).rejects.toBeInstanceOf(NotFoundError)
        await expect(untyped.insert(name, [{ a: 1 }]), name).rejects.toBeInstanceOf(NotFoundError)
      }
    })

    test('a text comes back as it went in, by column and by parameter', async () => {
      for (const text of awkwardTexts) {
        const meter = newName(text)
        await views.insert('readings', [reading({ meter })])
        expect(await versionsOf(meter), text).toMatchObject([{ meter }])
      }
    })

    test('any text comes back as it went in', async () => {
      const text = fc.string({ unit: 'binary', maxLength: 40 })
      await fc.assert(
        fc.asyncProperty(text, async (suffix) => {
          const meter = newName(suffix)
          await views.insert('readings', [reading({ meter })])
          expect(await versionsOf(meter)).toMatchObject([{ meter }])
        }),
        { numRuns: 25 },
      )
    })

    test('lists are parameters too, short, empty and long', async () => {
      const names = awkwardTexts.map(newName)
      await views.insert(
        'readings',
        names.map((meter) => reading({ meter })),
      )
      const counting = async (meters: string[]) => {
        const rows = await views.query('counting_readings', { ...range, meters })
        return rows.map((row) => row.meter)
      }
      expect(new Set(await counting(names))).toEqual(new Set(names))
      expect(await counting(names.slice(0, 1))).toEqual(names.slice(0, 1))
      expect((await counting([])).length).toBeGreaterThanOrEqual(names.length)
      // 5,000 names are about 100 kB: too long for a URL, and close to the limit of a server
      // unless its `http_max_field_value_size` is raised.
      const strangers = Array.from({ length: 5_000 }, (_, index) => `nobody-${index}-xxxx`)
      expect(await counting([...strangers, names[0]!])).toEqual([names[0]])
    })

    test('a parameter missing, unknown or of another type is the caller`s fault', async () => {
      const wrong: [string, Record<string, unknown>][] = [
        ['merged_group', { ...range, group: '' }],
        ['merged_group', { ...range, group: '', limit: 1, more: 1 }],
        ['merged_group', { ...range, group: '', limit: 'many' }],
        ['merged_group', { ...range, group: '', limit: -1 }],
        ['merged_group', { ...range, from_ms: '0); DROP TABLE readings; --', group: '', limit: 1 }],
        ['counting_readings', { ...range, meters: "['a'" }],
        ['counting_readings', { ...range, from_ms: 1.5, meters: [] }],
      ]
      for (const [name, parameters] of wrong) {
        const said = JSON.stringify(parameters)
        const asked = (views as unknown as UntypedViews).query(name, parameters)
        await expect(asked, said).rejects.toBeInstanceOf(InvalidArgumentError)
      }
    })

    test('money of 64 bits is exact', async () => {
      const event = newName('exact')
      const amounts = [0n, 1n, -1n, 9_007_199_254_740_993n, 2n ** 63n - 1n, -(2n ** 63n)]
      await views.insert(
        'settlement_lines',
        amounts.map((amount, index) => settlementLine(event, index, amount)),
      )
      const asked = { event, revision: 0, meter: '', limit: 10 }
      const rows = await views.query('view_settlement_lines', asked)
      expect(rows.map((row) => row.pay_micros)).toEqual(amounts)
    })

    test('versions of 64 bits are told apart by their last bit', async () => {
      const newest = 2n ** 64n - 1n
      for (const versions of [
        [newest, newest - 1n],
        [newest - 1n, newest],
      ]) {
        const meter = newName('version')
        for (const version of versions) {
          const group_id = version === newest ? 'newer' : 'older'
          await views.insert('meters', [meterRow({ meter, version, group_id })])
        }
        const rows = await views.query('meters')
        expect(rows.filter((row) => row.meter === meter)).toMatchObject([{ group: 'newer' }])
      }
    })

    test('instants are milliseconds', async () => {
      const meter = newName('instant')
      const starts = [startMs, startMs + 1, startMs + 999]
      await views.insert(
        'readings',
        starts.map((start) => reading({ meter, start })),
      )
      expect((await versionsOf(meter)).map((row) => row.start_ms)).toEqual(starts)
    })

    test('null, missing and what is no number are null', async () => {
      const meter = newName('null')
      const values = [null, undefined, Number.NaN, Number.POSITIVE_INFINITY, 0, -1.5]
      await views.insert(
        'readings',
        values.map((power_w, index) => {
          return reading({ meter, power_w, start: startMs + index * stepMs })
        }),
      )
      const powers = (await versionsOf(meter)).map((row) => row.power_w)
      expect(powers).toEqual([null, null, null, null, 0, -1.5])
    })

    test('a value that does not fit its column is refused, and nothing is stored', async () => {
      const meter = newName('unfit')
      const wrong: Record<string, unknown>[] = [
        { quality: 256 },
        { quality: -1 },
        { quality: 1.5 },
        { quality: '2' },
        { quality: null },
        { duration_s: Number.NaN },
        { energy_mwh: 2 ** 53 },
        { energy_mwh: 0.5 },
        { energy_mwh: 2n ** 63n },
        { energy_mwh: 'much' },
        { log_offset: -1 },
        { power_w: '3' },
        { meter: 7 },
        { start: undefined },
        { watts: 1 },
      ]
      for (const each of wrong) {
        const rows = [
          reading({ meter }),
          { ...reading({ meter }), ...each } as InsertRow<'readings'>,
        ]
        const inserted = views.insert('readings', rows)
        await expect(inserted, Object.keys(each)[0]).rejects.toBeInstanceOf(InvalidArgumentError)
      }
      expect(await versionsOf(meter)).toEqual([])
    })

    test('the pointer moves from one whole generation to the next', async () => {
      const meter = newName('generation')
      const first = Date.now()
      const asked = { meter, group: '', ...range, limit: 10 }
      const energies = async () => {
        const rows = await views.query('merged_deviation', asked)
        return rows.map((row) => row.energy_mwh)
      }
      for (const generation of [first, first + 1]) {
        const rows = [0, 1].map((row) => batchRow({ run: generation, meter, row }))
        await views.insert('batch_deviation', rows.slice(0, 1))
        const before = generation === first ? [] : [first, first]
        expect(await energies()).toEqual(before)
        await views.insert('batch_deviation', rows.slice(1))
        expect(await energies()).toEqual(before)

        await views.insert('manifest', [manifestRow(generation, day, generation)])
        expect(await energies()).toEqual(before)

        await views.insert('generations', [generationRow(generation)])

        expect(await energies()).toEqual([generation, generation])
        const pointer = await views.query('published_generation')
        expect(pointer).toMatchObject([{ generation, highWaterMs: range.to_ms }])
      }
    })

    test('a reader that has pinned a generation goes on reading that one', async () => {
      const meter = newName('pinned')
      const first = Date.now()
      const later = '2013-02-12'
      const asked = { meter, group: '', ...range, limit: 10 }
      const rowsOf = (run: number, row: number, on: string) =>
        batchRow({ run, meter, row, day: on })
      await views.insert('batch_deviation', [rowsOf(first, 0, day), rowsOf(first, 48, later)])
      const days = [day, later].map((each) => manifestRow(first, each, first))
      await views.insert('manifest', days)
      await views.insert('generations', [generationRow(first)])
      const [pointer] = await views.query('published_generation')
      const pin = { run: pointer!.run, mark_ms: pointer!.highWaterMs }

      // Writes the second day again; the first stays with the run that wrote it.
      await views.insert('batch_deviation', [rowsOf(first + 1, 48, later)])
      const again = [manifestRow(first + 1, day, first), manifestRow(first + 1, later, first + 1)]
      await views.insert('manifest', again)
      await views.insert('generations', [generationRow(first + 1)])

      const energies = async (change: object) => {
        const rows = await views.query('merged_deviation', { ...asked, ...change })
        return rows.map((row) => row.energy_mwh)
      }
      expect(await energies(pin)).toEqual([first, first])
      expect(await energies({})).toEqual([first, first + 1])
      const streamed = await collect(await views.stream('merged_deviation', asked, 'json'))
      const lines = streamed.toString().trim().split('\n')
      expect(lines.map((line) => JSON.parse(line).energy_mwh)).toEqual([first, first + 1])

      const gone = { day: later, run: first }
      await views.drop('batch_deviation', [gone, { day: later, run: first + 9 }])
      expect(await energies(pin)).toEqual([first])
      expect(await energies({})).toEqual([first, first + 1])
    })

    test('of inserts with one key the first counts, from whichever client', async () => {
      const other = await stand.open()
      const generation = Date.now() + 1_000
      const rows = Array.from({ length: 12 }, (_, index) => {
        return { ...generationRow(generation), run: generation * 100 + index }
      })
      await Promise.all(
        rows.map((row, index) => {
          const client = index % 2 === 0 ? views : other
          return client.insert('generations', [row], { onceKey: `key-${generation}` })
        }),
      )
      const [pointer] = await other.query('published_generation')
      expect(rows.map((row) => BigInt(row.run))).toContain(pointer!.run)
      expect(await views.query('generation_inputs', { generation })).toHaveLength(1)
      const one = views.insert('readings', [reading({})], { onceKey: 'elsewhere' })
      await expect(one).rejects.toBeInstanceOf(InvalidArgumentError)
      await other.close()
    })

    test('only partitions of runs can be dropped, by values that name one', async () => {
      for (const name of ['readings', 'generations', 'toString', 'manifest DROP COLUMN run']) {
        const dropped = views.drop(name as 'manifest', [{ run: 1 }])
        await expect(dropped, name).rejects.toBeInstanceOf(NotFoundError)
      }
      for (const run of ['1)', "'1'", 'ALL', '', -1]) {
        const dropped = views.drop('manifest', [{ run: run as number }])
        await expect(dropped, String(run)).rejects.toBeInstanceOf(InvalidArgumentError)
      }
      await expect(views.drop('manifest', [])).resolves.toBeUndefined()
    })

    test('a result streams as JSON lines, CSV and Arrow, the same rows each', async () => {
      const prefix = newName('stream')
      const meters = Array.from({ length: 3 }, (_, index) => `${prefix}-"ü",\n-${index}`)
      // 3 meters × 40,000: several chunks of the engine.
      const rows = meters.flatMap((meter) => {
        return Array.from({ length: 40_000 }, (_, row) => {
          return reading({ meter, start: startMs + row * 1000, energy_mwh: row })
        })
      })
      await views.insert('readings', rows)
      const read = async (format: StreamFormat) => {
        return collect(await views.stream('counting_readings', { ...range, meters }, format))
      }

      const lines = (await read('json')).toString('utf8').trimEnd().split('\n')
      expect(lines).toHaveLength(120_000)
      expect(JSON.parse(lines[119_999]!)).toMatchObject({ meter: meters[2], energy_mwh: 39_999 })

      const csv = (await read('csv')).toString('utf8')
      expect(csv.startsWith('"meter","start_ms","energy_mwh","duration_s","quality"\n')).toBe(true)
      expect(csv.match(/"meter"/g)).toHaveLength(1)
      expect(csv.match(/,1800,2\n/g)).toHaveLength(120_000)

      const table = tableFromIPC(await read('arrow'))
      expect(table.numRows).toBe(120_000)
      expect(table.get(119_999)?.toJSON()).toMatchObject({ meter: meters[2], energy_mwh: 39_999 })
    })

    test('an empty result streams as well', async () => {
      const asked = { ...range, meters: [newName('nobody')] }
      const read = async (format: StreamFormat) => {
        return collect(await views.stream('counting_readings', asked, format))
      }
      expect((await read('json')).toString()).toBe('')
      expect((await read('csv')).toString().trimEnd().split('\n')).toHaveLength(1)
      expect(tableFromIPC(await read('arrow')).numRows).toBe(0)
    })

    test('a stream may be left early', async () => {
      const asked = { ...range, meters: [] }
      for (let turn = 0; turn < 8; turn++) {
        for await (const chunk of await views.stream('counting_readings', asked, 'json')) {
          expect(chunk.length).toBeGreaterThan(0)
          break
        }
      }
      await expect(views.ping()).resolves.toBeUndefined()
    })
  })
}

/** Called as from untyped code. */
type UntypedViews = {
  query(name: string, parameters?: object): Promise<unknown[]>
  stream(name: string, parameters: object, format: StreamFormat): Promise<unknown>
  insert(rowSet: string, rows: readonly object[]): Promise<void>
}

const awkwardTexts = [
  'plain',
  "o'brien",
  '"quoted" \\ back\\\\slash',
  "'; DROP TABLE readings; --",
  "') OR 1=1 --",
  '{meter:String}',
  '\\N',
  'NULL',
  '-1',
  'tab\tnewline\nreturn\rnul\0bell\u0007backspace\bfeed\f',
  'Zähler 電力計 🔌 e\u0301',
  'FORMAT JSON',
  ' spaces ',
]

let serial = 0

/** A name that is unique across runs. */
function newName(text: string): string {
  serial += 1
  return `${Date.now().toString(36)}-${serial}-${text}`
}

function reading(change: Partial<InsertRow<'readings'>>): InsertRow<'readings'> {
  return {
    meter: 'nobody',
    start: startMs,
    quality: 2,
    revision: 0,
    energy_mwh: 1_000,
    power_w: null,
    reactive_var: null,
    duration_s: 1_800,
    log_partition: 0,
    log_offset: 0,
    log_index: 0,
    ...change,
  }
}

function settlementLine(
  event_id: string,
  line_index: number,
  pay_micros: bigint,
): InsertRow<'settlement_lines'> {
  return {
    ...{ event_id, revision: 1, line_index, version: 1, meter: 'm', account: '', pay_micros },
    ...{ delivered_mwh: 0, deficiency_mwh: 0, incentive_micros: 0, fee_micros: 0 },
    ...{ debt_after_micros: 0, entitled_micros: 0, detail_hash: '' },
  }
}

function meterRow(
  change: Pick<InsertRow<'meters'>, 'meter' | 'version' | 'group_id'>,
): InsertRow<'meters'> {
  return { zone: 'Europe/London', interval_s: 1_800, account: '', ...change }
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

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}
