import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type MeterId, meterId, partitionOf } from '../../schemas/ids.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { encodeFrame } from '../../schemas/reading/frame.ts'
import { aReading } from '../../schemas/reading/testing/aReading.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { energyMwh } from '../../schemas/units.ts'
import { systemClock } from '../engines/clock/systemClock.ts'
import { openLmdbLog } from '../engines/log/lmdb/lmdbLog.ts'
import { openClickHouseViews } from '../engines/views/clickhouseViews.ts'
import { startTestClickHouse, type TestClickHouse } from '../testing/testClickHouse.ts'

export const partitions = 2
export const stepMs = 1_800_000
export const startMs = Date.UTC(2026, 0, 5)
const groups = 10

/** A log and a store of their own, with half-hourly meters in ten groups and their baselines. */
export type LiveStores = {
  readonly log: Log
  readonly views: Views
  readonly server: TestClickHouse
  /** By partition. */
  readonly meters: readonly (readonly MeterId[])[]
  close(): Promise<void>
}

export async function openLiveStores(given: {
  meters: number
  slots: number
}): Promise<LiveStores> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'wattproof-live-'))
  const server = await startTestClickHouse()
  const views = await openClickHouseViews({ url: server.url })
  const topics = { [readingsTopic]: partitions, [rejectedTopic]: 1 }
  const log = await openLmdbLog({ dir, partitions: topics })
  const all = Array.from({ length: given.meters }, (_, at) => meterId(`meter-${1_000_000 + at}`))
  const own = { version: 1, zone: 'UTC', interval_s: stepMs / 1000, account: '' }
  await views.insert(
    'meters',
    all.map((meter, at) => ({ ...own, meter, groups: `group-${at % groups}` })),
  )
  for (let slot = 0; slot < given.slots; slot++) await insertBaselines(views, all, slot)
  const at = { high_water: startMs, horizon: startMs + given.slots * stepMs, created: startMs }
  await views.insert('generations', [{ generation: 1, run: 1, inputs: '', model_id: '', ...at }])
  const meters = Array.from({ length: partitions }, (_, partition) =>
    all.filter((meter) => partitionOf(meter, partitions) === partition),
  )
  const close = async () => {
    await Promise.all([views.close(), log.close()])
    await server.stop()
    rmSync(dir, { recursive: true, force: true })
  }
  return { log, views, server, meters, close }
}

async function insertBaselines(views: Views, meters: readonly string[], slot: number) {
  const columns = {
    run: Uint32Array.of(1),
    meter: { texts: meters, indexes: Uint32Array.from(meters.keys()) },
    start: Float64Array.of(startMs + slot * stepMs),
    duration_s: Uint32Array.of(stepMs / 1000),
    baseline_mwh: Float64Array.of(100_000),
    sigma_w: Float32Array.of(90),
  }
  await views.insert('batch_baseline', { rows: meters.length, columns })
}

/** A frame of one reading of each meter; every hundredth reading is far above its baseline. */
export function frameOf(meters: readonly MeterId[], slot: number): Uint8Array {
  return encodeFrame(
    meters.map((meter, at) => {
      const taken = at % 100 === 0 ? 5_000_000 : 90_000 + ((at * 7_919 + slot * 104_729) % 20_000)
      const own = { meter, startMs: startMs + slot * stepMs, durationS: stepMs / 1000 }
      return aReading({ ...own, energyMwh: energyMwh(taken) })
    }),
  )
}

/** Waits until the speed layer has committed all of the log. */
export async function caughtUp({ log }: Pick<LiveStores, 'log'>): Promise<void> {
  for (;;) {
    const progress = await log.progress('speed', readingsTopic)
    if (progress.every(({ committed, end }) => committed === end)) return
    await systemClock().sleep(20)
  }
}
