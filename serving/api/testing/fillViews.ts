import { NoAccountToPayError } from '../../../schemas/errors/event.ts'
import { eventProblemOf } from '../../../schemas/errors/eventProblem.ts'
import type { EventProgress } from '../../../schemas/event.ts'
import type { MeterId } from '../../../schemas/ids.ts'
import type { Log } from '../../../schemas/ports/log.ts'
import type { Views } from '../../../schemas/ports/views.ts'
import { encodeDeadLetter } from '../../../schemas/reading/deadLetter.ts'
import { statedColumns } from '../../../schemas/reading/testing/aReading.ts'
import type { InsertRow } from '../../../schemas/sql/rowSets.ts'
import type { EpochMs } from '../../../schemas/time.ts'
import { firstProgress } from '../../programme/announceEvent.ts'
import {
  type BuildSettlementReturnType,
  buildSettlement,
} from '../../settlement/buildSettlement.ts'
import {
  accounts,
  exampleEvent,
  exampleInputs,
  meters,
} from '../../settlement/testing/exampleEvent.ts'
import { openEventStore } from '../../store/eventStore.ts'

export const { startMs, endMs, id } = exampleEvent
export const stepMs = 1_800_000
export const hourMs = 3_600_000
/** Local midnight before the event: batch rows before it, speed rows from it on. */
export const highWaterMs = Date.UTC(2013, 1, 11)

/** @returns the settlement of the event. */
export async function fill(
  views: Views,
  log: Log,
  nowMs: EpochMs,
): Promise<BuildSettlementReturnType> {
  await fillLog(views, log, nowMs)
  await views.insert('meters', [
    ...meters.map((meter, index) => meterRow(meter, 'dynamic', accounts[index]!)),
    meterRow('ALONE' as MeterId, 'lonely', ''),
  ])
  const reading = { meter: meters[0]!, start: startMs, duration_s: 1800, power_w: null }
  const at = { reactive_var: null, log_partition: 0, log_offset: 0 }
  await views.insert('readings', [
    {
      ...reading,
      ...at,
      quality: 2,
      revision: 0,
      ...statedColumns,
      energy_mwh: 340_000,
      log_index: 0,
    },
    {
      ...reading,
      ...at,
      quality: 2,
      revision: 1,
      ...statedColumns,
      energy_mwh: 341_000,
      log_index: 1,
    },
  ])
  await fillMerged(views)
  return fillEvent(views, nowMs)
}

async function fillLog(views: Views, log: Log, nowMs: EpochMs): Promise<void> {
  const empty = new Uint8Array()
  await log.append('readings.v1', 0, [
    { key: empty, value: empty },
    { key: empty, value: empty },
  ])
  await log.commit('speed', { topic: 'readings.v1', partition: 0, offset: 1 })
  await log.commit('archive', { topic: 'readings.v1', partition: 0, offset: 2 })
  const deadLetter = (reason: 'unparsable' | 'not-a-number', index: number) => {
    const original = new TextEncoder().encode('M1,x')
    const rejection = {
      ...{ reason, detail: 'A detail.', original, source: 'a.csv', index },
      ...{ line: index + 2, column: 'A', value: 'x', readAs: '' },
    }
    return encodeDeadLetter(rejection, nowMs)
  }
  const deadLetters = [deadLetter('unparsable', 2), deadLetter('not-a-number', 3)]
  await log.append(
    'readings.v1.rejected',
    0,
    deadLetters.map((value) => ({ key: empty, value })),
  )
  const rows = deadLetters.map((bytes, offset) => {
    const each = JSON.parse(new TextDecoder().decode(bytes))
    return {
      reason: each.reason,
      log_offset: offset,
      detail: each.detail,
      source: each.source,
      source_index: each.index,
      source_line: each.line,
      source_column: each.column,
      source_value: each.value,
      read_as: each.readAs,
      received: each.receivedMs,
      original_base64: each.originalBase64,
    }
  })
  await views.insert('rejected', rows)
  const record = { log_partition: 0, next_offset: 9, late: 0, corrected: 0 }
  const readings = { ...record, topic: 'readings.v1', log_offset: 0 }
  const refused = { ...record, topic: 'readings.v1.rejected', log_offset: 0, accepted: 0 }
  await views.insert('ingest_counters', [
    { ...readings, layer: 'archive', read: 6, accepted: 5, duplicate: 1, rejected: 0, late: 1 },
    { ...refused, layer: 'archive', read: 2, duplicate: 0, rejected: 2 },
    { ...readings, layer: 'speed', read: 6, accepted: 4, duplicate: 1, rejected: 0 },
    { ...refused, layer: 'speed', read: 1, duplicate: 0, rejected: 1 },
  ])
  const held_from = endMs - hourMs
  // Compared with the generation before the published one: the speed layer has not caught up.
  const version = 2n ** 40n + 1n
  await views.insert('watermarks', [{ log_partition: 0, version, watermark: endMs, held_from }])
  const progress = { next_offset: 0, max_end: null, read_at: endMs - hourMs }
  await views.insert(
    'archive_progress',
    [0, 1].map((log_partition) => ({ log_partition, ...progress })),
  )
}

