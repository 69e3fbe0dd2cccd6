import {
  computeSlots,
  type DeviationFactors,
  slotsOfHour,
} from '../../schemas/deviation/computeDeviation.ts'
import { cellState } from './arrival.ts'
import { type RunBlock, unchanged } from './speedDay.ts'

/** What changed of a block: by lane, the first slot; those up to its last one changed too. */
export type ChangedLanes = { readonly block: RunBlock; readonly fromSlots: Int32Array }

/** Lanes of a block, from one to before another. */
export type LaneRange = { readonly lane: number; readonly end: number }

type SlotOfLanes = { readonly slot: number; readonly range: LaneRange }

/** Lanes are computed one by one where fewer changed, or a smaller share of their range. */
const lanesMin = 4
const shareMin = 1 / 32
/** Lanes that the kernel takes at once. */
const vectorLanes = 4

/**
 * Recomputes what changed of a block: slot by slot, those of many lanes by the kernel and others by
 * the formula; and the log offset that each row depends on. Both give the same bits.
 *
 * No changed slot may depend on another run: see `needsWholeDay`. The kernel takes the lanes in
 * between along. One that has the slot gets the bits that it had; of one that has not reached it
 * nothing holds there until its next reading, which is computed from its last one on.
 */
export function computeBlock(changed: ChangedLanes, factors: DeviationFactors): void {
  const { block, fromSlots } = changed
  const range = rangeOf(fromSlots)
  const counts = countBySlot(changed)
  for (let slot = block.first; slot < block.next; slot++) {
    const count = counts[slot - block.first]!
    if (count === 0) continue
    const isMany = count >= lanesMin && count >= shareMin * (range.end - range.lane)
    if (isMany && block.kernel) computeVectors(block, factors, { slot, range })
    else computeLanes(changed, factors, { slot, range })
    advanceOffsets(block, { slot, range })
  }
}

function computeVectors(
  { first, capacity, kernel }: RunBlock,
  factors: DeviationFactors,
  { slot, range }: SlotOfLanes,
): void {
  const lane = range.lane - (range.lane % vectorLanes)
  const lanes = Math.ceil((range.end - lane) / vectorLanes) * vectorLanes
  kernel!.advance(factors, { slot, cell: (slot - first) * capacity + lane, lanes })
}

function computeLanes(
  { block, fromSlots }: ChangedLanes,
  factors: DeviationFactors,
  { slot, range }: SlotOfLanes,
): void {
  const { first, capacity, lanes, mayBeNegative } = block
  for (let lane = range.lane; lane < range.end; lane++) {
    if (slot < fromSlots[lane]! || slot > lanes.lastSlot[lane]!) continue
    const meter = lane - first * capacity
    computeSlots(block, factors, { meter, fromSlot: slot, lastSlot: slot, mayBeNegative })
  }
}

/** The largest log offset up to a slot, as `computeMeterDay` has it. */
function advanceOffsets(block: RunBlock, { slot, range }: SlotOfLanes): void {
  const { first, capacity, arrival, lanes, day } = block
  const { state, word, rowOffset } = arrival
  const { offset } = day.words.columns
  const cells = (slot - first) * capacity
  for (let lane = range.lane; lane < range.end; lane++) {
    const cell = cells + lane
    let largest = slot === first ? -1 : rowOffset[cell - capacity]!
    if (state[cell] !== cellState.none) {
      const own = lanes.hasOffsets[lane] ? lanes.days[lane]!.offsets!.get(slot) : undefined
      largest = Math.max(largest, own ?? offset[word[cell]!]!)
    }
    rowOffset[cell] = largest
  }
}

/** The lanes with changes, and those in between. */
export function rangeOf(fromSlots: Int32Array): LaneRange {
  let end = fromSlots.length
  while (end > 0 && fromSlots[end - 1] === unchanged) end -= 1
  let lane = 0
  while (lane < end && fromSlots[lane] === unchanged) lane += 1
  return { lane, end }
}

/** How many lanes change each slot of the block. */
function countBySlot({ block, fromSlots }: ChangedLanes): Int32Array {
  const { first, next, lanes } = block
  const counts = new Int32Array(next - first + 1)
  for (let lane = 0; lane < fromSlots.length; lane++) {
    if (fromSlots[lane] === unchanged) continue
    counts[fromSlots[lane]! - first]! += 1
    counts[lanes.lastSlot[lane]! + 1 - first]! -= 1
  }
  for (let slot = 1; slot < counts.length; slot++) counts[slot]! += counts[slot - 1]!
  return counts
}

/**
 * Whether a change of a run is for `computeMeterDay`: what it depends on, up to an hour before it,
 * or what depends on it is in another run.
 */
export function needsWholeDay({ block, fromSlots }: ChangedLanes, lane: number): boolean {
  const { first, lanes, stepS } = block
  const before = Math.max(1, slotsOfHour(stepS) - 1)
  return lanes.hasLater[lane] === 1 || (first > 0 && fromSlots[lane]! - before < first)
}
