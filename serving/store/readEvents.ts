import { NotFoundError } from '../../schemas/errors/wattproofError.ts'
import type { EventProgress } from '../../schemas/event.ts'
import type { EventId } from '../../schemas/ids.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { decodeSettlementRecord, type SettlementRecord } from '../settlement/settlementRecord.ts'
import type { CommittedInputs } from './committedInputs.ts'
import { openEventStore } from './eventStore.ts'
import { decodeProgress } from './progressJson.ts'

/** Stored events and settlements; a row that has not changed is not decoded again. */
export type EventReader = {
  /** Newest start first. */
  list(limit: number): Promise<readonly EventProgress[]>
  /** @throws NotFoundError. */
  one(id: EventId): Promise<EventProgress>
  /** Committed baselines and speed figures; null before the commitment. */
  committedInputs(id: EventId): Promise<CommittedInputs | null>
  /** The newest revision; null until the event was verified. */
  settlement(id: EventId): Promise<SettlementRecord | null>
  /** The settlement with this number in the anchor. */
  settlementOf(period: number): Promise<SettlementRecord | null>
  /** Settlements of the newest revisions, by event. */
  periods(): Promise<ReadonlyMap<string, number>>
}

const allTime = { from_ms: 0, to_ms: 8_640_000_000_000 } as const
const recordsKeptMax = 32

export function createEventReader(views: Views): EventReader {
  const progresses = new Map<string, { version: number; progress: EventProgress }>()
  const records = keepRecords()
  const { committedInputs } = openEventStore(views)
  const readOnly = async (ids: readonly string[], versions: ReadonlyMap<string, number>) => {
    const stale = ids.filter((id) => progresses.get(id)?.version !== versions.get(id))
    if (stale.length > 0) {
      const rows = await views.query('event_records', { events: stale })
      for (const row of rows) {
        const progress = decodeProgress(row.body)
        progresses.set(row.event_id, { version: row.row_version, progress })
      }
    }
    return ids.flatMap((id) => progresses.get(id)?.progress ?? [])
  }
  const list = async (event: string, limit: number) => {
    const rows = await views.query('view_events', { ...allTime, event, limit })
    const versions = new Map(rows.map((row) => [row.event_id, row.row_version]))
    return readOnly([...versions.keys()], versions)
  }
  return {
    list: (limit) => list('', limit),
    async one(id) {
      const [found] = await list(id, 1)
      if (!found) throw new NotFoundError('event', id)
      return found
    },
    committedInputs,
    async settlement(id) {
      const asked = { event_id: id, revision: 0 }
      const [row] = await views.query('settlement_body', asked)
      return row ? records(`${id}/${row.revision}/${row.version}`, row.body) : null
    },
    async settlementOf(period) {
      const rows = await views.query('settlement_of_period', {
        period,
      })
      const [row] = rows
      return row ? records(`${row.event_id}/${row.revision}/${row.row_version}`, row.body) : null
    },
    async periods() {
      const asked = { event: '', limit: 10_000 }
      const rows = await views.query('view_settlements', asked)
      // Newest first: the first row of an event with a settlement is its newest.
      const found = new Map<string, number>()
      for (const { event_id, period } of rows) {
        if (period !== null && !found.has(event_id)) found.set(event_id, period)
      }
      return found
    },
  }
}

/** Decoding checks the whole record, which is slow for large ones. */
function keepRecords(): (key: string, body: string) => SettlementRecord {
  const kept = new Map<string, SettlementRecord>()
  return (key, body) => {
    const known = kept.get(key)
    if (known) return known
    const record = decodeSettlementRecord(body)
    if (kept.size >= recordsKeptMax) kept.delete(kept.keys().next().value ?? '')
    kept.set(key, record)
    return record
  }
}
