import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { archiveStep, openArchive } from '../../../batch/archive/runArchive.ts'
import { makeHandlers } from '../../../batch/handlers.ts'
import { recomputeJob } from '../../../batch/jobs/jobs.ts'
import type { RecomputeReturnType } from '../../../batch/recompute/recompute.ts'
import { deviationDefaults } from '../../../schemas/deviation/options.ts'
import type { Clock } from '../../../schemas/ports/clock.ts'
import type { Views } from '../../../schemas/ports/views.ts'
import { encodeActFrame } from '../../../schemas/reading/frame.ts'
import type { EpochMs } from '../../../schemas/time.ts'
import { readingsTopic, rejectedTopic } from '../../../schemas/topics.ts'
import { advance, createFollower } from '../../../speed/advance.ts'
import { createMeterRegistry } from '../../../speed/api/registry.ts'
import type { Shell } from '../../../speed/following.ts'
import { framesOf } from '../../../speed/ingest/framesOf.ts'
import { openOnnxInference } from '../../engines/inference/onnxInference.ts'
import { openLmdbLog } from '../../engines/log/lmdb/lmdbLog.ts'
import { openFolderModels } from '../../engines/models/folderModels.ts'
import type { Disturbance, Piece } from './disturb.ts'
import { createMortal, type Stores } from './mortal.ts'
import { commitBaselines, type Settled, settleWorld } from './settleWorld.ts'
import type { StageName, World } from './world.ts'

const partitions = 2
const deviation = { ...deviationDefaults, bandWh: 300 }
const options = { ...deviation, latenessS: 3_600, cellsMax: 1_000_000 }
const topics = { [readingsTopic]: partitions, [rejectedTopic]: 1 }
const dayMs = 86_400_000

export type Played = {
  /** All that is shown, at the end of the event's day and once that is published; roots. */
  readonly outcome: Settled & { readonly live: Shown; readonly closed: Shown }
  /** Words in the log. */
  readonly sent: number
  /** That each layer has counted. */
  readonly counted: readonly (readonly [layer: string, words: number])[]
}
type Shown = Awaited<ReturnType<typeof readShown>>

/**
 * A world from its first word to its settlement: log, archive, batch generations before and after
 * the event's day, and the speed layer, whose processes are killed as the disturbance has it.
 *
 * @param views of an empty store.
 */
export async function playWorld(
  views: Views,
  world: World,
  disturbance: Disturbance,
): Promise<Played> {
  const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-seed-'))
  const run = await openRun({ dir, views, world, disturbance })
  try {
    await run.arrive('history')
    await run.publish(world.day.startMs)
    await run.arrive('morning')
    await run.archive()
    await commitBaselines(views, world.event)
    await run.arrive('rest')
    await run.speed()
    const live = await readShown(views, world)
    // A generation of what happens to be archived is replaced by that of all.
    if (disturbance.isHit(2)) await run.publish(world.day.endMs, false)
    await run.publish(world.day.endMs)
    const closed = await readShown(views, world)
    const settled = await settleWorld(views, world.event)
    const counters = await views.query('ingest_counters')
    const counted = counters.map(({ layer, read }) => [layer, read] as const)
    return { outcome: { ...settled, live, closed }, sent: run.sent(), counted }
  } finally {
    await run.close()
    rmSync(dir, { recursive: true, force: true })
  }
}

type OpenRun = {
  readonly dir: string
  readonly views: Views
  readonly world: World
  readonly disturbance: Disturbance
}

