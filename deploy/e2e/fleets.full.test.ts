import { afterEach, expect, test } from 'vitest'
import { meterId } from '../../schemas/ids.ts'
import { quality, type Reading } from '../../schemas/reading/reading.ts'
import { stated } from '../../schemas/reading/testing/aReading.ts'
import { addDays, type EpochMs, localDayNamed } from '../../schemas/time.ts'
import { energyMwh } from '../../schemas/units.ts'
import { type BothLayers, type EnrolledRow, openBothLayers } from '../testing/bothLayers.ts'

/** Fleets of unlike meters, in both layers over the real log and the real store. */
const zone = 'Europe/London'
const first = localDayNamed('2013-02-13', zone)
const second = addDays(first, 1, zone)
const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** Days of history: enough for a baseline of a weekday. */
const historyDays = 6

const opened: BothLayers[] = []
afterEach(async () => {
  for (const layers of opened.splice(0)) await layers.stop()
})

test('meters of one second, a minute and half an hour, together and in one group', async () => {
  const meters = [
    ...['S0', 'S1'].map((meter) => rowOf(meter, { groups: 'seconds', interval_s: 1 })),
    ...['T0', 'T1'].map((meter) => rowOf(meter, { groups: 'mixed', interval_s: 60 })),
    ...['U0', 'U1'].map((meter) => rowOf(meter, { groups: 'mixed', interval_s: 1_800 })),
    ...[1, 60, 1_800].map((interval_s, index) => {
      return rowOf(`N${index}`, { groups: 'new', interval_s })
    }),
  ]
  const layers = await open(meters)
  const fromMs = addDays(first, -historyDays, zone).startMs
  await layers.append(meters.flatMap((row) => readingsOf(row, fromMs, second.startMs + hourMs)))
  await layers.publish({ highWaterMs: first.startMs, zone, after: 0 })
  const state = await layers.catchUp()
  // Ordinary settings: whole days of the seconds, with the baselines' next one, would be 500,000.
  expect(state).toMatchObject({ spilled: null, spilledToMs: Number.NEGATIVE_INFINITY })
  expect(state.cells).toBeLessThan(60_000)
  const live = await readViews(layers, fromMs)

  await layers.publish({ highWaterMs: second.startMs, zone, after: 1 })
  const closed = await readViews(layers, fromMs)
  expect(closed).toEqual(live)
  for (const { meter, interval_s } of meters) {
    const own = closed.rows.filter((row) => row.meter === meter && row.start_ms >= first.startMs)
    const expected = readingsOf(
      rowOf(meter, { interval_s }),
      first.startMs,
      second.startMs + hourMs,
    )
    expect(own.map((row) => row.start_ms)).toEqual(expected.map(({ startMs }) => startMs))
    // Half an hour a day is no example of a day.
    expect(own.some((row) => row.z !== null)).toBe(!isBrief(meter))
  }
  const sums = closed.groups.filter((row) => {
    return row.start_ms >= first.startMs && row.start_ms < second.startMs
  })
  const sumsOf = (group: string) => sums.filter((row) => row.group_id === group)
  expect(sumsOf('mixed').map((row) => [row.duration_s, row.members])).toEqual(
    Array.from({ length: 48 }, () => [1_800, 4]),
  )
  // 1,800 readings of a second, 30 of a minute and one of half an hour.
  expect(sumsOf('new').map((row) => [row.duration_s, row.members])).toEqual([[1_800, 3]])
  expect(sumsOf('seconds').map((row) => row.members)).toEqual(
    Array.from({ length: 1_800 }, () => 2),
  )
}, 180_000)

