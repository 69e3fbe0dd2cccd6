import { InvariantError } from '../../schemas/errors/wattproofError.ts'
import { isOnGrid, slotLengthMs, slotOf } from '../../schemas/meter/grid.ts'
import type { Decided } from '../../schemas/reading/intervalWords.ts'
import { meterAt, readingAt, startMsAt, valueAt } from '../../schemas/reading/readingColumns.ts'
import type { Word } from '../../schemas/reading/word.ts'
import type { Frame } from '../deviation/frameWords.ts'
import { type Placement, placeFirst, placeReading } from '../deviation/placeReading.ts'
import { findRun, hasWord, lastSlotOf, type MeterDay, runOf } from '../deviation/speedDay.ts'
import { type Noted, noteChange } from './changes.ts'
import type { ReadRecord } from './decodeRecord.ts'
import {
  type FrameMeters,
  keepLatest,
  latestDay,
  metersOfFrame,
  openLatest,
} from './frameMeters.ts'
import { dayOf, type Enrolled, type Roster } from './roster.ts'
import { type SpeedState, takeCells } from './speedState.ts'

/** A frame whose rows are placed. */
export type PlacedFrame = Frame & {
  readonly record: ReadRecord
  /** Looked up again when a day is spilled. */
  meters: FrameMeters<Enrolled>
  /** The acts of its partition before it. */
  readonly decided: Decided
  readonly noted: Noted
}

/**
 * `closed`: not held here, because batch has it or because its day is spilled. `rejected`: no
 * interval of its meter; the API refuses such, so something else wrote it, or the step was changed
 * while it was on its way.
 */
export type Verdict = Placement['verdict'] | 'closed' | 'rejected'

/**
 * Before the high-water mark a row belongs to the batch view, and the archive decides whether it is
 * a duplicate. The rest of the day still depends on it where the high-water mark falls into the
 * middle of the meter's day.
 *
 * @throws InvariantError when its meter is unknown.
 */
export function placeRow(state: SpeedState, frame: PlacedFrame, row: number): Verdict {
  const verdict = place(state, frame, row)
  const isClosed = startMsAt(frame.record.columns, row) < state.highWaterMs
  return isClosed && verdict !== 'rejected' ? 'closed' : verdict
}

function place(state: SpeedState, frame: PlacedFrame, row: number): Verdict {
  const { columns } = frame.record
  const listed = valueAt(columns.meter, row)
  const enrolled = frame.meters.enrolled[listed]
  if (!enrolled) throw unknownMeter(frame, row)
  const { roster, isGuessed } = enrolled
  const startMs = startMsAt(columns, row)
  const durationS = valueAt(columns.durationS, row)
  if (startMs < roster.heldFromMs) {
    return isGuessed || isOnGrid(enrolled, startMs, durationS) ? 'closed' : 'rejected'
  }
  const day = latestDay(frame.meters, listed, startMs) ?? dayOf(roster, startMs)
  const slot = slotOf(day, startMs)
  const isOne = slot >= 0 && slotLengthMs(day, slot) === durationS * 1000
  // The intervals of a meter that is not enrolled are unknown, so no reading of it is misaligned.
  if (!isOne) return isGuessed ? 'new' : 'rejected'
  const before = day.cells
  const at = openLatest(frame.meters, listed, day)
  const verdict = placeInSlot(at, frame, { row, slot, roster })
  keepLatest(frame.meters, listed, findRun(at, slot)!)
  const { spilled } = state
  takeCells(state, day.cells - before)
  // What was looked up may be of a day that was let go of.
  if (state.spilled !== spilled) frame.meters = metersOfFrame(state, columns.roster)
  // Its day may have been spilled for what it took.
  return startMs < roster.heldFromMs ? 'closed' : verdict
}

function placeInSlot(
  at: MeterDay,
  frame: PlacedFrame,
  { row, slot, roster }: { row: number; slot: number; roster: Roster },
): Placement['verdict'] {
  const lastBefore = lastSlotOf(at)
  const run = findRun(at, slot)
  // All cells of a new run are computed, up to the last reading of the day.
  const first = run ? slot : runOf(at.day, slot).first
  const isFirst = !run || !hasWord(run, slot)
  const { verdict, isCounting } = isFirst
    ? placeFirst(at, frame, { row, slot })
    : placeReading(at, { word: wordAt(frame.record, row), slot, decided: frame.decided })
  if (!isCounting) return verdict
  // The slots in between carry state, so they are recomputed too.
  const fromSlot = lastBefore < 0 ? first : Math.min(first, lastBefore + 1)
  noteChange(frame.noted, roster, { run: findRun(at, slot)!, fromSlot })
  return verdict
}

function wordAt({ columns, loggedMs, partition, offset }: ReadRecord, row: number): Word {
  return { reading: readingAt(columns, row), loggedMs, partition, offset, index: row }
}

function unknownMeter({ record }: PlacedFrame, row: number): InvariantError {
  return new InvariantError(`Meter ${meterAt(record.columns, row)} is in the log and not enrolled.`)
}
