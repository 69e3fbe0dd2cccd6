import { invariant } from '../../schemas/errors/wattproofError.ts'
import { type MeterId, partitionOf } from '../../schemas/ids.ts'
import { isOnGrid, slotLengthMs, slotOf } from '../../schemas/meter/grid.ts'
import { addAct, decidedBy } from '../../schemas/reading/acts.ts'
import type { Decided } from '../../schemas/reading/intervalWords.ts'
import {
  emptyCounters,
  type IngestCounters,
  isBalanced,
  type Reading,
} from '../../schemas/reading/reading.ts'
import type { Word } from '../../schemas/reading/word.ts'
import type { EpochMs } from '../../schemas/time.ts'
import {
  type Placement,
  placeAgain,
  placeReading,
  type WordPlace,
} from '../deviation/placeReading.ts'
import {
  findRun,
  type MeterDay,
  openMeterDay,
  runOf,
  type SpeedDay,
} from '../deviation/speedDay.ts'
import type { ReadRecord } from './decodeRecord.ts'
import { dayOf, type Enrolled, type SpeedState, takeCells } from './speedState.ts'

export type RecordCounters = {
  readonly partition: number
  readonly offset: number
  readonly counters: IngestCounters
}

/** The first changed slot of a meter's day. */
export type Change = { readonly at: MeterDay; readonly enrolled: Enrolled; fromSlot: number }

/** What a micro-batch changed. */
export type Changes = {
  readonly days: ReadonlyMap<MeterDay, Change>
}

type GrowingChanges = {
  readonly days: Map<MeterDay, Change>
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
  const changes: GrowingChanges = { days: new Map() }
  const counters = records.map((record) => {
    const { partition, offset, act } = record
    if (act) addAct(state.acts[partition]!, act)
    if (act) decideRecord(state, record, changes)
    return { partition, offset, counters: countRecord(state, record, changes) }
  })
  return { counters, changes }
}

/** Meters of a micro-batch that the state does not know; enrol them before processing it. */
export function unknownMeters(state: SpeedState, records: readonly ReadRecord[]): Set<MeterId> {
  const unknown = new Set<MeterId>()
  for (const { readings } of records) {
    for (const { meter } of readings) if (!state.enrolled.has(meter)) unknown.add(meter)
  }
  return unknown
}

function countRecord(
  state: SpeedState,
  record: ReadRecord,
  changes: GrowingChanges,
): IngestCounters {
  if (!record.isFrame) return { ...emptyCounters, read: 1, rejected: 1 }
  const read = record.readings.length
  const counters = { read, accepted: 0, duplicate: 0, rejected: 0, late: 0, corrected: 0 }
  // From before the record: readings of one record do not make each other late.
  const watermarkMs = watermarkOf(state, record.partition)
  let latestMs = Number.NEGATIVE_INFINITY
  const decided = decidedBy(state.acts[record.partition]!)
  for (const [index, reading] of record.readings.entries()) {
    const word = wordAt(record, index)
    const isClosed = reading.startMs < state.highWaterMs
    const verdict = isClosed
      ? placeClosed(state, { word, decided, changes })
      : place(state, { word, decided, changes })
    if (verdict === 'rejected') {
      counters.rejected += 1
      continue
    }
    latestMs = Math.max(latestMs, endOf(reading))
    if (verdict === 'duplicate') {
      counters.duplicate += 1
      continue
    }
    counters.accepted += 1
    if (verdict === 'corrected') counters.corrected += 1
    if (verdict === 'closed' || endOf(reading) <= watermarkMs) counters.late += 1
  }
  const { partition } = record
  state.maxEndMs[partition] = Math.max(state.maxEndMs[partition]!, latestMs)
  invariant(isBalanced(counters), `The ingest counters of record ${record.offset} do not balance.`)
  return counters
}

type Place = {
  readonly word: Word
  readonly decided: Decided
  readonly changes: GrowingChanges
}

/**
 * `closed`: not held here, because batch has it or because its day is spilled. `rejected`: no
 * interval of its meter; the API refuses such, so something else wrote it, or the step was changed
 * while it was on its way.
 */
