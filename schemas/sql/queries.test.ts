import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openClickHouseViews } from '../../deploy/engines/views/clickhouseViews.ts'
import { startTestClickHouse, type TestClickHouse } from '../../deploy/testing/testClickHouse.ts'
import { readOccupancies, readPoints } from '../ports/readSites.ts'
import type { Views } from '../ports/views.ts'
import type { ParametersOf } from './catalogue/catalogue.ts'
import type { InsertRow, RowSetName } from './rowSets.ts'

/** The queries of the views themselves; those of one room are tested there. */
const hourMs = 3_600_000
const day = Date.UTC(2013, 1, 11)
const date = '2013-02-11'
/** The high-water mark of both generations is noon. */
const highWaterMs = day + 12 * hourMs
const all = { from_ms: day, to_ms: day + 24 * hourMs }
const everything = { ...all, meter: '', group: '', limit: 1_000 }

let server: TestClickHouse
let views: Views
beforeAll(async () => {
  server = await startTestClickHouse()
  views = await openClickHouseViews({ url: server.url })
})
afterAll(async () => {
  await views?.close()
  await server?.stop()
})

describe('before the first generation', () => {
  test('there is no pointer', async () => {
    expect(await views.query('published_generation')).toEqual([])
  })

  test('the merged view is the speed view', async () => {
    const rows = [
      speedRow({ start: day, energy_mwh: 1 }),
      speedRow({ start: highWaterMs, energy_mwh: 2 }),
    ]
    await views.insert('speed_deviation', rows)
    await views.insert('speed_group', [groupRow({ start: day }), groupRow({ start: highWaterMs })])

    expect(await energies()).toEqual([
      ['speed', 1],
      ['speed', 2],
    ])
    expect(await views.query('merged_group', { ...all, group: '', limit: 9 })).toHaveLength(2)
  })
})

describe('with a generation', () => {
  beforeAll(async () => {
    for (const generation of [1, 2]) {
      await views.insert('batch_deviation', [
        batchRow({ run: generation, start: day, energy_mwh: 10 * generation }),
        batchRow({ run: generation, start: highWaterMs - hourMs, energy_mwh: 11 * generation }),
        // At the high-water mark and after it the batch layer may have rows; they are not shown.
        batchRow({ run: generation, start: highWaterMs, energy_mwh: 12 * generation }),
      ])
      await views.insert('manifest', [manifestRow(generation)])
      await views.insert('generations', [generationRow(generation)])
    }
    // A run that is not published.
    await views.insert('batch_deviation', [batchRow({ run: 3, start: day, energy_mwh: 30 })])
    await views.insert('speed_deviation', [
      speedRow({
        start: highWaterMs,
        version: 5,
        energy_mwh: 3,
        is_exception: true,
      }),
      speedRow({ start: highWaterMs, version: 4, energy_mwh: 4 }),
      speedRow({ meter: 'b', start: highWaterMs, group_id: 'south', energy_mwh: 5 }),
    ])
  })

  test('the pointer is the newest', async () => {
    expect(await views.query('published_generation')).toEqual([
      {
        ...{ generation: 2, run: 2n, highWaterMs, horizonMs: highWaterMs },
        ...{ modelId: 'm2', createdMs: 2, heldSinceMs: null },
      },
    ])
  })

  test('batch rows before the high-water mark, the newest speed rows from it on', async () => {
    const merged = [
      ['batch', 20],
      ['batch', 22],
      ['speed', 3],
      ['speed', 5],
    ]
    expect(await energies()).toEqual(merged)
    expect(await energies({ to_ms: highWaterMs })).toEqual(merged.slice(0, 2))
    expect(await energies({ from_ms: day + 1 })).toEqual(merged.slice(1))
    expect(await energies({ from_ms: highWaterMs })).toEqual(merged.slice(2))
    expect(await energies({ limit: 1 })).toEqual(merged.slice(0, 1))
    expect(await energies({ meter: 'b' })).toEqual(merged.slice(3))
    expect(await energies({ group: 'north' })).toEqual(merged.slice(0, 3))
    expect(await energies({ group: 'south', meter: 'a' })).toEqual([])
  })

  test('a merged row has the fields of a deviation and says where it is from', async () => {
    expect(await views.query('merged_deviation', { ...everything, limit: 1 })).toEqual([
      {
        meter: 'a',
        group_id: 'north',
        start_ms: day,
        duration_s: 1800,
        energy_mwh: 20,
        baseline_mwh: 7,
        ratio: 1.25,
        deviation_w: -0.5,
        z: null,
        rolling_wh: null,
        is_exception: false,
        origin: 'batch',
      },
    ])
  })

  test('exceptions are the exceptional rows of the merged view, newest first', async () => {
    await views.insert('batch_deviation', [
      batchRow({
        run: 2,
        meter: 'c',
        start: day,
        energy_mwh: 9,
        is_exception: true,
      }),
      batchRow({
        run: 2,
        meter: 'c',
        start: highWaterMs,
        energy_mwh: 9,
        is_exception: true,
      }),
    ])
    const rows = await views.query('exceptions', everything)
    expect(rows.map((row) => [row.meter, row.start_ms, row.origin])).toEqual([
      ['a', highWaterMs, 'speed'],
      ['c', day, 'batch'],
    ])
    expect(rows.every((row) => row.is_exception)).toBe(true)
  })
})

