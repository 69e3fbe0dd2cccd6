import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../deploy/engines/clock/systemClock.ts'
import { openLmdbLog } from '../deploy/engines/log/lmdb/lmdbLog.ts'
import { openClickHouseViews } from '../deploy/engines/views/clickhouseViews.ts'
import { startTestClickHouse, type TestClickHouse } from '../deploy/testing/testClickHouse.ts'
import { deviationDefaults } from '../schemas/deviation/options.ts'
import { RetryableError } from '../schemas/errors/wattproofError.ts'
import type { MeterId } from '../schemas/ids.ts'
import { slotOf } from '../schemas/meter/grid.ts'
import type { Log, Membership } from '../schemas/ports/log.ts'
import type { Views } from '../schemas/ports/views.ts'
import { statedColumns } from '../schemas/reading/testing/aReading.ts'
import { holders, readingsTopic, rejectedTopic } from '../schemas/topics.ts'
import { createMeterRegistry } from './api/registry.ts'
import { cellOf, openMeterDay, openRun } from './deviation/speedDay.ts'
import { followGeneration } from './followGeneration.ts'
import type { Shell } from './following.ts'
import { loadBaselines } from './loadBaselines.ts'
import { dayOf } from './microbatch/roster.ts'
import { createSpeedState, type SpeedState } from './microbatch/speedState.ts'
import { drain } from './outbox.ts'
import { publishBacklog } from './processBatch.ts'

/** One partition; record n holds the reading of hour n, which the master data set has too. */
const hourMs = 3_600_000
const dayMs = 24 * hourMs
const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-follow-'))

let server: TestClickHouse
let views: Views
let log: Log
let shell: Shell
beforeAll(async () => {
  server = await startTestClickHouse()
  views = await openClickHouseViews({ url: server.url })
  const partitions = { [readingsTopic]: 1, [rejectedTopic]: 1 }
  log = await openLmdbLog({ dir, partitions, holders, retainRecordsMax: 2 })
  shell = {
    ...{ log, views, clock: systemClock(), partitions: 1, report: () => {} },
    signal: new AbortController().signal,
    options: { ...deviationDefaults, latenessS: 3_600, cellsMax: 1_000_000 },
    registry: createMeterRegistry(views),
  }
})
afterAll(async () => {
  await Promise.all([views.close(), log.close()])
  await server.stop()
  rmSync(dir, { recursive: true, force: true })
})

test('retention keeps what a replay needs; a replay with missing records is refused', async () => {
  // Before the first look, and without a generation, a replay may need all of it.
  await append(0, 6)
  expect(await startOf()).toBe(0)
  expect((await followGeneration(shell)).next).toEqual([0])
  await readBoth(6)
  await append(6, 8)
  expect(await startOf()).toBe(0)

  // Hours 4 and 5 belong to the speed layer; 6 and 7 are not read yet.
  await publish(1, 4)
  expect((await followGeneration(shell)).next).toEqual([4])
  await append(8, 9)
  // 9 - 2 = 7 may be removed, both layers have read 6, and a replay starts at 4.
  expect(await startOf()).toBe(4)
  await readBoth(9)
  await append(9, 10)
  expect(await startOf()).toBe(4)
  expect((await followGeneration(shell)).next).toEqual([4])

  await publish(2, 7)
  expect((await followGeneration(shell)).next).toEqual([7])
  await append(10, 12)
  expect(await startOf()).toBe(7)

  // A generation whose high-water mark is earlier than the removed records.
  await publish(3, 5)
  const refused = followGeneration(shell)
  await expect(refused).rejects.toThrow(RetryableError)
  await expect(refused).rejects.toThrow('needs partition 0 from offset 5; retention has left it')
  await publish(4, 8)
  expect((await followGeneration(shell)).next).toEqual([8])
})

test('baselines are read in pieces that do not grow with the fleet', async () => {
  const meters = ['A', 'B', 'C', 'D'] as MeterId[]
  // B changes its step on the second day.
  const steps = (meter: MeterId) => {
    const changed = meter === 'B' ? [{ fromMs: 21 * dayMs, intervalS: 3_600, gridOffsetS: 0 }] : []
    return JSON.stringify([{ fromMs: 0, intervalS: 1_800, gridOffsetS: 0 }, ...changed])
  }
  const place = { kind: null, zone: 'UTC', groups: 'g', account: '', interval_s: 1_800 }
  await views.insert(
    'meters',
    meters.map((meter) => ({ ...place, meter, site: meter, steps: steps(meter), version: 1 })),
  )
  const slot = (meter: MeterId, ms: number) => {
    return { meter, startMs: ms, durationS: meter === 'B' && ms >= 21 * dayMs ? 3_600 : 1_800 }
  }
  // Eleven of each on the first day, and two on the second.
  const starts = [...Array.from({ length: 11 }, (_, at) => 20 * dayMs + at * 1_800_000)]
  starts.push(21 * dayMs, 21 * dayMs + hourMs)
  const slots = meters.flatMap((meter) => starts.map((startMs) => slot(meter, startMs)))
  await views.insert(
    'batch_baseline',
    slots.map(({ meter, startMs, durationS }, at) => {
      const own = { meter, start: startMs, duration_s: durationS }
      return { run: 9, ...own, baseline_mwh: at, sigma_w: at / 8 }
    }),
  )
  await publish(9, 20 * 24, 22 * 24)
  const narrow = await openClickHouseViews({ url: server.url, limits: { resultRows: 10 } })
  const { state } = await followGeneration({ ...shell, views: narrow })
  const expected = slots.map((each, at) => ({ ...each, baselineMwh: at, sigmaW: at / 8 }))
  expect(baselinesOf(state, slots)).toEqual(expected)

  const [pointer] = await views.query('published_generation')
  for (const atOnce of [1, 7, 13, 52]) {
    const fresh = createSpeedState({ ...shell, ...state, meters: shell.registry.all() })
    await loadBaselines(narrow, { state: fresh, pointer: pointer!, atOnce })
    expect(baselinesOf(fresh, slots), `${atOnce} at once`).toEqual(expected)
  }
  await narrow.close()
})

