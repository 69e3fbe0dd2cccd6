import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../errors/wattproofError.ts'
import { type InsertColumns, sameText } from '../sql/insertColumns.ts'
import type { InsertRow } from '../sql/rowSets.ts'
import { newName, reading, type StoreUnderTest, startMs, stepMs, versionsOf } from './viewsRows.ts'

/** Rows that come as columns: the same as rows, or refused as a whole. */
export function describeColumns(store: StoreUnderTest): void {
  test('columns are stored as the rows that they stand for', async () => {
    const [one, two] = [newName('columns'), newName('ü-columns')]
    const rows = [one, two, one].map((meter, slot) => ({
      ...reading({ meter, start: startMs + slot * stepMs, log_index: slot }),
      ...{ energy_mwh: slot === 2 ? -Number.MAX_SAFE_INTEGER : slot },
      ...{ power_w: slot === 1 ? null : 0.5, said_at: slot === 1 ? startMs : null },
    }))
    const whole = (name: keyof (typeof rows)[0]) =>
      Float64Array.from(rows, (row) => (row[name] === null ? Number.NaN : Number(row[name])))
    const { log_partition, log_offset } = rows[0]!
    await store.views.insert('readings', {
      rows: 3,
      columns: {
        meter: { texts: [two, one], indexes: Uint32Array.of(1, 0, 1) },
        start: whole('start'),
        quality: whole('quality'),
        standing: Uint32Array.of(Number(rows[0]!.standing)),
        revision: whole('revision'),
        said_at: whole('said_at'),
        is_void: Uint8Array.of(0),
        source: sameText(''),
        ingest: sameText(''),
        logged: whole('logged'),
        energy_mwh: whole('energy_mwh'),
        power_w: Float32Array.of(0.5, Number.NaN, 0.5),
        duration_s: whole('duration_s'),
        log_partition: Uint16Array.of(Number(log_partition)),
        log_offset: Float64Array.of(Number(log_offset)),
        log_index: whole('log_index'),
      },
    })
    const stored = [
      ...(await versionsOf(store.views, one)),
      ...(await versionsOf(store.views, two)),
    ]
    const again = rows.map((row) => ({ ...row, meter: `${row.meter}-rows` }))
    await store.views.insert('readings', again)
    const others = [
      ...(await versionsOf(store.views, `${one}-rows`)),
      ...(await versionsOf(store.views, `${two}-rows`)),
    ].map((row) => ({ ...row, meter: String(row.meter).replace('-rows', '') }))
    expect(stored).toHaveLength(3)
    expect(stored).toEqual(others)
  })

  test('deviations are read back to the byte, whichever way they came', async () => {
    const [asRows, asColumns] = [newName('wide-r'), newName('wide-c')]
    await store.views.insert(
      'speed_deviation',
      deviations.map((row) => ({ ...row, meter: asRows })),
    )
    await store.views.insert('speed_deviation', columnsOf(asColumns))
    const [one, two] = [await bytesOf(store, asRows), await bytesOf(store, asColumns)]
    expect(one).not.toBe('')
    expect(two.replaceAll(asColumns, asRows)).toBe(one)
  })

  test('versions of columns decide as those of rows do, to the last bit', async () => {
    const limit = { from_ms: startMs, to_ms: startMs + 1, limit: 10 }
    for (const base of [0n, 2n ** 64n - 1n, 2n ** 128n - 2n]) {
      const group = newName('version')
      const rows = [1, 0].map((more) => ({ members: more + 1, version: base + BigInt(more) }))
      for (const row of rows) await store.views.insert('speed_group', [{ ...sumOf(group), ...row }])
      const last = { base, added: Float64Array.of(1) }
      await store.views.insert('speed_group', sumColumns(group, { members: 7, version: last }))
      const [sum] = await store.views.query('merged_group', { ...limit, group })
      // Where two rows have one version, the one inserted last stays.
      expect(sum).toMatchObject({ members: 7 })
    }
  })

  test('no rows are no insert', async () => {
    const none = sumColumns(newName('none'), {})
    await expect(store.views.insert('speed_group', { ...none, rows: 0 })).resolves.toBeUndefined()
  })

  test('columns that lack rows or are of another kind are refused as a whole', async () => {
    const group = newName('unfit')
    // More than one request takes: what is too short for the last one stops the first.
    const rows = 60_000
    const starts = Float64Array.from({ length: rows }, (_, row) => startMs + row * stepMs)
    const long = { ...sumColumns(group, {}), rows }
    const wrong: Record<string, unknown>[] = [
      { load_w: new Float64Array(rows - 1) },
      { version: { base: 0n, added: new Float64Array(rows - 1) } },
      { group_id: { texts: [group], indexes: new Uint32Array(rows - 1) } },
      { members: undefined },
      { members: sameText('7') },
      { group_id: Uint32Array.of(7) },
      { group_id: { texts: [group], indexes: Uint32Array.of(1) } },
      { version: Float64Array.of(7) },
      { version: { base: 2n ** 128n - 1n, added: Float64Array.of(1) } },
      { watts: Uint8Array.of(1) },
    ]
    for (const each of wrong) {
      const columns = { ...long.columns, start: starts, ...each }
      const inserted = store.views.insert('speed_group', { ...long, columns } as typeof long)
      await expect(inserted, Object.keys(each)[0]).rejects.toBeInstanceOf(InvalidArgumentError)
    }
    const all = { from_ms: startMs, to_ms: startMs + rows * stepMs, limit: 10, group }
    expect(await store.views.query('merged_group', all)).toEqual([])
  })
}