type Verdict = Placement['verdict'] | 'closed' | 'rejected'

function wordAt({ readings, loggedMs, partition, offset }: ReadRecord, index: number): Word {
  return { reading: readings[index]!, loggedMs, partition, offset, index }
}

function place(state: SpeedState, { word, decided, changes }: Place): Verdict {
  const { reading } = word
  const enrolled = enrolledOf(state, reading)
  const { roster, isGuessed } = enrolled
  const { startMs, durationS } = reading
  if (startMs < roster.heldFromMs) {
    return isGuessed || isOnGrid(enrolled, startMs, durationS) ? 'closed' : 'rejected'
  }
  const day = dayOf(roster, startMs)
  const slot = slotOf(day, startMs)
  const isOne = slot >= 0 && slotLengthMs(day, slot) === durationS * 1000
  // Of a meter that nobody enrolled the intervals are not known; there is no row to put it in.
  if (!isOne) return isGuessed ? 'new' : 'rejected'
  const before = day.cells
  const verdict = placeInSlot({ day, enrolled, changes }, { word, slot, decided })
  takeCells(state, day.cells - before)
  // Its day may have been spilled for what it took.
  return reading.startMs < roster.heldFromMs ? 'closed' : verdict
}

function placeInSlot(
  { day, enrolled, changes }: { day: SpeedDay; enrolled: Enrolled; changes: GrowingChanges },
  { word, slot, decided }: WordPlace,
): Placement['verdict'] {
  const at = openMeterDay(day, enrolled.index)
  const lastBefore = at.lastSlot
  // All cells of a new run are computed, up to the last reading of the day.
  const first = findRun(at, slot) ? slot : runOf(day, slot).first
  const { verdict, isCounting } = placeReading(at, { word, slot, decided })
  if (!isCounting) return verdict
  // The slots in between carry state, so they are recomputed too.
  const fromSlot = lastBefore < 0 ? first : Math.min(first, lastBefore + 1)
  noteChange(changes, { at, enrolled, fromSlot })
  return verdict
}

function noteChange(changes: GrowingChanges, { at, enrolled, fromSlot }: Change): void {
  const change = changes.days.get(at)
  if (!change) changes.days.set(at, { at, enrolled, fromSlot })
  else change.fromSlot = Math.min(change.fromSlot, fromSlot)
}

/** After an act: which words count now, of every meter of its partition. Acts are rare. */
function decideRecord(state: SpeedState, record: ReadRecord, changes: GrowingChanges): void {
  const { partition, offset } = record
  const decided = decidedBy(state.acts[partition]!)
  for (const { meters, days } of state.rosters.values()) {
    for (const day of days.values()) {
      for (const [index, at] of day.meters) {
        const meter = meters[index]!
        if (partitionOf(meter, state.partitions) !== partition) continue
        const enrolled = state.enrolled.get(meter)!
        for (let slot = 0; slot <= at.lastSlot; slot++) {
          if (!placeAgain(at, { slot, decided, offset })) continue
          noteChange(changes, { at, enrolled, fromSlot: slot })
        }
      }
    }
  }
}

/**
 * The row belongs to the batch view, and the archive decides whether it is a duplicate. The rest of
 * the day still depends on it where the high-water mark falls into the middle of the meter's day.
 */
function placeClosed(state: SpeedState, at: Place): 'closed' | 'rejected' {
  return place(state, at) === 'rejected' ? 'rejected' : 'closed'
}

function enrolledOf(state: SpeedState, { meter }: Reading): Enrolled {
  const enrolled = state.enrolled.get(meter)
  invariant(enrolled !== undefined, `Meter ${meter} is in the log and not enrolled.`)
  return enrolled
}

/** Latest end seen minus the allowed lateness; -Infinity before the first reading. */
export function watermarkOf(state: SpeedState, partition: number): EpochMs {
  return state.maxEndMs[partition]! - state.options.latenessS * 1000
}

function endOf({ startMs, durationS }: Reading): EpochMs {
  return startMs + durationS * 1000
}
