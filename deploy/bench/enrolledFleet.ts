import type { Views } from '../../schemas/ports/views.ts'
import { insertRowsMax } from '../../schemas/ports/views.ts'
import { sameText } from '../../schemas/sql/insertColumns.ts'

export const stepMs = 1_800_000
const metersAGroup = 1_000
const exceptionEach = 100

/** Above every version of the speed layer, so that it neither replaces nor voids these rows. */
const version = 1n << 120n

/** A meter of half-hours in a community of a thousand, as the API takes it. */
export function meterOf(index: number): object {
  return {
    meter: idOf(index),
    zone: 'Europe/London',
    groups: { community: groupOf(index) },
    intervalS: stepMs / 1000,
  }
}

function idOf(index: number): string {
  return `M${String(index).padStart(7, '0')}`
}

function groupOf(index: number): string {
  return `g${Math.floor(index / metersAGroup)}`
}

/** Straight into the store, from one meter up to another; each insert has a version of its own. */
export async function storeMeters(views: Views, from: number, end: number): Promise<void> {
  for (let at = from; at < end; at += insertRowsMax) {
    const length = Math.min(insertRowsMax, end - at)
    const own = { version: Date.now(), zone: 'Europe/London', interval_s: stepMs / 1000 }
    const rows = Array.from({ length }, (_, index) => {
      return { ...own, meter: idOf(at + index), groups: groupOf(at + index), account: '' }
    })
    await views.insert('meters', rows)
  }
}

/**
 * Live rows of an interval, straight into the store, of which every hundredth is an exception, its
 * sums of groups, and one reading of each meter.
 */
export async function storeInterval(views: Views, count: number, startMs: number): Promise<void> {
  const one = (value: number) => Float64Array.of(value)
  for (let at = 0; at < count; at += insertRowsMax) {
    const rows = Math.min(insertRowsMax, count - at)
    const indexes = Uint32Array.from({ length: rows }, (_, index) => index)
    const ids = Array.from(indexes, (index) => idOf(at + index))
    const energy = Float64Array.from(indexes, (index) => 200_000 + (index % 100) * 1_000)
    const shared = { meter: { texts: ids, indexes }, start: one(startMs), energy_mwh: energy }
    await views.insert('speed_deviation', {
      rows,
      columns: {
        ...shared,
        ...{ version: { base: version, added: one(0) }, duration_s: one(stepMs / 1000) },
        group_id: { texts: Array.from(indexes, (index) => groupOf(at + index)), indexes },
        ...{ baseline_mwh: one(220_000), ratio: one(1), rolling_wh: one(20) },
        deviation_w: Float64Array.from(energy, (mwh) => (mwh - 220_000) / 500),
        ...{ z: one(1), is_missing: Uint8Array.of(0) },
        is_exception: Uint8Array.from(indexes, (index) => (index % exceptionEach === 0 ? 1 : 0)),
      },
    })
    const zero = one(0)
    await views.insert('readings', {
      rows,
      columns: {
        ...{ ...shared, quality: one(2), standing: zero, revision: zero, is_void: zero },
        ...{ source: sameText(''), ingest: sameText(''), logged: one(startMs + stepMs) },
        ...{ duration_s: one(stepMs / 1000), log_partition: zero, log_offset: zero },
        log_index: indexes,
      },
    })
  }
  const groups = Array.from({ length: Math.ceil(count / metersAGroup) }, (_, at) => `g${at}`)
  await views.insert(
    'speed_group',
    groups.map((group_id) => {
      const sum = { load_w: 500_000, baseline_w: 440_000, deviation_w: 60_000 }
      const own = { group_id, start: startMs, version, duration_s: stepMs / 1000 }
      return { ...own, members: metersAGroup, ...sum }
    }),
  )
}