const f32Max = 3.402_823_466_385_288_6e38

/** Some ordinary ones, some without numbers, and the extremes of each column. */
const deviations: readonly InsertRow<'speed_deviation'>[] = [
  { energy_mwh: 1_000, baseline_mwh: 900, ratio: 1.1, deviation_w: -0.5, z: 2, rolling_wh: 1e-9 },
  { energy_mwh: 0, baseline_mwh: null, ratio: null, deviation_w: null, z: null, rolling_wh: null },
  {
    ...{ energy_mwh: Number.MAX_SAFE_INTEGER, baseline_mwh: -Number.MAX_SAFE_INTEGER },
    ...{ ratio: f32Max, deviation_w: -f32Max, z: 1.401_298_464_324_817e-45, rolling_wh: -0 },
  },
].flatMap((row, kind) =>
  [kind, kind + 3, kind + 6].map((slot) => ({
    ...{ ...row, meter: '', start: startMs + slot * stepMs, group_id: kind === 1 ? '' : 'g h' },
    ...{ duration_s: kind === 2 ? 4_294_967_295 : 1_800, is_exception: kind === 2 },
    ...{ is_missing: false, version: 2n ** 104n + BigInt(slot) },
  })),
)

function columnsOf(meter: string): InsertColumns<'speed_deviation'> {
  const whole = (name: 'start' | 'duration_s' | 'energy_mwh' | 'baseline_mwh') =>
    Float64Array.from(deviations, (row) => Number(row[name] ?? Number.NaN))
  const single = (name: 'ratio' | 'deviation_w' | 'z' | 'rolling_wh') =>
    Float32Array.from(deviations, (row) => row[name] ?? Number.NaN)
  return {
    rows: deviations.length,
    columns: {
      // A text may be listed more than once.
      meter: {
        texts: [meter, meter, meter],
        indexes: Uint32Array.from(deviations, (_, row) => row % 3),
      },
      group_id: {
        texts: ['g h', ''],
        indexes: Uint32Array.from(deviations, ({ group_id }) => (group_id === '' ? 1 : 0)),
      },
      ...{ start: whole('start'), duration_s: whole('duration_s') },
      ...{ energy_mwh: whole('energy_mwh'), baseline_mwh: whole('baseline_mwh') },
      ...{ ratio: single('ratio'), deviation_w: single('deviation_w') },
      ...{ z: single('z'), rolling_wh: single('rolling_wh') },
      is_exception: Uint8Array.from(deviations, (row) => Number(row.is_exception)),
      is_missing: Uint8Array.of(0),
      version: {
        base: 2n ** 104n,
        added: Float64Array.from(deviations, ({ version }) => Number(BigInt(version) - 2n ** 104n)),
      },
    },
  }
}

async function bytesOf(store: StoreUnderTest, meter: string): Promise<string> {
  const to_ms = startMs + deviations.length * stepMs
  const asked = { ...{ from_ms: startMs, to_ms, meter, group: '', limit: 10, after: '' } }
  const chunks = await store.views.stream(
    'merged_deviation',
    { ...asked, run: 0, high_water_ms: 0 },
    'json',
  )
  let text = ''
  for await (const chunk of chunks) text += Buffer.from(chunk).toString('utf8')
  return text
}

function sumOf(group_id: string) {
  const sum = { members: 1, load_w: 1, baseline_w: null, deviation_w: null }
  return { group_id, start: startMs, duration_s: 1_800, ...sum }
}

function sumColumns(
  group: string,
  { members = 1, version = { base: 1n, added: Float64Array.of(0) } },
): InsertColumns<'speed_group'> {
  return {
    rows: 1,
    columns: {
      ...{ group_id: sameText(group), start: Float64Array.of(startMs), version },
      ...{ duration_s: Uint32Array.of(1_800), members: Uint32Array.of(members) },
      load_w: Float64Array.of(1),
    },
  }
}
