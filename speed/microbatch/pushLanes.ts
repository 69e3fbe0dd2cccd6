import { slotStartMs } from '../../schemas/meter/grid.ts'
import { groupsAt } from '../../schemas/meter/membership.ts'
import { cellState } from '../deviation/arrival.ts'
import { unchanged } from '../deviation/speedDay.ts'
import type { ChangedBlock } from './changes.ts'
import { type DeviationBlock, placeOf, pushCell, reserveRows } from './deviationBlock.ts'
import type { SpeedState } from './speedState.ts'

/** Appends the rows of a block's changed lanes, as `pushRows` those of a meter's day. */
export function pushLanes(
  state: SpeedState,
  { block, roster, fromSlots }: ChangedBlock,
  rows: DeviationBlock,
): void {
  const { bandWh } = state.options
  const { meter, lastSlot } = block.lanes
  const fromMs = Math.max(state.highWaterMs, roster.heldFromMs)
  for (let lane = 0; lane < fromSlots.length; lane++) {
    const from = fromSlots[lane]!
    if (from === unchanged) continue
    const enrolled = roster.members[meter[lane]!]!
    rows.meters.push(enrolled.meter)
    reserveRows(rows, lastSlot[lane]! - from + 1)
    for (let slot = from; slot <= lastSlot[lane]!; slot++) {
      const cell = (slot - block.first) * block.capacity + lane
      const startMs = slotStartMs(block, slot)
      if (startMs < fromMs || block.arrival.state[cell] === cellState.none) continue
      rows.columns.group[rows.rows] = placeOf(rows.groups, groupsAt(enrolled.spans, startMs))
      rows.columns.startMs[rows.rows] = startMs
      pushCell(rows, block, { cell, bandWh })
    }
  }
}
