import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { archiveStep, openArchive } from '../../batch/archive/runArchive.ts'
import { makeHandlers } from '../../batch/handlers.ts'
import { recomputeJob } from '../../batch/jobs/jobs.ts'
import { createGroupSums, partsOfMeter } from '../../batch/recompute/groupRows.ts'
import type { Deviation } from '../../schemas/deviation/deviationRow.ts'
import { planGroups, termsByMeter } from '../../schemas/deviation/groupPlan.ts'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import { type Address, type MeterId, meterId } from '../../schemas/ids.ts'
import { intervalAt } from '../../schemas/meter/grid.ts'
import { firstStep } from '../../schemas/meter/step.ts'
import { readEnrolled } from '../../schemas/ports/enrolled.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { quality, type Reading } from '../../schemas/reading/reading.ts'
import { stated } from '../../schemas/reading/testing/aReading.ts'
import type { RowOf } from '../../schemas/sql/catalogue/catalogue.ts'
import { addDays, intervalStarts, localDayNamed } from '../../schemas/time.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { energyMwh } from '../../schemas/units.ts'
import { compareEvent } from '../../serving/merge/compareEvent.ts'
import { emptyBaseline } from '../../serving/settlement/eventBaselines.ts'
import { settleEvent } from '../../serving/settlement/settleEvent.ts'
import { exampleEvent } from '../../serving/settlement/testing/exampleEvent.ts'
import { openEventStore } from '../../serving/store/eventStore.ts'
import { advance, createFollower } from '../../speed/advance.ts'
import { createMeterRegistry } from '../../speed/api/registry.ts'
import type { Shell } from '../../speed/following.ts'
import { framesOf } from '../../speed/ingest/framesOf.ts'
import { systemClock } from '../engines/clock/systemClock.ts'
import { openOnnxInference } from '../engines/inference/onnxInference.ts'
import { openLmdbLog } from '../engines/log/lmdb/lmdbLog.ts'
import { openFolderModels } from '../engines/models/folderModels.ts'
import { openClickHouseViews } from '../engines/views/clickhouseViews.ts'
import { startTestClickHouse, type TestClickHouse } from '../testing/testClickHouse.ts'

/**
 * Both layers over the real log and the real store: what a reader sees before and after a
 * generation is published. The high-water mark is midnight in London; clocks go forward on the
 * 31st.
 */
const zone = 'Europe/London'
const first = localDayNamed('2013-03-31', zone)
const second = addDays(first, 1, zone)
const fromMs = addDays(first, -14, zone).startMs
const hourMs = 3_600_000
const partitions = 2
const topics = { [readingsTopic]: partitions, [rejectedTopic]: 1 }
const deviation = { ...deviationDefaults, bandWh: 300 }
const meters = [
  { meter: 'A', zone, groups: 'london', interval_s: 1800 },
  { meter: 'B', zone, groups: 'london', interval_s: 900 },
  { meter: 'C', zone, groups: 'mixed', interval_s: 1800 },
  // Zones in mid-day at the high-water mark: 20:00 and 05:30.
  { meter: 'D', zone: 'America/New_York', groups: 'mixed', interval_s: 1800 },
  { meter: 'E', zone: 'Asia/Kolkata', groups: 'mixed', interval_s: 3600 },
].map((row) => ({ ...row, version: 1, account: '' }))

/** Noon of Wednesday the 20th: an example day of the weekdays from Friday the 22nd on. */
const lateMs = Date.UTC(2013, 2, 20, 12)

let server: TestClickHouse
let views: Views
let log: Log
const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-publish-'))

beforeAll(async () => {
  server = await startTestClickHouse()
  views = await openClickHouseViews({ url: server.url })
  log = await openLmdbLog({ dir: path.join(dir, 'log'), partitions: topics })
  await views.insert('meters', meters)
  await append(readings().filter((each) => !isLate(each)))
})
afterAll(async () => {
  await Promise.all([views.close(), log.close()])
  await server.stop()
  rmSync(dir, { recursive: true, force: true })
})