async function openRun({ dir, views, world, disturbance }: OpenRun) {
  let nowMs = world.day.startMs
  const clock: Clock = {
    nowMs: () => nowMs,
    elapsedMs: () => performance.now(),
    sleep: async () => {},
  }
  const logDir = path.join(dir, 'log')
  const log = await openLmdbLog({ dir: logDir, partitions: topics, nowMs: clock.nowMs })
  const stores = { log, views }
  const processes = openProcesses({
    stores,
    clock,
    disturbance,
    modelsDir: path.join(dir, 'models'),
  })
  await enrol(views, world)
  let [sent, generation] = [0, 0]
  const append = async ({ readings, acts }: Piece) => {
    nowMs = world.day.startMs + disturbance.jumpMs()
    for (const [partition, { frames, rows }] of framesOf(readings, partitions)) {
      const records = frames.map((value) => ({ key: new Uint8Array(), value }))
      await log.append(readingsTopic, partition, records)
      sent += rows
    }
    for (const act of acts) {
      const record = { key: new Uint8Array(), value: encodeActFrame(act) }
      for (let each = 0; each < partitions; each++) await log.append(readingsTopic, each, [record])
    }
  }
  return {
    sent: () => sent,
    speed: processes.speed,
    archive: processes.archive,
    close: () => log.close(),
    /** The layers look at some pieces as they come. */
    async arrive(name: StageName): Promise<void> {
      for (const piece of disturbance.cut(world.stages[name])) {
        await append(piece)
        if (disturbance.isHit(2)) await processes.speed()
        if (disturbance.isHit(4)) await processes.archive()
      }
    },
    /** The next generation of what is archived by now, which the speed layer follows. */
    async publish(highWaterMs: EpochMs, isWhole = true): Promise<void> {
      if (isWhole) await processes.archive()
      const { zone } = world.event
      const result = await processes.job({ highWaterMs, zone, after: generation })
      generation = result.generation
      if (isWhole || disturbance.isHit(2)) await processes.speed(generation)
    },
  }
}

type OpenProcesses = {
  readonly stores: Stores
  readonly clock: Clock
  readonly disturbance: Disturbance
  readonly modelsDir: string
}

function openProcesses({ stores, clock, disturbance, modelsDir }: OpenProcesses) {
  const { nextDeath } = disturbance
  const speed = createMortal(stores, nextDeath, (own) => ({ ...openSpeed(own, clock) }))
  const archive = createMortal(stores, nextDeath, async (own) => {
    const ports = { ...own, clock }
    return { ports, partitions: await openArchive(ports) }
  })
  const models = openFolderModels(modelsDir)
  const inference = openOnnxInference()
  const jobs = createMortal(stores, nextDeath, ({ views }) =>
    makeHandlers({ views, models, inference, clock }, { deviation }),
  )
  return {
    /** Until it has read everything, and shows that generation. */
    speed: (generation?: number) =>
      speed.run(async ({ shell, follower }) => {
        const isShown = () =>
          generation === undefined || follower.current?.state.generation === generation
        do {
          follower.pointer.dueMs = 0
          while (await advance(shell, follower)) await follower.preparing?.done
          await follower.preparing?.done
        } while (!isShown())
      }),
    archive: () =>
      archive.run(async ({ ports, partitions }) => {
        while ((await archiveStep(ports, partitions)) > 0);
      }),
    async job(data: Parameters<typeof recomputeJob>[0]): Promise<RecomputeReturnType> {
      let result: unknown
      await jobs.run(async (handlers) => {
        result = await handlers.handle(recomputeJob(data))
      })
      return result as RecomputeReturnType
    },
  }
}

function openSpeed({ log, views }: Stores, clock: Clock) {
  const shell: Shell = {
    ...{ log, views, partitions, clock, options, report: () => {} },
    signal: new AbortController().signal,
    registry: createMeterRegistry(views),
  }
  return { shell, follower: createFollower() }
}

function enrol(views: Views, { meters }: World): Promise<void> {
  return views.insert(
    'meters',
    meters.map(({ intervalS, ...each }) => ({ ...each, interval_s: intervalS, version: 1 })),
  )
}

async function readShown(views: Views, { day }: World) {
  const range = { from_ms: day.startMs - 10 * dayMs, to_ms: day.endMs + dayMs, limit: 100_000 }
  const all = { ...range, meter: '', group: '' }
  const watermarks = await views.query('watermarks')
  return {
    rows: await views.query('merged_deviation', all),
    groups: await views.query('merged_group', { ...range, group: '' }),
    exceptions: await views.query('exceptions', all),
    watermarks: watermarks.map(({ generation: _, ...each }) => each),
  }
}