test('a group is batch’s if it ended by the high-water mark, else speed’s', async () => {
  const { version: _, ...sum } = groupRow({ group_id: 'sum', start: day })
  const batch = { ...sum, day: date, run: 2 }
  await views.insert('batch_group', [
    { ...batch, start: day, members: 2 },
    { ...batch, start: day, members: 8, run: 1 },
    // The high-water mark falls into the half-hours that start a quarter before it.
    { ...batch, start: highWaterMs - 900_000, members: 9 },
    { ...batch, start: highWaterMs, members: 9 },
  ])
  const live = groupRow({ group_id: 'sum', start: highWaterMs, version: 2, members: 3 })
  await views.insert('speed_group', [
    live,
    { ...live, version: 1, members: 9 },
    { ...live, start: highWaterMs - 900_000, members: 4 },
    { ...live, start: highWaterMs - hourMs, members: 9 },
  ])
  const sums = { group_id: 'sum', duration_s: 1800, load_w: 5, baseline_w: 6, deviation_w: -1 }
  expect(await views.query('merged_group', { ...all, group: 'sum', limit: 10 })).toEqual([
    { ...sums, start_ms: day, members: 2, origin: 'batch' },
    { ...sums, start_ms: highWaterMs - 900_000, members: 4, origin: 'speed' },
    { ...sums, start_ms: highWaterMs, members: 3, origin: 'speed' },
  ])
})

test('forecasts and baselines are those of the newest generation', async () => {
  await views.insert('meters', [meterRow({ meter: 'a', groups: 'north' })])
  for (const generation of [1, 2, 3]) {
    const rows = ['a', 'b'].map((meter) => ({
      run: generation,
      meter,
      start: highWaterMs,
      duration_s: 1800,
    }))
    await views.insert(
      'batch_forecast',
      rows.map((row) => ({ ...row, forecast_mwh: generation, model: 'm', flag: '' })),
    )
    await views.insert(
      'batch_baseline',
      rows.map((row) => ({ ...row, baseline_mwh: generation, sigma_w: 0.5 })),
    )
  }
  const row = { start_ms: highWaterMs, duration_s: 1800 }
  const forecast = { ...row, forecast_mwh: 2, model: 'm', flag: '' }
  const forecastOf = (change: Partial<ParametersOf<'forecast'>>) =>
    views.query('forecast', { ...everything, ...change })
  expect(await forecastOf({})).toEqual([
    { meter: 'a', ...forecast },
    { meter: 'b', ...forecast },
  ])
  expect(await forecastOf({ meter: 'b' })).toEqual([{ meter: 'b', ...forecast }])
  expect(await forecastOf({ group: 'north' })).toEqual([{ meter: 'a', ...forecast }])
  expect(await forecastOf({ to_ms: highWaterMs })).toEqual([])

  const summed = { ...row, members: 2, forecast_mwh: 4, model: 'm', flag: '' }
  const sumsOf = ['', 'north'].flatMap((group_id) =>
    [1, 2].map((run) => ({ ...summed, run, start: highWaterMs, group_id, forecast_mwh: run })),
  )
  await views.insert(
    'batch_group_forecast',
    sumsOf.map(({ start_ms: _, ...each }) => each),
  )
  for (const [group, group_id] of [
    ['', 'all'],
    ['north', 'north'],
  ]) {
    expect(await views.query('view_group_forecast', { ...all, group: group!, limit: 5 })).toEqual([
      { group_id, ...summed, forecast_mwh: 2 },
    ])
  }

  const own = { duration_s: 1800, start_ms: [highWaterMs], baseline_mwh: [2], sigma_w: [0.5] }
  const ahead = (change: Partial<ParametersOf<'baselines_ahead'>>) =>
    views.query('baselines_ahead', { ...all, limit: 5, after_ms: 0, ...change })
  expect(await ahead({})).toEqual([
    { meter: 'a', ...own },
    { meter: 'b', ...own },
  ])
  expect(await ahead({ limit: 1 })).toEqual([{ meter: 'a', ...own }])
  expect(await ahead({ after: 'a', after_ms: highWaterMs })).toEqual([{ meter: 'b', ...own }])
  expect(await ahead({ from_ms: highWaterMs + 1 })).toEqual([])
})

