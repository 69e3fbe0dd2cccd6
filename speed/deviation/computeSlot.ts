import { type DeviationFactors, slotsOfHour } from '../../schemas/deviation/computeDeviation.ts'
import { wholeMilliwatts } from '../../schemas/units.ts'
import { openSlotVectors, type SlotVectors } from '../kernel/slotVectors.ts'
import { blockRunsMax } from './room.ts'
import type { RunBlock } from './speedDay.ts'

/** Lanes of a block, from one to before another. */
export type LaneRange = { readonly lane: number; readonly end: number }

/** A slot of some lanes of a block. */
export type SlotOfLanes = { readonly slot: number; readonly range: LaneRange }

/** Used within one call only. */
let vectors: SlotVectors | null = null

const states = ['loadW', 'baseW', 'weight', 'meanW', 'varianceW2'] as const
const outputs = [...states, 'ratio', 'deviationW', 'z', 'rollingWh'] as const

/**
 * Recomputes a slot of some lanes by the kernel, from the slot before it in their runs: the same
 * bits as `computeSlots`.
 */
export function computeSlot(block: RunBlock, factors: DeviationFactors, at: SlotOfLanes): void {
  const { columns, capacity } = block
  vectors ??= openSlotVectors(blockRunsMax)
  const own = vectors
  const lanes = at.range.end - at.range.lane
  const cell = (at.slot - block.first) * capacity + at.range.lane
  own.energyMwh.set(columns.energyMwh.subarray(cell, cell + lanes))
  own.sigmaW.set(columns.sigmaW.subarray(cell, cell + lanes))
  if (at.slot === 0) beginDay(own)
  else {
    const before = cell - capacity
    for (const name of states) own[name].set(columns[name].subarray(before, before + lanes))
  }
  readBaselines(own, block, { cell, lanes, wattsPerMwh: factors.wattsPerMwh })
  readHour(own, block, { ...at, cell, lanes })
  own.advance(factors, { lanes, mayBeNegative: block.mayBeNegative })
  if (!block.mayBeNegative) own.weight.fill(0, 0, lanes)
  for (const name of outputs) columns[name].set(own[name].subarray(0, lanes), cell)
}

function beginDay({ loadW, baseW, weight, meanW, varianceW2 }: SlotVectors): void {
  for (const each of [loadW, baseW, weight, meanW]) each.fill(0)
  varianceW2.fill(Number.NaN)
}

type Cells = { readonly cell: number; readonly lanes: number }

/** As `comparableBaselineMwh`: none where the reading is of another length. */
function readBaselines(
  { baselineW }: SlotVectors,
  { columns, stepS }: RunBlock,
  { cell, lanes, wattsPerMwh }: Cells & { readonly wattsPerMwh: number },
): void {
  const { durationS, baselineMwh } = columns
  for (let lane = 0; lane < lanes; lane++) {
    const isComparable = durationS[cell + lane] === stepS
    baselineW[lane] = isComparable ? baselineMwh[cell + lane]! * wattsPerMwh : Number.NaN
  }
}

/** The deviations of the hour that ends with the slot, without its own, in whole milliwatts. */
function readHour(
  { rollingMw }: SlotVectors,
  { columns, capacity, stepS }: RunBlock,
  { slot, cell, lanes }: SlotOfLanes & Cells,
): void {
  const { deviationW } = columns
  rollingMw.fill(0)
  const slots = Math.min(slot, slotsOfHour(stepS) - 1)
  for (let from = cell - slots * capacity; from < cell; from += capacity) {
    for (let lane = 0; lane < lanes; lane++) {
      const own = wholeMilliwatts(deviationW[from + lane]!)
      if (!Number.isNaN(own)) rollingMw[lane]! += own
    }
  }
}