test('twenty meters, one of them a week behind: nobody waits, nothing is lost', async () => {
  const meters = Array.from({ length: 20 }, (_, index) => {
    return rowOf(`M${String(index).padStart(2, '0')}`, { groups: `G${index % 4}` })
  })
  const [slow, ...others] = meters as [EnrolledRow, ...EnrolledRow[]]
  const fromMs = addDays(first, -historyDays - 7, zone).startMs
  const weekAgoMs = first.startMs - 7 * dayMs
  const endMs = second.startMs + hourMs
  const punctual = meters.flatMap((row) => readingsOf(row, fromMs, endMs))
  const layers = await open(meters)
  await layers.append(others.flatMap((row) => readingsOf(row, fromMs, first.startMs + hourMs)))
  await layers.append(readingsOf(slow, fromMs, weekAgoMs))
  await layers.publish({ highWaterMs: first.startMs, zone, after: 0 })
  const before = await readViews(layers, first.startMs)
  expect(new Set(before.rows.map((row) => row.meter))).toEqual(
    new Set(others.map((row) => row.meter)),
  )

  // Its week, in between what the others go on with.
  for (let day = 0; day < 7; day++) {
    const dayFromMs = weekAgoMs + day * dayMs
    await layers.append(readingsOf(slow, dayFromMs, dayFromMs + dayMs))
    const hour = first.startMs + (1 + day) * hourMs
    await layers.append(others.flatMap((row) => readingsOf(row, hour, hour + hourMs)))
  }
  const state = await layers.catchUp()
  expect(state.spilled).toBeNull()
  const meanwhile = await readViews(layers, first.startMs)
  expect(meanwhile.rows).toHaveLength(19 * 2 * 8)
  expect(meanwhile.rows.filter((row) => row.start_ms < first.startMs + hourMs)).toEqual(before.rows)

  await layers.append(others.flatMap((row) => readingsOf(row, first.startMs + 8 * hourMs, endMs)))
  await layers.append(readingsOf(slow, first.startMs, endMs))
  await layers.publish({ highWaterMs: second.startMs, zone, after: 1 })
  const inTime = await open(meters)
  await inTime.append(punctual)
  await inTime.publish({ highWaterMs: second.startMs, zone, after: 0 })
  expect(await readViews(layers, fromMs)).toEqual(await readViews(inTime, fromMs))
}, 180_000)

async function open(meters: readonly EnrolledRow[]): Promise<BothLayers> {
  const layers = await openBothLayers(meters)
  opened.push(layers)
  return layers
}

async function readViews({ views }: BothLayers, fromMs: EpochMs) {
  const range = { from_ms: fromMs, to_ms: second.endMs, limit: 200_000, group: '' }
  const rows = await views.query('merged_deviation', { ...range, meter: '' })
  const groups = await views.query('merged_group', range)
  return {
    rows: rows.map(({ origin: _, ...row }) => row),
    groups: groups.map(({ origin: _, ...row }) => row),
  }
}

function rowOf(meter: string, given: Partial<EnrolledRow>): EnrolledRow {
  return { meter, zone, groups: 'G', interval_s: 1_800, ...given }
}

/** The half-hour in which those report that would have a million rows, or are new. */
const busySlot = 36

function isBrief(meter: string): boolean {
  return meter.startsWith('S') || meter.startsWith('N')
}

/** What a meter reports between two instants. */
function readingsOf({ meter, interval_s }: EnrolledRow, fromMs: EpochMs, toMs: EpochMs): Reading[] {
  const stepMs = interval_s * 1000
  const index = meter.charCodeAt(0) + Number(meter.slice(1))
  return Array.from({ length: (toMs - fromMs) / stepMs }, (_, each): Reading => {
    const startMs = fromMs + each * stepMs
    const slot = startMs / stepMs
    const wh = 100 + (((slot % 1_009) * (slot % 911) + index * 101) % 997)
    return {
      ...{ meter: meterId(meter), startMs, durationS: interval_s },
      energyMwh: energyMwh(Math.round((wh * 1_000 * interval_s) / 1_800)),
      ...{ powerW: null, reactiveVar: null, quality: quality.measured, revision: 0, ...stated },
    }
  }).filter(({ startMs }) => {
    if (!isBrief(meter)) return true
    return startMs > first.startMs - dayMs && Math.floor((startMs % dayMs) / 1_800_000) === busySlot
  })
}
