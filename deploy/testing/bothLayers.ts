import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { archiveStep, openArchive } from '../../batch/archive/runArchive.ts'
import { makeHandlers } from '../../batch/handlers.ts'
import { recomputeJob } from '../../batch/jobs/jobs.ts'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import { invariant } from '../../schemas/errors/wattproofError.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { readingsTopic, rejectedTopic } from '../../schemas/topics.ts'
import { advance, createFollower } from '../../speed/advance.ts'
import { createMeterRegistry } from '../../speed/api/registry.ts'
import type { Shell } from '../../speed/following.ts'
import { framesOf } from '../../speed/ingest/framesOf.ts'
import type { SpeedState } from '../../speed/microbatch/speedState.ts'
import { systemClock } from '../engines/clock/systemClock.ts'
import { openOnnxInference } from '../engines/inference/onnxInference.ts'
import { openLmdbLog } from '../engines/log/lmdb/lmdbLog.ts'
import { openFolderModels } from '../engines/models/folderModels.ts'
import { openClickHouseViews } from '../engines/views/clickhouseViews.ts'
import { startTestClickHouse } from './testClickHouse.ts'

const partitions = 2
const deviation = { ...deviationDefaults, bandWh: 300 }
/** The value of `WATTPROOF_SPEED_CELLS`. */
const cellsMax = 6_000_000

export type EnrolledRow = {
  readonly meter: string
  readonly zone: string
  readonly groups: string
  readonly interval_s: number
}

/** Both layers over the real log and the real store, step by step. */
export type BothLayers = {
  readonly views: Views
  readonly log: Log
  append(readings: readonly Reading[]): Promise<void>
  /** The batch layer's archive reads everything. */
  archive(): Promise<void>
  /** A generation from the whole log; the speed layer follows it. */
  publish(mark: { highWaterMs: EpochMs; zone: string; after: number }): Promise<void>
  /** The speed layer reads everything; its state afterwards. */
  catchUp(): Promise<SpeedState>
  stop(): Promise<void>
}

/** @param storeUrl of a store that others started; without it, one of their own. */
export async function openBothLayers(
  meters: readonly EnrolledRow[],
  storeUrl?: string,
): Promise<BothLayers> {
  const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-layers-'))
  const server = storeUrl === undefined ? await startTestClickHouse() : null
  const views = await openClickHouseViews({ url: storeUrl ?? server!.url })
  const topics = { [readingsTopic]: partitions, [rejectedTopic]: 1 }
  const log = await openLmdbLog({ dir: path.join(dir, 'log'), partitions: topics })
  const enrolled = meters.map((row) => ({ ...row, version: 1, account: '' }))
  if (enrolled.length > 0) await views.insert('meters', enrolled)
  const shell: Shell = {
    ...{ log, views, partitions, clock: systemClock(), report: () => {} },
    signal: new AbortController().signal,
    options: { ...deviation, latenessS: 3_600, cellsMax },
    registry: createMeterRegistry(views),
  }
  return {
    ...{ views, log },
    async append(readings) {
      for (const [partition, { frames }] of framesOf(readings, partitions)) {
        const records = frames.map((value) => ({ key: new Uint8Array(), value }))
        await log.append(readingsTopic, partition, records)
      }
    },
    archive: () => archive(log, views),
    async publish({ highWaterMs, zone, after }) {
      await archive(log, views)
      const models = openFolderModels(path.join(dir, 'models'))
      const ports = { views, models, inference: openOnnxInference(), clock: systemClock() }
      const job = recomputeJob({ highWaterMs, zone, after })
      const result = await makeHandlers(ports, { deviation }).handle(job)
      const isPublished = (result as { outcome?: string }).outcome === 'published'
      invariant(isPublished, `No generation was published: ${JSON.stringify(result)}.`)
      await readAll(shell)
    },
    catchUp: () => readAll(shell),
    async stop() {
      await Promise.all([views.close(), log.close()])
      await server?.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function archive(log: Log, views: Views): Promise<void> {
  const ports = { log, views, clock: systemClock() }
  const archiveState = await openArchive(ports)
  while ((await archiveStep(ports, archiveState)) > 0);
}

/** As after a restart: what is shown depends on the log and the generation alone. */
async function readAll(shell: Shell): Promise<SpeedState> {
  const follower = createFollower()
  while (await advance(shell, follower));
  invariant(follower.current !== null, 'The speed layer has nothing to show.')
  return follower.current.state
}