async function fillMerged(views: Views): Promise<void> {
  const created = {
    horizon: highWaterMs + 48 * hourMs,
    model_id: '',
    created: highWaterMs,
    inputs: '',
  }
  await views.insert('generations', [
    { generation: 1, run: 1, high_water: highWaterMs - 24 * hourMs, ...created },
    { generation: 2, run: 2, high_water: highWaterMs, held_since: highWaterMs, ...created },
  ])
  const dirty = { generation: 2, version: 1, days: 3, meters: 4, since: endMs - hourMs }
  await views.insert('dirty_days', [dirty])
  const day = new Date(highWaterMs - stepMs).toISOString().slice(0, 10)
  await views.insert('manifest', [{ run: 2, day, rows_run: 2, sums_run: 2, since: day }])
  const values = {
    duration_s: 1800,
    ratio: null,
    z: null,
    rolling_wh: null,
    is_exception: false,
  }
  const row = (meter: string, start: number) => ({
    ...{ meter, start, group_id: 'dynamic', ...values },
    ...{ energy_mwh: 300_000, baseline_mwh: 310_000, deviation_w: -20 },
  })
  const batchStarts = [highWaterMs - 2 * stepMs, highWaterMs - stepMs]
  await views.insert(
    'batch_deviation',
    meters.flatMap((meter) => batchStarts.map((start) => ({ ...row(meter, start), day, run: 2 }))),
  )
  const speedStarts = Array.from({ length: 8 }, (_, slot) => startMs - 2 * hourMs + slot * stepMs)
  await views.insert(
    'speed_deviation',
    meters.flatMap((meter) =>
      speedStarts.map((start) => {
        return { ...row(meter, start), is_missing: false, version: 1 }
      }),
    ),
  )
  const group = { duration_s: 1800, version: 1, load_w: 600, baseline_w: 620, deviation_w: -20 }
  await views.insert('speed_group', [
    { ...group, group_id: 'dynamic', start: startMs, members: 5 },
    { ...group, group_id: 'lonely', start: startMs, members: 1 },
  ])
  const ahead = { run: 2, start: highWaterMs, duration_s: 1800 }
  const forecast = { forecast_mwh: 200_000, model: 'ridge', flag: '' }
  const withAlone = [...meters, 'ALONE']
  await views.insert(
    'batch_forecast',
    withAlone.map((meter) => ({ ...ahead, ...forecast, meter })),
  )
  const summed = { ...ahead, ...forecast, forecast_mwh: 1_000_000 }
  await views.insert('batch_group_forecast', [
    { ...summed, group_id: 'dynamic', members: 5 },
    { ...summed, group_id: 'lonely', members: 1, forecast_mwh: 200_000 },
  ])
  await views.insert(
    'batch_baseline',
    withAlone.map((meter) => ({ ...ahead, baseline_mwh: 310_000, sigma_w: 9, meter })),
  )
}

async function fillEvent(views: Views, nowMs: EpochMs): Promise<BuildSettlementReturnType> {
  const inputs = exampleInputs()
  const built = buildSettlement(inputs)
  const store = openEventStore(views)
  const delivered = built.settlement.lines.reduce((sum, line) => sum + line.delivered, 0)
  const progress: EventProgress = {
    ...firstProgress(exampleEvent),
    version: 7,
    state: 'final',
    reachedMs: { announced: exampleEvent.announcedMs, final: nowMs },
    orderedMwh: 640_000,
    // 0 + 1,000 + 2,000 + 3,000; the fifth has no figure.
    speedDeliveredMwh: 6000,
    deliveredMwh: delivered,
    deficiencyMwh: 0,
    problem: eventProblemOf(new NoAccountToPayError({ meter: meters[0]! }), 'log'),
  }
  await store.putEvent(progress)
  await store.putCommittedInputs(id, {
    version: 1,
    baselines: inputs.baselines,
    baselinesRoot: built.header.baselinesRoot,
    asOf: inputs.asOf.baselines,
    speedFigures: inputs.speedFigures,
  })
  const { published, header, members } = built
  const record = {
    ...{ format: 'wattproof-settlement-1' as const, published, header, members },
    ...{ state: 'final' as const, period: 1, chain: null, verdicts: [] },
  }
  await store.putRecord({ record, version: 1, state: 'final' })
  await store.putLines(built, 1)
  return built
}

function meterRow(meter: MeterId, groups: string, account: string): InsertRow<'meters'> {
  return { meter, version: 1, zone: 'Europe/London', groups, interval_s: 1800, account }
}

export function cardOf(modelId: string) {
  const range = ['2013-01-01T00:00:00Z', '2013-02-01T00:00:00Z'] as const
  return {
    ...{ id: modelId, name: 'day-ahead', kind: 'ridge', createdMs: highWaterMs, meters: 5 },
    split: { train: range, validate: range, test: range },
    ...{ hyperparameters: { lambda: 0.1 }, inputs: { z: ['n', 336] }, outputs: { y: ['n', 48] } },
    ...{ metrics: { ratio: 0.7 }, notes: '' },
  }
}
