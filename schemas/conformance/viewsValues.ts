import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../errors/wattproofError.ts'
import { readEnrolled } from '../ports/enrolled.ts'
import type { InsertRow } from '../sql/rowSets.ts'
import {
  asOfNow,
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

/** Texts, numbers and instants: each round-trips, or the insert is refused as a whole. */
export function describeValues(store: StoreUnderTest): void {
  test('a text comes back as it went in, by column and by parameter', async () => {
    for (const text of awkwardTexts) {
      const meter = newName(text)
      await store.views.insert('readings', [reading({ meter })])
      expect(await versionsOf(store.views, meter), text).toMatchObject([{ meter }])
    }
  })

  test('any text comes back as it went in', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(text, async (suffix) => {
        const meter = newName(suffix)
        await store.views.insert('readings', [reading({ meter })])
        expect(await versionsOf(store.views, meter)).toMatchObject([{ meter }])
      }),
      { numRuns: 25 },
    )
  })

  test('lists are parameters too, short, empty and long', async () => {
    const names = awkwardTexts.map(newName)
    await store.views.insert(
      'readings',
      names.map((meter) => reading({ meter })),
    )
    const counting = async (meters: string[]) => {
      const rows = await store.views.query('counting_readings', { ...range, ...asOfNow, meters })
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

  test('a parameter missing, unknown or of another type is the caller`s mistake', async () => {
    const wrong: [string, Record<string, unknown>][] = [
      ['merged_group', { ...range, group: '' }],
      ['merged_group', { ...range, group: '', limit: 1, more: 1 }],
      ['merged_group', { ...range, group: '', limit: 'many' }],
      ['merged_group', { ...range, group: '', limit: -1 }],
      ['merged_group', { ...range, from_ms: '0); DROP TABLE readings; --', group: '', limit: 1 }],
      ['counting_readings', { ...range, ...asOfNow, meters: "['a'" }],
      ['counting_readings', { ...range, ...asOfNow, from_ms: 1.5, meters: [] }],
    ]
    for (const [name, parameters] of wrong) {
      const said = JSON.stringify(parameters)
      const asked = (store.views as unknown as UntypedViews).query(name, parameters)
      await expect(asked, said).rejects.toBeInstanceOf(InvalidArgumentError)
    }
  })

  test('money of 64 bits is exact', async () => {
    const event = newName('exact')
    const amounts = [0n, 1n, -1n, 9_007_199_254_740_993n, 2n ** 63n - 1n, -(2n ** 63n)]
    await store.views.insert(
      'settlement_lines',
      amounts.map((amount, index) => settlementLine(event, index, amount)),
    )
    const asked = { event, revision: 0, meter: '', limit: 10 }
    const rows = await store.views.query('view_settlement_lines', asked)
    expect(rows.map((row) => row.pay_micros)).toEqual(amounts)
  })

  test('the largest versions of meters are distinguished by their last bit', async () => {
    const newest = 2n ** 53n - 1n
    for (const versions of [
      [newest, newest - 1n],
      [newest - 1n, newest],
    ]) {
      const meter = newName('version')
      for (const version of versions) {
        const groups = version === newest ? 'newer' : 'older'
        await store.views.insert('meters', [meterRow({ meter, version, groups })])
      }
      const rows = await readEnrolled(store.views)
      expect(rows.filter((row) => row.meter === meter)).toMatchObject([
        { groups: [{ group: 'newer' }] },
      ])
    }
  })

  test('versions of 128 bits with one bit of difference, first or last, are distinct', async () => {
    for (const newest of [2n ** 128n - 1n, 2n ** 127n]) {
      const group_id = newName('wide')
      for (const version of [newest, newest - 1n]) {
        const members = version === newest ? 2 : 1
        const sum = { members, load_w: 1, baseline_w: null, deviation_w: null }
        const at = { group_id, start: startMs, duration_s: 1800 }
        await store.views.insert('speed_group', [{ ...at, ...sum, version }])
      }
      const range = { from_ms: startMs, to_ms: startMs + 1, limit: 10 }
      const rows = await store.views.query('merged_group', { ...range, group: group_id })
      expect(rows).toMatchObject([{ members: 2 }])
    }
  })

  test('instants are milliseconds', async () => {
    const meter = newName('instant')
    const starts = [startMs, startMs + 1, startMs + 999]
    await store.views.insert(
      'readings',
      starts.map((start) => reading({ meter, start })),
    )
    expect((await versionsOf(store.views, meter)).map((row) => row.start_ms)).toEqual(starts)
  })

  test('null, a missing value and NaN are null', async () => {
    const meter = newName('null')
    const values = [null, undefined, Number.NaN, Number.POSITIVE_INFINITY, 0, -1.5]
    await store.views.insert(
      'readings',
      values.map((power_w, index) => {
        return reading({ meter, power_w, start: startMs + index * stepMs })
      }),
    )
    const powers = (await versionsOf(store.views, meter)).map((row) => row.power_w)
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
      const rows = [reading({ meter }), { ...reading({ meter }), ...each } as InsertRow<'readings'>]
      const inserted = store.views.insert('readings', rows)
      await expect(inserted, Object.keys(each)[0]).rejects.toBeInstanceOf(InvalidArgumentError)
    }
    expect(await versionsOf(store.views, meter)).toEqual([])
  })
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
