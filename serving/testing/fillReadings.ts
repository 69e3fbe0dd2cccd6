import type { Address, MeterId } from '../../schemas/ids.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { statedColumns } from '../../schemas/reading/testing/aReading.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import type { EpochMs } from '../../schemas/time.ts'
import type { EventDraft } from '../programme/commands.ts'
import { at, controls, meters, stepMs, zone } from './drafts.ts'

/** Meters with accounts take part in events; controls have none. */
export async function enrol(views: Views, accounts: readonly Address[]): Promise<void> {
  const row = (meter: MeterId, account: string) => {
    return { meter, version: 1, zone, groups: 'g', interval_s: 1800, account }
  }
  await views.insert('meters', [
    ...meters.map((meter, index) => row(meter, accounts[index]!)),
    ...controls.map((meter) => row(meter, '')),
  ])
}

/** 300 Wh in every half-hour of January and February; `meterEvent` writes readings of events. */
export async function fillHistory(views: Views): Promise<void> {
  const starts: EpochMs[] = []
  for (let ms = at('2013-01-05T00:00'); ms < at('2013-02-21T17:00'); ms += stepMs) starts.push(ms)
  const rows = [...meters, ...controls].flatMap((each) =>
    starts.map((ms) => readingRow(each, ms, { energy: 300_000, revision: 0 })),
  )
  await views.insert('readings', rows)
  const archived = { next_offset: 1, max_end: null, read_at: at('2013-01-05T00:00') }
  await views.insert(
    'archive_progress',
    [0, 1].map((log_partition) => ({ log_partition, ...archived })),
  )
}

/** Readings of an event: a fifth less than usual for all meters but the last. */
export async function meterEvent(
  views: Views,
  draft: EventDraft,
  options: { without?: MeterId },
): Promise<void> {
  const counted = meters.filter((each) => each !== options.without)
  const rows: InsertRow<'readings'>[] = []
  const shown: InsertRow<'speed_deviation'>[] = []
  for (let ms = draft.startMs; ms < draft.endMs; ms += stepMs) {
    for (const each of counted) {
      const energy = each === meters.at(-1) ? 300_000 : 240_000
      rows.push(readingRow(each, ms, { energy, revision: 1 }))
      shown.push(speedRow(each, ms, energy))
    }
  }
  await views.insert('readings', rows)
  await views.insert('speed_deviation', shown)
  await views.insert(
    'watermarks',
    [0, 1].map((log_partition) => {
      return { log_partition, version: draft.endMs, watermark: draft.endMs }
    }),
  )
}

type Measured = { readonly energy: number; readonly revision: number }

function readingRow(each: MeterId, ms: EpochMs, { energy, revision }: Measured) {
  return {
    ...{ meter: each, start: ms, quality: 2, revision, ...statedColumns, energy_mwh: energy },
    ...{ power_w: null, reactive_var: null, duration_s: 1800 },
    ...{ log_partition: 0, log_offset: 0, log_index: 0 },
  }
}

function speedRow(each: MeterId, ms: EpochMs, energy: number) {
  return {
    ...{ meter: each, start: ms, version: 1, group_id: 'g', duration_s: 1800 },
    ...{ energy_mwh: energy, baseline_mwh: 300_000, ratio: 1, deviation_w: 0 },
    ...{ z: null, rolling_wh: null, is_exception: false, is_missing: false },
  }
}