test('ingest counters are summed by layer, each bucket once by its longest prefix', async () => {
  const row = { topic: 'readings.v1', log_partition: 0, late: 1, corrected: 0 }
  const counts = { read: 5, accepted: 3, duplicate: 1, rejected: 1 }
  const rows = [0, 4096].map((log_offset) => {
    return { layer: 'archive', ...row, ...counts, log_offset, next_offset: log_offset + 5 }
  })
  await views.insert('ingest_counters', rows)
  await views.insert('ingest_counters', rows)
  await views.insert('ingest_counters', [{ ...rows[0]!, next_offset: 6, late: 4 }])
  await views.insert('ingest_counters', [{ ...rows[0]!, layer: 'speed', corrected: 1 }])
  expect(await views.query('ingest_counters')).toEqual([
    { layer: 'archive', read: 10, accepted: 6, duplicate: 2, rejected: 2, late: 5, corrected: 0 },
    { layer: 'speed', read: 5, accepted: 3, duplicate: 1, rejected: 1, late: 1, corrected: 1 },
  ])
  const at = { topic: 'readings.v1', log_partition: 0 }
  expect(await views.query('ingest_buckets', { layer: 'archive' })).toEqual([
    { ...at, from_offset: 4096, next_offset: 4101, ...counts, late: 1, corrected: 0 },
  ])
})

test('dead letters page by offset and by reason', async () => {
  const reasons = ['unparsable', 'unknown-meter', 'unparsable']
  const deadLetter = {
    ...{ detail: 'd', source: 's', source_index: 4, original_base64: 'AAE=' },
    ...{ source_line: 6, source_column: 'A', source_value: 'x', read_as: '{}' },
  }
  const rows = reasons.map((reason, log_offset) => {
    return { ...deadLetter, reason, log_offset, received: day }
  })
  await views.insert('rejected', rows)
  await views.insert('rejected', rows)
  const page = async (reason: string, from_offset: number, limit: number) => {
    const found = await views.query('rejected', { reason, source: '', from_offset, limit })
    return found.map((row) => row.log_offset)
  }
  expect(await page('', 0, 10)).toEqual([0, 1, 2])
  expect(await page('', 1, 1)).toEqual([1])
  expect(await page('unparsable', 0, 10)).toEqual([0, 2])
  expect(await page('unparsable', 1, 10)).toEqual([2])
  expect(
    await views.query('rejected', { reason: '', source: '', from_offset: 2, limit: 1 }),
  ).toEqual([{ ...deadLetter, reason: 'unparsable', log_offset: 2, received_ms: day }])
})

test('a watermark is the newest of its partition', async () => {
  await views.insert('watermarks', [
    { log_partition: 1, version: 2n ** 40n * 3n + 2n, watermark: day },
    { log_partition: 0, version: 9, watermark: highWaterMs, held_from: day },
    { log_partition: 0, version: 8, watermark: highWaterMs + 1 },
  ])
  expect(await views.query('watermarks')).toEqual([
    { log_partition: 0, watermark_ms: highWaterMs, held_from_ms: day, generation: 0 },
    { log_partition: 1, watermark_ms: day, held_from_ms: null, generation: 3 },
  ])
})