test('sums of groups that are gone are voided in pieces', async () => {
  const following = await followGeneration(shell)
  const { generation, highWaterMs } = following.state
  expect(generation).toBe(9)
  const gone = Array.from({ length: 10 }, (_, hour) => ({
    ...{ group_id: 'gone', start: highWaterMs + hour * hourMs, version: 1 },
    ...{ duration_s: 3_600, members: 4, load_w: 1, baseline_w: null, deviation_w: null },
  }))
  await views.insert('speed_group', gone)
  const range = { from_ms: highWaterMs, to_ms: highWaterMs + dayMs, group: '', limit: 100 }
  expect(await views.query('merged_group', range)).toHaveLength(10)
  following.backlog = [][Symbol.iterator]()
  let pieces = 0
  while (await publishBacklog(shell, following, 4)) pieces += 1
  // 4, 4 and 2.
  expect(pieces).toBe(3)
  await drain(shell, following, 0)
  await following.outbox.writing
  expect(await views.query('merged_group', range)).toEqual([])
})

test('while the lease of a process is over, nothing of a replay is passed over', async () => {
  let assigned = [{ topic: readingsTopic, partition: 0, epoch: 3 }]
  const membership = { assigned: () => assigned } as unknown as Membership
  const member = { ...shell, membership }
  const following = await followGeneration(member)
  let taken = 0
  following.backlog = (function* () {
    for (; taken < 2; taken++) yield {}
  })()
  const own = assigned
  assigned = []
  expect([await publishBacklog(member, following), taken]).toEqual([false, 0])
  expect(following.backlog).not.toBeNull()
  assigned = own
  while (await publishBacklog(member, following));
  expect([taken, following.backlog]).toEqual([2, null])
  await following.outbox.writing
})

type Slot = { readonly meter: MeterId; readonly startMs: number; readonly durationS: number }

function baselinesOf({ enrolled }: SpeedState, slots: readonly Slot[]) {
  return slots.map(({ meter, startMs, durationS }) => {
    const { roster, index } = enrolled.get(meter)!
    const day = dayOf(roster, startMs)
    const at = openMeterDay(day, index)
    const run = openRun(at, slotOf(day, startMs))
    const cell = cellOf(run, slotOf(day, startMs))
    const { baselineMwh, sigmaW } = run.block.columns
    expect(day.stepS).toBe(durationS)
    return { meter, startMs, durationS, baselineMwh: baselineMwh[cell], sigmaW: sigmaW[cell] }
  })
}

async function append(from: number, to: number): Promise<void> {
  for (let hour = from; hour < to; hour++) {
    await log.append(readingsTopic, 0, [{ key: new Uint8Array(), value: new Uint8Array() }])
    const quarter = hour * hourMs
    await views.insert('first_places', [{ log_partition: 0, quarter, log_offset: hour }])
    await views.insert('readings', [
      {
        ...{ meter: 'M', start: hour * hourMs, duration_s: 3_600, quality: 2, revision: 0 },
        ...{ energy_mwh: 1, power_w: null, ...statedColumns, reactive_var: null },
        ...{ log_partition: 0, log_offset: hour, log_index: 0 },
      },
    ])
  }
}

async function readBoth(offset: number): Promise<void> {
  for (const group of ['speed', 'archive']) {
    await log.commit(group, { topic: readingsTopic, partition: 0, offset })
  }
}

async function publish(generation: number, hour: number, horizon = hour): Promise<void> {
  const mark = hour * hourMs
  await views.insert('generations', [
    {
      ...{ generation, run: generation, high_water: mark, horizon: horizon * hourMs },
      ...{ model_id: '', created: mark, inputs: '' },
    },
  ])
}

async function startOf(): Promise<number | undefined> {
  return (await log.progress('speed', readingsTopic))[0]?.start
}