test('a closed day reads byte-equal, and no exception is lost', async () => {
  await publish(first.startMs, 0)
  const before = await readViews()
  await expectSettledAsShown('speed')
  await publish(second.startMs, 1)
  const after = await readViews()
  await expectSettledAsShown('batch')

  expect(after).toEqual(before)
  const closed = after.rows.filter((row) => row.start_ms < first.startMs)
  expect(closed.filter((row) => row.z !== null).length).toBeGreaterThan(1_000)
  expect(after.exceptions.length).toBeGreaterThan(10)
  expect(new Set(after.groups.map((row) => row.group_id))).toEqual(new Set(['london', 'mixed']))
})

test('a late reading changes only what depends on it, once a generation includes it', async () => {
  const before = await readViews()
  await append(readings().filter(isLate))
  await catchUp()
  expect(await readViews()).toEqual(before)

  await publish(second.startMs, 2)
  const after = await readViews()
  const changed = differing(before.rows, after.rows)
  expect(before.rows.some((row) => row.meter === 'A' && row.start_ms === lateMs)).toBe(false)
  expect(changed.map((row) => row.start_ms)).toContain(lateMs)
  for (const { meter, start_ms } of changed) {
    const at = new Date(start_ms)
    // From noon on: its own day, and weekdays whose baseline may use it.
    expect(meter).toBe('A')
    expect(at.getUTCHours() * hourMs).toBeGreaterThanOrEqual(lateMs % (24 * hourMs))
    expect([20, 22, 25, 26, 27, 28, 29]).toContain(at.getUTCDate())
  }
  // The baseline of each of those noons has one more example day.
  const noons = changed.filter((row) => row.start_ms % (24 * hourMs) === 12 * hourMs)
  expect(noons.map((row) => new Date(row.start_ms).getUTCDate())).toEqual([
    20, 22, 25, 26, 27, 28, 29,
  ])
  const touched = new Set(changed.map((row) => row.start_ms))
  for (const row of differing(before.groups, after.groups)) {
    expect(row.group_id).toBe('london')
    expect(touched).toContain(row.start_ms)
  }
})

test('a meter that changes its group, within a generation, leaves no live sum behind', async () => {
  const shell = openShell()
  const follower = createFollower()
  while (await advance(shell, follower));
  expect(new Set((await liveSums()).map(([group]) => group))).toEqual(new Set(['london', 'mixed']))

  // First E alone is left; then it joins the others, whose interval becomes an hour of Kolkata.
  for (const [version, moved] of [
    [2, ['C', 'D']],
    [3, ['E']],
  ] as const) {
    const changed = meters.filter(({ meter }) => moved.some((each) => each === meter))
    const rows = changed.map((row) => ({ ...row, version, groups: 'london' }))
    await views.insert('meters', rows)
    const isFollowed = async () => {
      while (await advance(shell, follower));
      return follower.current?.state.revision
    }
    await expect.poll(isFollowed, { timeout: 30_000 }).toBe(version)
    while (await advance(shell, follower));
    expect(await liveSums()).toEqual(await sumsOfLiveRows())
  }
  expect((await liveSums()).map(([group, , durationS]) => [group, durationS])).toEqual([
    ['london', 3600],
  ])
})

/** After the high-water mark: group, start, interval, members, load. */
async function liveSums() {
  // The hour of Kolkata that contains the high-water mark is live.
  const from_ms = second.startMs - hourMs
  const range = { from_ms, to_ms: second.endMs, limit: 1_000, group: '' }
  const rows = (await views.query('merged_group', range)).filter((row) => row.origin === 'speed')
  return rows.map((row) => [
    row.group_id,
    row.start_ms,
    row.duration_s,
    row.members,
    Math.round(row.load_w),
  ])
}

