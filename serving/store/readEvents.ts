import { NotFoundError } from '../../schemas/errors/wattproofError.ts'
import type { EventProgress, EventState } from '../../schemas/event.ts'
import type { EventId } from '../../schemas/ids.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { decodeSettlementRecord, type SettlementRecord } from '../settlement/settlementRecord.ts'
import { type CommittedInputs, decodeCommittedInputs } from './committedInputs.ts'
import { decodeProgress } from './progressJson.ts'
import type { ValidatorVerdict } from './validatorVerdict.ts'

export type KeptRecord = {
  readonly record: SettlementRecord
  readonly version: number
  /** The column `state`: as of the record, and `paid` after the claims. */
  readonly state: string
}

/** Stored events and settlements; a row that has not changed is not decoded again. */
export type EventReader = {
  /** All, by their ids. */
  events(): Promise<readonly EventProgress[]>
  /** The state of each, without its record. */
  states(): Promise<ReadonlyMap<EventId, EventState>>
  /** Newest start first. */
  list(limit: number): Promise<readonly EventProgress[]>
  /** @throws NotFoundError. */
  one(id: EventId): Promise<EventProgress>
  /** Committed baselines and speed figures; null before the commitment. */
  committedInputs(id: EventId): Promise<CommittedInputs | null>
  /** A revision, the newest for 0; null until the event was verified. */
  record(id: EventId, revision: number): Promise<KeptRecord | null>
  /** The newest revision; null until the event was verified. */
  settlement(id: EventId): Promise<SettlementRecord | null>
  /** The settlement with this number in the anchor. */
  settlementOf(settlementNumber: number): Promise<SettlementRecord | null>
  /** Settlements of the newest revisions, by event. */
  settlementNumbers(): Promise<ReadonlyMap<string, number>>
  /** What validators said of the settlement with this number. */
  verdicts(settlementNumber: number): Promise<ValidatorVerdict[]>
}

const allTime = { from_ms: 0, to_ms: 8_640_000_000_000 } as const
const eventsMax = 10_000
const recordsKeptMax = 32

/** The one reader of events, settlements and verdicts, of the loop and of the API. */
export function createEventReader(views: Views): EventReader {
  const records = keepRecords()
  const { events, list } = createProgressReader(views)
  const record = async (id: EventId, revision: number) => {
    const [row] = await views.query('settlement_body', { event_id: id, revision })
    if (!row) return null
    const { version, state } = row
    return { record: records(`${id}/${row.revision}/${version}`, row.body), version, state }
  }
  return {
    events,
    async states() {
      const rows = await views.query('view_events', { ...allTime, event: '', limit: eventsMax })
      return new Map(rows.map(({ event_id, state }) => [event_id, state]))
    },
    list: (limit) => list('', limit),
    async one(id) {
      const [found] = await list(id, 1)
      if (!found) throw new NotFoundError('event', id)
      return found
    },
    async committedInputs(id) {
      const [row] = await views.query('event_committed_inputs', { event_id: id })
      return row ? decodeCommittedInputs(id, row) : null
    },
    record,
    settlement: async (id) => (await record(id, 0))?.record ?? null,
    async settlementOf(settlementNumber) {
      const [row] = await views.query('settlement_by_number', { period: settlementNumber })
      return row ? records(`${row.event_id}/${row.revision}/${row.row_version}`, row.body) : null
    },
    async settlementNumbers() {
      const asked = { event: '', limit: eventsMax }
      const rows = await views.query('view_settlements', asked)
      // Newest first: the first row of an event with a settlement is its newest.
      const found = new Map<string, number>()
      for (const { event_id, period: settlementNumber } of rows) {
        if (settlementNumber === null || found.has(event_id)) continue
        found.set(event_id, settlementNumber)
      }
      return found
    },
    async verdicts(settlementNumber) {
      const rows = await views.query('verdicts_of', { period: settlementNumber })
      return rows.map((row) => ({ period: settlementNumber, ...row }))
    },
  }
}

/** Decodes each version of an event once. */
function createProgressReader(views: Views) {
  const kept = new Map<string, { version: number; progress: EventProgress }>()
  const readRecords = async (ids: readonly string[]): Promise<EventProgress[]> => {
    const rows = await views.query('event_records', { events: ids })
    return rows.map(({ event_id, row_version: version, body }) => {
      const progress = decodeProgress(event_id, body)
      kept.set(event_id, { version, progress })
      return progress
    })
  }
  return {
    events: () => readRecords([]),
    async list(event: string, limit: number): Promise<EventProgress[]> {
      const rows = await views.query('view_events', { ...allTime, event, limit })
      const stale = rows.filter((row) => kept.get(row.event_id)?.version !== row.row_version)
      if (stale.length > 0) await readRecords(stale.map((row) => row.event_id))
      return rows.flatMap((row) => kept.get(row.event_id)?.progress ?? [])
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
