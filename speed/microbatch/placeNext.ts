import { slotLengthMs } from '../../schemas/meter/grid.ts'
import { startMsAt, valueAt } from '../../schemas/reading/readingColumns.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { cellState } from '../deviation/arrival.ts'
import { entryOf } from '../deviation/frameWords.ts'
import type { RunBlock } from '../deviation/speedDay.ts'
import type { PlacedFrame } from './placeRow.ts'
import type { SpeedState } from './speedState.ts'

/**
 * Puts rows, each the first word of its interval, into the runs that a reading of their meters was
 * in last, the case of nearly all: what `placeRow` would do, and no object of a meter is touched.
 *
 * @returns the first row of another case, or the number of rows: those before it are placed.
 */
export function placeNext(state: SpeedState, frame: PlacedFrame, from: number): number {
  const { columns } = frame.record
  const { blocks } = frame.meters
  if (frame.isWithdrawn) return from
  let row = from
  while (row < columns.rows) {
    const block = blocks[valueAt(columns.meter, row)]
    const startMs = startMsAt(columns, row)
    if (!block || startMs < state.highWaterMs) break
    const slot = slotIn(block, startMs, valueAt(columns.durationS, row))
    const next = slot < 0 ? row : placeInSlot(frame, row, { block, slot })
    if (next === row) break
    row = next
  }
  return row
}

/** The slot of a block's run that begins at an instant and is as long, or -1. */
function slotIn(block: RunBlock, startMs: EpochMs, durationS: number): number {
  const slot = (startMs - block.firstMs) / (block.stepS * 1000)
  if (!(slot >= block.first && slot < block.next) || !Number.isInteger(slot)) return -1
  return durationS * 1000 === slotLengthMs(block.day, slot) ? slot : -1
}

type SlotOfBlock = { readonly block: RunBlock; readonly slot: number }

/**
 * Rows of the same start and length, whose runs have the same slots: of a gateway's frame mostly
 * all, and its meters mostly follow each other in a block.
 */
function placeInSlot(
  frame: PlacedFrame,
  from: number,
  { block: first, slot }: SlotOfBlock,
): number {
  const { columns } = frame.record
  const { blocks, lanes } = frame.meters
  const { dtS, durationS, meter, energyMwh, isVoid } = columns
  const [ownDtS, ownDurationS] = [valueAt(dtS, from), valueAt(durationS, from)]
  let block = first
  let { state, word, index } = block.arrival
  let cells = (slot - block.first) * block.capacity
  let isNoted = false
  let row = from
  for (; row < columns.rows; row++) {
    const listed = valueAt(meter, row)
    const own = blocks[listed]
    if (own !== block) {
      if (own?.day !== block.day || own.first !== block.first) break
      block = own
      state = block.arrival.state
      word = block.arrival.word
      index = block.arrival.index
      cells = (slot - block.first) * block.capacity
      isNoted = false
    }
    const cell = cells + lanes[listed]!
    if (state[cell] !== cellState.none || valueAt(isVoid, row) !== 0) break
    if (valueAt(dtS, row) !== ownDtS || valueAt(durationS, row) !== ownDurationS) break
    state[cell] = cellState.value
    word[cell] = entryOf(block.day.words, frame, row)
    index[cell] = row
    block.columns.energyMwh[cell] = valueAt(energyMwh, row)
    block.columns.durationS[cell] = ownDurationS
    noteSlot(block, lanes[listed]!, slot)
    if (!isNoted) noteBlock(frame, block, listed)
    isNoted = true
  }
  return row
}

function noteBlock({ noted, meters }: PlacedFrame, block: RunBlock, listed: number): void {
  if (!noted.has(block)) noted.set(block, meters.enrolled[listed]!.roster)
}

/** The slots in between carry state, so they change too. */
function noteSlot(
  { lanes: { lastSlot, changedFrom } }: RunBlock,
  lane: number,
  slot: number,
): void {
  const last = lastSlot[lane]!
  const fromSlot = slot > last ? last + 1 : slot
  if (slot > last) lastSlot[lane] = slot
  if (fromSlot < changedFrom[lane]!) changedFrom[lane] = fromSlot
}