/** The same from the rows of the meters, by the batch layer's sums. */
async function sumsOfLiveRows() {
  const enrolled = await readEnrolled(views)
  const plans = planGroups(enrolled)
  const terms = termsByMeter(plans.values())
  const sums = createGroupSums(plans)
  const from_ms = second.startMs - hourMs
  const range = { from_ms, to_ms: second.endMs, limit: 10_000, group: '' }
  for (const each of enrolled) {
    const rows = await views.query('merged_deviation', { ...range, meter: each.meter })
    const [term] = terms.get(each.meter)!
    const isWanted = (ms: number) => intervalAt(term!.grid, ms).endMs > second.startMs
    sums.add(partsOfMeter({ meter: each, term: term!, rows: rows.map(deviationOf), isWanted }))
  }
  return sums
    .finish(second.endMs)
    .map((sum) => [sum.group, sum.startMs, sum.durationS, sum.members, Math.round(sum.loadW)])
    .sort(([left, from], [right, to]) => Number(from) - Number(to) || (left! < right! ? -1 : 1))
}

/**
 * The live comparison of an event through the whole day has, member by member, what its settlement
 * has: with the versions that count, and without readings of another length than the event's.
 */
async function expectSettledAsShown(origin: 'batch' | 'speed'): Promise<void> {
  const range = { from_ms: first.startMs, to_ms: first.endMs, group: '', meter: '', limit: 10_000 }
  const shown = await views.query('merged_deviation', range)
  expect(new Set(shown.map((row) => row.origin))).toEqual(new Set([origin]))
  const rows = shown.map((row) => ({ ...deviationOf(row), origin: row.origin }))
  const account = `0x${'1'.repeat(40)}` as Address
  for (const intervalS of [900, 1800, 3600]) {
    const participants = meters.map(({ meter }) => ({ meter: meterId(meter), account }))
    // The hours of E start at half past.
    const shiftMs = intervalS === 3600 ? hourMs / 2 : 0
    const [startMs, endMs] = [first.startMs + shiftMs, first.endMs - shiftMs]
    const event = { ...exampleEvent, startMs, endMs, intervalS, participants }
    const intervals = [...intervalStarts(event, intervalS)].map((startMs) => {
      return { startMs, baselineMwh: energyMwh(intervalS * 300) }
    })
    const baselines = new Map(
      participants.map(({ meter }) => [meter, { ...emptyBaseline, intervals }]),
    )
    const ofEvent = { range: first, meters: participants.map(({ meter }) => meter), intervalS }
    const store = openEventStore(views)
    const metered = await store.readings(ofEvent, await store.places())
    const settled = settleEvent({ event, baselines, metered, balances: new Map() })
    const compared = compareEvent({
      ...{ event, rows, range: first, window: null },
      ...{ committed: baselines, isVerified: false },
    })
    expect(
      compared.members.map(({ meter, orderedMwh, deliveredMwh }) => {
        return { meter, ordered: orderedMwh, delivered: deliveredMwh }
      }),
    ).toEqual(
      settled.lines.map(({ meter, intervals, delivered }) => {
        const ordered = intervals.reduce((sum, each) => sum + each.ordered, 0)
        return { meter, ordered, delivered }
      }),
    )
    expect(compared.deliveredMwh).toBe(settled.delivered)
    expect(settled.delivered).toBeGreaterThan(0)
    // Short readings are missing, and so is every reading of a meter with longer intervals.
    const own = meters.filter(({ interval_s }) => interval_s <= intervalS)
    const measured = settled.lines.filter((line) => line.missing.length < intervals.length)
    expect(measured.map(({ meter }) => meter)).toEqual(own.map(({ meter }) => meter))
  }
}

function deviationOf(row: RowOf<'merged_deviation'>): Deviation {
  return {
    ...{ meter: row.meter, groups: row.group_id, startMs: row.start_ms, durationS: row.duration_s },
    ...{ energyMwh: row.energy_mwh, baselineMwh: row.baseline_mwh, ratio: row.ratio, z: row.z },
    ...{ deviationW: row.deviation_w, rollingWh: row.rolling_wh, isException: row.is_exception },
  }
}

/** Computes a generation from the whole log, and lets the speed layer follow it. */
async function publish(highWaterMs: number, after: number): Promise<void> {
  await archive()
  const models = openFolderModels(path.join(dir, 'models'))
  const ports = { views, models, inference: openOnnxInference(), clock: systemClock() }
  const job = recomputeJob({ highWaterMs, zone, after })
  const result = await makeHandlers(ports, { deviation }).handle(job)
  expect(result).toMatchObject({ outcome: 'published', generation: after + 1 })
  await catchUp()
}

