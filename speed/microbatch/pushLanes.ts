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
    if (startMs < shownFromMs) continue
    for (let lane = range.lane; lane < range.end; ) {
      const end = endOfShown(changed, { lane, end: range.end }, slot)
      if (end === lane) lane += 1
      else pushRange(state, changed, { rows, slot, startMs, range: { lane, end } })
      lane = Math.max(lane, end)
    }
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

/** The lane after those, from one on, that changed in a slot about which something was said. */
function endOfShown({ block, fromSlots }: ChangedBlock, range: LaneRange, slot: number): number {
  const { state } = block.arrival
  const { lastSlot } = block.lanes
  const cells = (slot - block.first) * block.capacity
  let { lane } = range
  for (; lane < range.end; lane++) {
    if (slot < fromSlots[lane]! || slot > lastSlot[lane]!) break
    if (state[cells + lane] === cellState.none) break
  }
  return lane
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
  meter.set(places.meter.subarray(from, end), rows.rows)
  for (let lane = from; lane < end; lane++) {
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
