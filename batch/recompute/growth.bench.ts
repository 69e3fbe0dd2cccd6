import { bench, describe } from 'vitest'
import { systemClock } from '../../deploy/engines/clock/systemClock.ts'
import { openOnnxInference } from '../../deploy/engines/inference/onnxInference.ts'
import { openClickHouseViews } from '../../deploy/engines/views/clickhouseViews.ts'
import { startTestClickHouse } from '../../deploy/testing/testClickHouse.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { BatchPorts } from '../batchPorts.ts'
import { readRecomputeData, recomputeJob } from '../jobs.ts'
import { recompute } from './recompute.ts'

/**
 * Cost of a recompute of ten restated days after 30, 120 and 365 days of history: 100 half-hourly
 * meters, the job alone (this process; the store's CPU is its own). The last ten days are restated.
 */
const dayMs = 86_400_000
const markMs = Date.UTC(2014, 0, 6)
const meters = Array.from({ length: 100 }, (_, index) => `M${String(index).padStart(3, '0')}`)

describe('growth: recompute of ten restated days', () => {
  for (const days of [30, 120, 365]) {
    bench(`${days} days`, () => measure(days), { iterations: 1, warmupIterations: 0, time: 0 })
  }
})

async function measure(days: number): Promise<void> {
  const server = await startTestClickHouse()
  const views = await openClickHouseViews({ url: server.url })
  try {
    await views.insert(
      'meters',
      meters.map((meter) => {
        return { meter, version: 1, zone: 'UTC', group_id: 'g', interval_s: 1800, account: '' }
      }),
    )
    for (let day = -days; day < 0; day++) await restate(views, day, 0)
    await run(views)
    for (let day = -10; day < 0; day++) await restate(views, day, 1)
    const before = process.cpuUsage()
    const { counts } = await run(views)
    const { user, system } = process.cpuUsage(before)
    const rows = counts.deviations + counts.groups + counts.baselines + counts.forecasts
    const cpuMs = Math.round((user + system) / 1000)
    const seen = `${days} days: ${cpuMs} ms CPU, ${counts.days} days and ${rows} rows written`
    process.stdout.write(`growth ${seen}\n`)
  } finally {
    await views.close()
    await server.stop()
  }
}

async function run(views: Views) {
  const [published] = await views.query('published_generation')
  const after = published?.generation ?? 0
  const job = recomputeJob({ highWaterMs: markMs, zone: 'UTC', after })
  const models = { released: async () => null } as unknown as BatchPorts['models']
  const ports = { views, models, inference: openOnnxInference(), clock: systemClock() }
  return recompute(ports, readRecomputeData(job.data), { graceS: 0 })
}

let offset = 0
async function restate(views: Views, day: number, revision: number): Promise<void> {
  const rows = meters.flatMap((meter, index) =>
    Array.from({ length: 48 }, (_, slot) => ({
      ...{ meter, start: markMs + day * dayMs + slot * 1_800_000, quality: 2, revision },
      ...{ energy_mwh: 200_000 + 1_000 * ((slot * 7 + index * 11 + revision * 5) % 97) },
      ...{ power_w: null, reactive_var: null, duration_s: 1800 },
      ...{ log_partition: 0, log_offset: offset++, log_index: 0 },
    })),
  )
  await views.insert('readings', rows)
  const progress = { log_partition: 0, next_offset: offset, max_end: markMs, read_at: markMs }
  await views.insert('archive_progress', [progress])
}