async function archive(): Promise<void> {
  const ports = { log, views, clock: systemClock() }
  const archiveState = await openArchive(ports)
  while ((await archiveStep(ports, archiveState)) > 0);
}

/** The speed layer step by step, so the test knows when it has read everything. */
async function catchUp(): Promise<void> {
  const shell = openShell()
  const follower = createFollower()
  while (await advance(shell, follower));
}

function openShell(): Shell {
  return {
    ...{ log, views, partitions, clock: systemClock(), report: () => {} },
    signal: new AbortController().signal,
    options: { ...deviation, latenessS: 3_600, cellsMax: 1_000_000 },
    registry: createMeterRegistry(views),
  }
}

async function readViews() {
  const range = { from_ms: fromMs, to_ms: second.endMs, limit: 100_000, group: '' }
  const rows = await views.query('merged_deviation', { ...range, meter: '' })
  const groups = await views.query('merged_group', range)
  const exceptions = await views.query('exceptions', { ...range, meter: '' })
  return {
    rows: rows.map(({ origin: _, ...row }) => row),
    groups: groups.map(({ origin: _, ...row }) => row),
    exceptions: exceptions.map(({ origin: _, ...row }) => row),
  }
}

function differing<T>(before: readonly T[], after: readonly T[]): T[] {
  const known = new Set(before.map((row) => JSON.stringify(row)))
  return after.filter((row) => !known.has(JSON.stringify(row)))
}

/** Two weeks before the first high-water mark, the day up to the second, and one more hour. */
function readings(): Reading[] {
  return meters.flatMap(({ meter, interval_s, zone }, index) => {
    const stepMs = interval_s * 1000
    // The hours of Kolkata start at half past.
    const grid = { zone, steps: firstStep(interval_s) }
    const firstMs = intervalAt(grid, fromMs).startMs
    const slots = Math.floor((second.startMs + hourMs - fromMs) / stepMs)
    return Array.from({ length: slots }, (_, slot) => {
      const startMs = firstMs + slot * stepMs
      const wh = 100 + ((slot * slot * 37 + index * 101) % 997)
      return versionsOf(readingOf(meterId(meter), startMs, { durationS: interval_s, wh }), slot)
    }).flat()
  })
}

/** Some readings are estimated, corrected or repeated, in both orders, or have another length. */
function versionsOf(reading: Reading, slot: number): Reading[] {
  const energy = energyMwh(reading.energyMwh + 70_000)
  const estimate = { ...reading, energyMwh: energy, quality: quality.estimated }
  const corrected = { ...reading, energyMwh: energy, revision: 1 }
  const short = { ...corrected, durationS: 600 }
  const others: Readonly<Record<number, Reading[]>> = {
    3: [estimate, reading],
    5: [reading, estimate],
    7: [reading, corrected],
    11: [corrected, reading],
    13: [reading, short],
    17: [short, reading, corrected],
    19: [{ ...estimate, durationS: 600 }, reading],
    23: [reading, { ...reading, powerW: 5 }, reading],
  }
  // A noon of each weekday is an example of a later one, which the second test counts.
  const isNoon = reading.startMs % (24 * hourMs) === lateMs % (24 * hourMs)
  return (isNoon ? null : others[slot % 29]) ?? [reading]
}

function isLate({ meter, startMs }: Reading): boolean {
  return meter === 'A' && startMs === lateMs
}

type Metered = { readonly durationS: number; readonly wh: number }

function readingOf(meter: MeterId, startMs: number, { durationS, wh }: Metered): Reading {
  return {
    ...{ meter, startMs, durationS },
    energyMwh: energyMwh(Math.round((wh * 1000 * durationS) / 1800)),
    powerW: null,
    reactiveVar: null,
    quality: quality.measured,
    revision: 0,
    ...stated,
  }
}

async function append(list: readonly Reading[]): Promise<void> {
  for (const [partition, { frames }] of framesOf(list, partitions)) {
    const records = frames.map((value) => ({ key: new Uint8Array(), value }))
    await log.append(readingsTopic, partition, records)
  }
}
