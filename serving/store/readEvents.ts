import { chunk } from '../../schemas/chunk.ts'
import { StoredRecordError } from '../../schemas/errors/views.ts'
import { NotFoundError } from '../../schemas/errors/wattproofError.ts'
import type { EventProgress, EventState } from '../../schemas/event.ts'
import type { EventId } from '../../schemas/ids.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { ParametersOf } from '../../schemas/sql/catalogue/catalogue.ts'
import { cutPage, readPage } from '../../schemas/sql/catalogue/paging.ts'
import { epochMsMax } from '../../schemas/time.ts'
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
  /** All that can be decoded, by their ids; the others are reported. */
  events(): Promise<readonly EventProgress[]>
  /** The state of each, without its record. */
  states(): Promise<ReadonlyMap<EventId, EventState>>
  /** Newest start first, without those that cannot be decoded. */
  list(limit: number): Promise<readonly EventProgress[]>
  /** The same from a place on, in pages. @param page `next` of the page before. */
  page(limit: number, page: string | undefined): Promise<EventsPage>
  /** @throws NotFoundError; StoredRecordError for a record that cannot be decoded. */
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

export type EventsPage = {
  readonly events: readonly EventProgress[]
  /** Null at the end. */
  readonly next: string | null
}

const allTime = { from_ms: 0, to_ms: epochMsMax } as const
const eventsMax = 10_000
const recordsKeptMax = 32
/** Events in one answer: some 200 MB of text where each has as many participants as it may have. */
const recordsAtOnce = 50

/** Gets each stored event that cannot be decoded, once a version. */
export type ReportUnreadable = (id: EventId, error: StoredRecordError) => void

/** The one reader of events, settlements and verdicts, of the loop and of the API. */
export function createEventReader(
  views: Views,
  reportUnreadable: ReportUnreadable = () => {},
): EventReader {
  const records = keepRecords()
  const { events, list, refuseUnreadable } = createProgressReader(views, reportUnreadable)
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
    list: async (limit) => (await list({ limit })).events,
    async page(limit, page) {
      const at = page === undefined ? {} : readPage('view_events', page)
      // One more than shown, to see whether there are more.
      const { rows, events: found } = await list({ limit: limit + 1, ...at })
      const { count, next } = cutPage('view_events', { rows, limit })
      const shown = new Set(rows.slice(0, count).map((row) => row.event_id))
      return { events: found.filter(({ event }) => shown.has(event.id)), next }
    },
    async one(id) {
      const [found] = (await list({ event: id, limit: 1 })).events
      if (!found) refuseUnreadable(id)
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

type DecodedRow = {
  readonly version: number
  readonly decoded: EventProgress | StoredRecordError
}

/** Decodes each version of an event once. One that cannot be decoded hides no other. */
function createProgressReader(views: Views, reportUnreadable: ReportUnreadable) {
  const kept = new Map<string, DecodedRow>()
  const keep = (id: EventId, version: number, body: string) => {
    const decoded = tryDecode(id, body)
    const isReported = kept.get(id)?.version === version
    kept.set(id, { version, decoded })
    if (!(decoded instanceof StoredRecordError)) return [decoded]
    if (!isReported) reportUnreadable(id, decoded)
    return []
  }
  const readPage = async (events: readonly string[], after: string) => {
    const rows = await views.query('event_records', { events, after, limit: recordsAtOnce })
    const decoded = rows.flatMap((row) => keep(row.event_id, row.row_version, row.body))
    return { decoded, next: rows.length < recordsAtOnce ? null : rows.at(-1)!.event_id }
  }
  return {
    async events() {
      const all: EventProgress[] = []
      for (let after: string | null = ''; after !== null; ) {
        const { decoded, next } = await readPage([], after)
        all.push(...decoded)
        after = next
      }
      return all
    },
    async list(asked: { readonly limit: number } & Partial<ParametersOf<'view_events'>>) {
      const rows = await views.query('view_events', { ...allTime, event: '', ...asked })
      const stale = rows.filter((row) => kept.get(row.event_id)?.version !== row.row_version)
      for (const some of chunk(stale, recordsAtOnce)) {
        await readPage(
          some.map((row) => row.event_id),
          '',
        )
      }
      const found = rows.flatMap((row) => {
        const decoded = kept.get(row.event_id)?.decoded
        return decoded === undefined || decoded instanceof StoredRecordError ? [] : decoded
      })
      return { rows, events: found }
    },
    refuseUnreadable(id: EventId): void {
      const decoded = kept.get(id)?.decoded
      if (decoded instanceof StoredRecordError) throw decoded
    },
  }
}

function tryDecode(id: EventId, body: string): EventProgress | StoredRecordError {
  try {
    return decodeProgress(id, body)
  } catch (error) {
    if (error instanceof StoredRecordError) return error
    throw error
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
