import { invariant } from '../../schemas/errors/wattproofError.ts'
import { type MeterId, partitionOf } from '../../schemas/ids.ts'
import { addAct, decidedBy } from '../../schemas/reading/acts.ts'
import { emptyCounters, type IngestCounters, isBalanced } from '../../schemas/reading/reading.ts'
import {
  meterAt,
  type ReadingColumns,
  startMsAt,
  valueAt,
} from '../../schemas/reading/readingColumns.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { areUniform } from '../deviation/frameWords.ts'
import { placeAgain } from '../deviation/placeReading.ts'
import { findRun, lastSlotOf, openMeterDays } from '../deviation/speedDay.ts'
import { type Changes, type Noted, noteChange, takeChanges } from './changes.ts'
import type { ReadRecord } from './decodeRecord.ts'
import { metersOfFrame } from './frameMeters.ts'
import { placeNext } from './placeNext.ts'
import { type PlacedFrame, placeRow, type Verdict } from './placeRow.ts'
import type { SpeedState } from './speedState.ts'

export type RecordCounters = {
  readonly partition: number
  readonly offset: number
  readonly counters: IngestCounters
}

export type ProcessRecordsReturnType = {
  readonly counters: readonly RecordCounters[]
  readonly changes: Changes
}

/**
 * Applies the readings of a micro-batch to the state and counts every record.
 *
 * Records of a partition come in order. How they are split into batches changes neither the state
 * nor the ingest counters.
 *
 * @throws InvariantError when the counters of a record do not balance, or its meter is unknown.
 */
export function processRecords(
  state: SpeedState,
  records: readonly ReadRecord[],
): ProcessRecordsReturnType {
  const noted: Noted = new Map()
  const counters = records.map((record) => {
    const { partition, offset, act } = record
    if (act) addAct(state.acts[partition]!, act)
    if (act) decideRecord(state, record, noted)
    return { partition, offset, counters: countRecord(state, record, noted) }
  })
  return { counters, changes: takeChanges(noted) }
}

/** Meters of a micro-batch that the state does not know; enrol them before processing it. */
export function unknownMeters(state: SpeedState, records: readonly ReadRecord[]): Set<MeterId> {
  const unknown = new Set<MeterId>()
  for (const { columns } of records) {
    const { enrolled } = metersOfFrame(state, columns.roster)
    if (!enrolled.includes(undefined)) continue
    for (let row = 0; row < columns.rows; row++) {
      if (!enrolled[valueAt(columns.meter, row)]) unknown.add(meterAt(columns, row))
    }
  }
  return unknown
}

function countRecord(state: SpeedState, record: ReadRecord, noted: Noted): IngestCounters {
  if (!record.isFrame) return { ...emptyCounters, read: 1, rejected: 1 }
  const { columns, partition } = record
  const read = columns.rows
  const counters = { read, accepted: 0, duplicate: 0, rejected: 0, late: 0, corrected: 0 }
  // From before the record: readings of one record do not make each other late.
  const watermarkMs = watermarkOf(state, partition)
  const counting: Counting = { columns, counters, watermarkMs, latestMs: Number.NEGATIVE_INFINITY }
  const frame = placedFrame(state, record, noted)
  for (let row = 0; row < columns.rows; row++) {
    const next = placeNext(state, frame, row)
    for (; row < next; row++) countRow(counting, 'new', row)
    if (row < columns.rows) countRow(counting, placeRow(state, frame, row), row)
  }
  state.maxEndMs[partition] = Math.max(state.maxEndMs[partition]!, counting.latestMs)
  invariant(isBalanced(counters), `The ingest counters of record ${record.offset} do not balance.`)
  return counters
}

type Counting = {
  readonly columns: ReadingColumns
  readonly counters: { -readonly [name in keyof IngestCounters]: number }
  readonly watermarkMs: EpochMs
  /** Latest end of an interval. */
  latestMs: EpochMs
}

function countRow(counting: Counting, verdict: Verdict, row: number): void {
  const { columns, counters, watermarkMs } = counting
  if (verdict === 'rejected') {
    counters.rejected += 1
    return
  }
  const endMs = startMsAt(columns, row) + valueAt(columns.durationS, row) * 1000
  if (endMs > counting.latestMs) counting.latestMs = endMs
  if (verdict === 'duplicate') {
    counters.duplicate += 1
    return
  }
  counters.accepted += 1
  if (verdict === 'corrected') counters.corrected += 1
  if (verdict === 'closed' || endMs <= watermarkMs) counters.late += 1
}

function placedFrame(state: SpeedState, record: ReadRecord, noted: Noted): PlacedFrame {
  const { columns, partition } = record
  const decided = decidedBy(state.acts[partition]!)
  const { sources, ingests } = state.names
  return {
    record,
    decided,
    noted,
    meters: metersOfFrame(state, columns.roster),
    source: sources.indexOf(columns.source),
    ingest: ingests.indexOf(columns.ingest),
    isWithdrawn: decided.isWithdrawn(columns.ingest),
    isUniform: areUniform(columns),
    entry: -1,
    words: null,
  }
}

/** After an act: which words count now, of every meter of its partition. Acts are rare. */
function decideRecord(state: SpeedState, record: ReadRecord, noted: Noted): void {
  const { partition, offset } = record
  const decided = decidedBy(state.acts[partition]!)
  for (const roster of state.rosters.values()) {
    for (const day of roster.days.values()) {
      for (const at of openMeterDays(day)) {
        const { meter } = roster.members[at.meter]!
        if (partitionOf(meter, state.partitions) !== partition) continue
        for (let slot = 0; slot <= lastSlotOf(at); slot++) {
          if (!placeAgain(at, { slot, decided, offset })) continue
          noteChange(noted, roster, { run: findRun(at, slot)!, fromSlot: slot })
        }
      }
    }
  }
}

/** Latest end seen minus the allowed lateness; -Infinity before the first reading. */
export function watermarkOf(state: SpeedState, partition: number): EpochMs {
  return state.maxEndMs[partition]! - state.options.latenessS * 1000
}
