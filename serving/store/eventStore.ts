import type { EventProgress } from '../../schemas/event.ts'
import type { Address, EventId } from '../../schemas/ids.ts'
import type { Meter } from '../../schemas/meter/meter.ts'
import { readEnrolled } from '../../schemas/ports/enrolled.ts'
import { readArchivePlaces } from '../../schemas/ports/readPlaces.ts'
import { readOccupancies, readPoints } from '../../schemas/ports/readSites.ts'
import { readWatermarks } from '../../schemas/ports/readWatermarks.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { AccountBalance, LogPlaces } from '../../schemas/settlement.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import type { EpochMs } from '../../schemas/time.ts'
import type { BuildSettlementReturnType } from '../settlement/buildSettlement.ts'
import { encodeSettlementRecord } from '../settlement/settlementRecord.ts'
import { type CommittedInputs, encodeCommittedInputs } from './committedInputs.ts'
import { decodeProgress, encodeProgress } from './progressJson.ts'
import { createEventReader, type KeptRecord, type ReportUnreadable } from './readEvents.ts'
import { type ReadingsOf, readCounting, readShown } from './readMetered.ts'
import type { ValidatorVerdict } from './validatorVerdict.ts'

/** Stores and reads what serving needs of events, over the `Views` port. */
export type EventStore = ReturnType<typeof openEventStore>

export function openEventStore(views: Views, reportUnreadable?: ReportUnreadable) {
  const reader = createEventReader(views, reportUnreadable)
  return {
    events: reader.events,

    /** @throws StoredRecordError, and stores nothing, for what could not be read again. */
    async putEvent(progress: EventProgress): Promise<void> {
      const row = encodeProgress(progress)
      decodeProgress(row.event_id, row.body)
      await views.insert('events', [row])
    },

    committedInputs: reader.committedInputs,

    putCommittedInputs(id: EventId, inputs: CommittedInputs) {
      const { version } = inputs
      const body = encodeCommittedInputs(inputs)
      return views.insert('event_committed_inputs', [{ event_id: id, version, body }])
    },

    record: reader.record,

    putRecord: (kept: KeptRecord) => views.insert('settlements', [encodeRecord(kept)]),

    putLines: (built: BuildSettlementReturnType, version: number) =>
      views.insert('settlement_lines', encodeLines(built, version)),

    verdicts: reader.verdicts,

    putVerdict: (verdict: ValidatorVerdict) =>
      views.insert('attestations', [encodeVerdict(verdict)]),

    /** Balances of accounts after every final settlement. */
    async balances(): Promise<ReadonlyMap<Address, AccountBalance>> {
      const rows = await views.query('account_balances')
      return new Map(
        rows.map(({ account, entitled_micros: entitled, debt_micros: debt }) => {
          return [account, { entitled, debt }]
        }),
      )
    },

    meters: (): Promise<readonly Meter[]> => readEnrolled(views),

    points: () => readPoints(views),

    occupancies: () => readOccupancies(views),

    /** The speed layer's watermark by partition. */
    async watermarks(): Promise<ReadonlyMap<number, EpochMs>> {
      const reached = await readWatermarks(views)
      return new Map(reached.map(({ partition, watermarkMs }) => [partition, watermarkMs]))
    },

    /** The places of the log up to which the master data set has it: never none. */
    places: () => readAllPlaces(views),

    readings: (of: ReadingsOf, asOf: LogPlaces) => readCounting(views, of, asOf),

    shown: (of: ReadingsOf) => readShown(views, of),
  }
}

/** A signature replaces a refusal; a later refusal does not replace a signature. */
function encodeVerdict({
  period: settlementNumber,
  validator,
  signature,
  refusal,
}: ValidatorVerdict) {
  const version = signature === null ? 1 : 2
  return {
    period: settlementNumber,
    validator,
    version,
    signature: signature ?? '',
    refusal: refusal ?? '',
  }
}

async function readAllPlaces(views: Views): Promise<LogPlaces> {
  const places = await readArchivePlaces(views)
  // An empty list means everything to a query.
  return places.length > 0 ? places : [0]
}

function encodeRecord({ record, version, state }: KeptRecord): InsertRow<'settlements'> {
  const { header, published, period: settlementNumber } = record
  return {
    event_id: published.event.eventId,
    revision: published.event.revision,
    version,
    period: settlementNumber,
    root: header.root,
    leaf_count: header.leafCount,
    pay_micros: header.totalPay,
    fee_micros: header.totalFee,
    state,
    body: encodeSettlementRecord(record),
  }
}

function encodeLines(
  { settlement, details }: BuildSettlementReturnType,
  version: number,
): InsertRow<'settlement_lines'>[] {
  return settlement.lines.map((line, index) => ({
    event_id: settlement.eventId,
    revision: settlement.revision,
    line_index: index,
    version,
    meter: line.meter,
    account: line.account,
    delivered_mwh: line.delivered,
    deficiency_mwh: line.deficiency,
    incentive_micros: line.incentive,
    fee_micros: line.fee,
    pay_micros: line.pay,
    debt_after_micros: line.debtAfter,
    entitled_micros: line.entitled,
    detail_hash: details[index] ?? '',
  }))
}
