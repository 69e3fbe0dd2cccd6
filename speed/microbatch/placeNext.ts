import { slotLengthMs } from '../../schemas/meter/grid.ts'
import { startMsAt, valueAt } from '../../schemas/reading/readingColumns.ts'
import { cellState } from '../deviation/arrival.ts'
import { entryOf } from '../deviation/frameWords.ts'
import { noteChange } from './changes.ts'
import type { PlacedFrame } from './placeRow.ts'
import type { SpeedState } from './speedState.ts'

/**
 * Puts the first word of an interval into the run that a reading of its meter was in last, the case
 * of nearly all: what `placeRow` would do, and no object of the meter is touched.
 *
 * @returns false, and does nothing, in every other case.
 */
export function placeNext(state: SpeedState, frame: PlacedFrame, row: number): boolean {
  const { columns } = frame.record
  const { blocks, lanes, enrolled } = frame.meters
  const listed = valueAt(columns.meter, row)
  const block = blocks[listed]
  if (!block || frame.isWithdrawn) return false
  const startMs = startMsAt(columns, row)
  if (startMs < state.highWaterMs || valueAt(columns.isVoid, row) !== 0) return false
  const slot = (startMs - block.firstMs) / (block.stepS * 1000)
  if (!(slot >= block.first && slot < block.next) || !Number.isInteger(slot)) return false
  const durationS = valueAt(columns.durationS, row)
  if (durationS * 1000 !== slotLengthMs(block.day, slot)) return false
  const lane = lanes[listed]!
  const cell = (slot - block.first) * block.capacity + lane
  const { arrival } = block
  if (arrival.state[cell] !== cellState.none) return false
  arrival.state[cell] = cellState.value
  arrival.word[cell] = entryOf(block.day.words, frame, row)
  arrival.index[cell] = row
  block.columns.energyMwh[cell] = valueAt(columns.energyMwh, row)
  block.columns.durationS[cell] = durationS
  const { lastSlot } = block.lanes
  const last = lastSlot[lane]!
  if (slot > last) lastSlot[lane] = slot
  noteChange(frame.noted, enrolled[listed]!.roster, {
    run: { block, lane },
    fromSlot: Math.min(slot, last + 1),
  })
  return true
}
