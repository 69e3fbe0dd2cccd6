import { slotStartMs } from '../../schemas/meter/grid.ts'
import { groupsAt } from '../../schemas/meter/membership.ts'
import { cellState } from '../deviation/arrival.ts'
import { type LaneRange, rangeOf } from '../deviation/computeBlock.ts'
import { blockRunsMax } from '../deviation/room.ts'
import { unchanged } from '../deviation/speedDay.ts'
import type { ChangedBlock } from './changes.ts'
import { type DeviationBlock, placeOf, pushCells, reserveRows } from './deviationBlock.ts'
import type { Enrolled } from './roster.ts'
import type { SpeedState } from './speedState.ts'

/** The place of a lane's meter, and of its groups if they never change, else -1. `[lane]` */
type LanePlaces = { readonly meter: Uint32Array; readonly group: Int32Array }

/** Used within one call only. */
const places: LanePlaces = {
  meter: new Uint32Array(blockRunsMax),
  group: new Int32Array(blockRunsMax),
}

/**
 * Appends the rows of a block's changed lanes, as `pushRows` those of a meter's day: slot by slot,
 * as lanes that follow each other have cells that do.
 */
export function pushLanes(state: SpeedState, changed: ChangedBlock, rows: DeviationBlock): void {
  const { block, roster } = changed
  const range = rangeOf(changed.fromSlots)
  const slots = listLanes(changed, range, rows)
  const shownFromMs = Math.max(state.highWaterMs, roster.heldFromMs)
  for (let slot = slots.first; slot <= slots.last; slot++) {
    const startMs = slotStartMs(block, slot)
    if (startMs >= shownFromMs) pushSlot(state, changed, { rows, slot, startMs, range })
  }
}

/** Those that changed in a slot about which something was said, range by range. */
function pushSlot(state: SpeedState, changed: ChangedBlock, shown: ShownRange): void {
  const { block, fromSlots } = changed
  const { rows, slot, startMs, range } = shown
  const said = block.arrival.state
  const { lastSlot } = block.lanes
  const cells = (slot - block.first) * block.capacity
  let from = -1
  for (let { lane } = range; lane <= range.end; lane++) {
    const isShown =
      lane < range.end &&
      slot >= fromSlots[lane]! &&
      slot <= lastSlot[lane]! &&
      said[cells + lane] !== cellState.none
    if (isShown && from < 0) from = lane
    if (isShown || from < 0) continue
    pushRange(state, changed, { rows, slot, startMs, range: { lane: from, end: lane } })
    from = -1
  }
}

/** At most so many rows have the changed lanes of a block. */
export function rowsOfLanes({ block, fromSlots }: ChangedBlock): number {
  const { lastSlot } = block.lanes
  let rows = 0
  for (let lane = 0; lane < fromSlots.length; lane++) {
    if (fromSlots[lane] !== unchanged) rows += lastSlot[lane]! - fromSlots[lane]! + 1
  }
  return rows
}

/** Lists meters and groups of the changed lanes, each once; returns the slots that changed. */
function listLanes(
  { block, roster, fromSlots }: ChangedBlock,
  range: LaneRange,
  rows: DeviationBlock,
): { first: number; last: number } {
  const { lastSlot } = block.lanes
  const slots = { first: unchanged, last: -1 }
  for (let { lane } = range; lane < range.end; lane++) {
    if (fromSlots[lane] === unchanged) continue
    const { meter, spans } = roster.members[block.lanes.meter[lane]!]!
    places.meter[lane] = rows.meters.length
    places.group[lane] = spans.length === 1 ? placeOf(rows.groups, spans[0]!.groups) : -1
    rows.meters.push(meter)
    slots.first = Math.min(slots.first, fromSlots[lane]!)
    slots.last = Math.max(slots.last, lastSlot[lane]!)
  }
  return slots
}

type ShownRange = {
  readonly rows: DeviationBlock
  readonly slot: number
  readonly startMs: number
  readonly range: LaneRange
}

function pushRange(
  { options }: SpeedState,
  { block, roster }: ChangedBlock,
  { rows, slot, startMs, range: { lane: from, end } }: ShownRange,
): void {
  const count = end - from
  reserveRows(rows, count)
  const { meter, group } = rows.columns
  for (let lane = from; lane < end; lane++) {
    meter[rows.rows + lane - from] = places.meter[lane]!
    const own = places.group[lane]!
    const member = roster.members[block.lanes.meter[lane]!]!
    group[rows.rows + lane - from] = own < 0 ? groupOf(rows, member, startMs) : own
  }
  const cell = (slot - block.first) * block.capacity + from
  pushCells(rows, block, { cell, count, startMs, bandWh: options.bandWh })
}

function groupOf({ groups }: DeviationBlock, { spans }: Enrolled, startMs: number): number {
  return placeOf(groups, groupsAt(spans, startMs))
}
