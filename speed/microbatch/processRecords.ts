import { invariant } from '../../schemas/errors/wattproofError.ts'
import type { MeterId } from '../../schemas/ids.ts'
import { slotOf } from '../../schemas/meter/grid.ts'
import {
  emptyCounters,
  type IngestCounters,
  isBalanced,
  type Reading,
} from '../../schemas/reading/reading.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { placeMisaligned } from '../deviation/placeMisaligned.ts'
import { type Placement, placeReading } from '../deviation/placeReading.ts'
import {
  findRun,
  type MeterDay,
  type Misaligned,
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
  readonly misaligned: ReadonlySet<Misaligned>
}

type GrowingChanges = {
  readonly days: Map<MeterDay, Change>
  readonly misaligned: Set<Misaligned>
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
  const changes: GrowingChanges = { days: new Map(), misaligned: new Set() }
  const counters = records.map((record) => {
    const { partition, offset } = record
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
  for (const reading of record.readings) {
    latestMs = Math.max(latestMs, endOf(reading))
    const isClosed = reading.startMs < state.highWaterMs
    const verdict = isClosed
      ? placeClosed(state, { reading, record, changes })
      : place(state, { reading, record, changes })
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
  readonly reading: Reading
  readonly record: ReadRecord
  readonly changes: GrowingChanges
}

/** `closed`: not held here, because batch has it or because its day is spilled. */
type Verdict = Placement['verdict'] | 'closed'

function place(state: SpeedState, { reading, record, changes }: Place): Verdict {
  const enrolled = enrolledOf(state, reading)
  const { roster } = enrolled
  if (reading.startMs < roster.heldFromMs) return 'closed'
  const day = dayOf(roster, reading.startMs)
  const slot = slotOf(day, reading.startMs)
  const { offset } = record
  const before = day.cells
  const isAligned = slot >= 0
  const verdict = isAligned
    ? placeInSlot({ day, enrolled, changes }, { reading, slot, offset })
    : placeOutside(state, day, { reading, record, changes })
  takeCells(state, day.cells - before)
  // Its day may have been spilled for what it took.
  return reading.startMs < roster.heldFromMs ? 'closed' : verdict
}

function placeInSlot(
  { day, enrolled, changes }: { day: SpeedDay; enrolled: Enrolled; changes: GrowingChanges },
  { reading, slot, offset }: { reading: Reading; slot: number; offset: number },
): Placement['verdict'] {
  const at = openMeterDay(day, enrolled.index)
  const lastBefore = at.lastSlot
  // All cells of a new run are computed, up to the last reading of the day.
  const first = findRun(at, slot) ? slot : runOf(day, slot).first
  const { verdict, isCounting } = placeReading(at, { reading, slot, offset })
  if (!isCounting) return verdict
  // The slots in between carry state, so they are recomputed too.
  const fromSlot = lastBefore < 0 ? first : Math.min(first, lastBefore + 1)
  const change = changes.days.get(at)
  if (!change) changes.days.set(at, { at, enrolled, fromSlot })
  else change.fromSlot = Math.min(change.fromSlot, fromSlot)
  return verdict
}

function placeOutside(
  { highWaterMs }: SpeedState,
  day: SpeedDay,
  { reading, record, changes }: Place,
): Placement['verdict'] {
  // Nothing depends on it.
  if (reading.startMs < highWaterMs) return 'new'
  const { verdict, isCounting, at } = placeMisaligned(day, { reading, offset: record.offset })
  if (isCounting) changes.misaligned.add(at)
  return verdict
}

/**
 * The row belongs to the batch view, and the archive decides whether it is a duplicate. The rest of
 * the day still depends on it where the high-water mark falls into the middle of the meter's day.
 */
function placeClosed(state: SpeedState, at: Place): 'closed' {
  place(state, at)
  return 'closed'
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