test('a replay starts at the smallest offset of what starts from a quarter on', async () => {
  const quarterMs = 900_000
  await views.insert('first_places', [
    { log_partition: 0, quarter: highWaterMs - quarterMs, log_offset: 1 },
    { log_partition: 0, quarter: highWaterMs, log_offset: 8 },
    { log_partition: 0, quarter: highWaterMs, log_offset: 9 },
    { log_partition: 0, quarter: highWaterMs + quarterMs, log_offset: 5 },
    { log_partition: 1, quarter: highWaterMs, log_offset: 7 },
  ])
  const offsets = async (from_ms: number) => {
    const rows = await views.query('replay_offsets', { from_ms })
    return rows.map((row) => [row.log_partition, row.log_offset])
  }
  expect(await offsets(highWaterMs)).toEqual([
    [0, 5],
    [1, 7],
  ])
  expect(await offsets(highWaterMs - 1)).toEqual([
    [0, 1],
    [1, 7],
  ])
  expect(await offsets(highWaterMs + quarterMs)).toEqual([[0, 5]])
  expect(await offsets(highWaterMs + 2 * quarterMs)).toEqual([])
})

test('points and occupancies come in pages by site and time', async () => {
  const places = ['b', 'a', 'c'].flatMap((site) =>
    [day, 0, highWaterMs].map((start) => ({ site, start })),
  )
  const own = { version: 1, programme: 'p', terms: '+M', hash: '' }
  await views.insert(
    'points',
    places.map((place) => ({ ...place, ...own })),
  )
  await views.insert(
    'occupancies',
    places.map((place) => ({ ...place, version: 1, account: '' })),
  )
  for (const read of [readPoints, readOccupancies]) {
    const whole: readonly Placed[] = await read(views)
    expect(whole.map(({ site, fromMs }) => [site, fromMs])).toEqual(
      ['a', 'b', 'c'].flatMap((site) => [0, day, highWaterMs].map((fromMs) => [site, fromMs])),
    )
    const pages: Placed[] = []
    for (;;) {
      const page: readonly Placed[] = await read(views, { after: pages.at(-1), limit: 2 })
      if (page.length === 0) break
      expect(page.length).toBeLessThanOrEqual(2)
      pages.push(...page)
    }
    expect(pages).toEqual(whole)
    expect(await read(views, { site: 'b', after: whole[3], limit: 9 })).toEqual(whole.slice(4, 6))
  }
})

type Placed = { readonly site: string; readonly fromMs: number }

async function energies(
  change: Partial<ParametersOf<'merged_deviation'>> = {},
): Promise<unknown[][]> {
  const rows = await views.query('merged_deviation', { ...everything, ...change })
  return rows.map((row) => [row.origin, row.energy_mwh])
}

type Change<Name extends RowSetName, Wanted extends keyof InsertRow<Name>> = Partial<
  InsertRow<Name>
> &
  Pick<InsertRow<Name>, Wanted>

const deviation = {
  meter: 'a',
  group_id: 'north',
  duration_s: 1800,
  is_exception: false,
}

function batchRow(
  change: Change<'batch_deviation', 'run' | 'start'>,
): InsertRow<'batch_deviation'> {
  const figures = { energy_mwh: 0, baseline_mwh: 7, ratio: 1.25, deviation_w: -0.5 }
  return { ...deviation, day: date, ...figures, ...change }
}

function speedRow(
  change: Change<'speed_deviation', 'start' | 'energy_mwh'>,
): InsertRow<'speed_deviation'> {
  return { ...deviation, is_missing: false, version: 1, ...change }
}

function groupRow(change: Change<'speed_group', 'start'>): InsertRow<'speed_group'> {
  const sums = { members: 1, load_w: 5, baseline_w: 6, deviation_w: -1 }
  return { group_id: 'north', version: 1, duration_s: 1800, ...sums, ...change }
}

function meterRow(change: Change<'meters', 'meter' | 'groups'>): InsertRow<'meters'> {
  return { version: 1, zone: 'UTC', interval_s: 1800, account: '', ...change }
}

function generationRow(generation: number): InsertRow<'generations'> {
  const model_id = `m${generation}`
  const limits = { high_water: highWaterMs, horizon: highWaterMs }
  return { generation, run: generation, ...limits, model_id, created: generation, inputs: '' }
}

function manifestRow(run: number): InsertRow<'manifest'> {
  return { run, day: date, rows_run: run, sums_run: run, since: date }
}
