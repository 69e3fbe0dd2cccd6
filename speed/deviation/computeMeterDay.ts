import {
  computeSlots,
  type DeviationFactors,
  slotsOfHour,
} from '../../schemas/deviation/computeDeviation.ts'
import { createColumns, type DayColumns } from '../../schemas/deviation/dayState.ts'
import {
  cellOf,
  findRun,
  hasWord,
  lastSlotOf,
  type MeterDay,
  offsetOf,
  type Run,
  runOf,
} from './speedDay.ts'

/**
 * The day that is computed, of one meter: the formula carries its state through every slot, also
 * those that have no cells. They are computed here and forgotten. Used within one call only.
 */
let scratch: DayColumns = createColumns(0)

/**
 * Recomputes a meter's day from a slot on, up to its last slot with a reading: `computeDeviation`,
 * and the log offset that each row depends on. All cells before the slot must be computed.
 */
export function computeMeterDay(
  at: MeterDay,
  factors: DeviationFactors,
  changedFrom: number,
): void {
  const { day, mayBeNegative } = at
  const lastSlot = lastSlotOf(at)
  const fromSlot = firstToCompute(at, changedFrom)
  if (scratch.energyMwh.length < day.slots) scratch = createColumns(day.slots)
  const hourSlot = Math.max(0, fromSlot - slotsOfHour(day.stepS) + 1)
  eachRun(at, [hourSlot, fromSlot], readHour)
  if (fromSlot > 0) readState(findRun(at, fromSlot - 1), fromSlot - 1)
  eachRun(at, [fromSlot, lastSlot + 1], readInputs)
  const place = { meter: 0, fromSlot, lastSlot, mayBeNegative }
  computeSlots({ stepS: day.stepS, capacity: 1, columns: scratch }, factors, place)
  eachRun(at, [fromSlot, lastSlot + 1], writeOutputs)
  advanceOffsets(at, fromSlot)
}

/**
 * The slot, or an earlier one: after slots without cells the state goes on from the last cell
 * before them. Before the first reading there is no state, whatever the slot.
 */
function firstToCompute(at: MeterDay, slot: number): number {
  const { runSlots } = at.day
  if (slot % runSlots > 0) return slot
  for (let next = slot; next > 0; next -= runSlots) if (findRun(at, next - runSlots)) return next
  return slot
}

type Span = { readonly run: Run | null; readonly first: number; readonly next: number }

/** The pieces of a range of slots that are in one run; `run` is null where it has no cells. */
export function eachRun(
  at: MeterDay,
  [fromSlot, toSlot]: readonly [number, number],
  take: (span: Span) => void,
): void {
  for (let first = fromSlot; first < toSlot; ) {
    const next = Math.min(toSlot, runOf(at.day, first).next)
    take({ run: findRun(at, first), first, next })
    first = next
  }
}

function readHour({ run, first, next }: Span): void {
  if (!run) scratch.deviationW.fill(Number.NaN, first, next)
  else copy(run.block.columns.deviationW, scratch.deviationW, { run, first, next })
}

function readState(run: Run | null, slot: number): void {
  const columns = run?.block.columns
  const cell = run ? cellOf(run, slot) : 0
  scratch.loadW[slot] = columns ? columns.loadW[cell]! : 0
  scratch.baseW[slot] = columns ? columns.baseW[cell]! : 0
  scratch.weight[slot] = columns ? columns.weight[cell]! : 0
  scratch.meanW[slot] = columns ? columns.meanW[cell]! : 0
  scratch.varianceW2[slot] = columns ? columns.varianceW2[cell]! : Number.NaN
}

function readInputs({ run, first, next }: Span): void {
  if (!run) {
    scratch.energyMwh.fill(Number.NaN, first, next)
    return
  }
  const { columns } = run.block
  const at = { run, first, next }
  copy(columns.energyMwh, scratch.energyMwh, at)
  copy(columns.durationS, scratch.durationS, at)
  copy(columns.baselineMwh, scratch.baselineMwh, at)
  copy(columns.sigmaW, scratch.sigmaW, at)
}

const outputs = [
  ...(['loadW', 'baseW', 'weight', 'meanW', 'varianceW2'] as const),
  ...(['ratio', 'deviationW', 'z', 'rollingWh'] as const),
]

function writeOutputs({ run, first, next }: Span): void {
  if (!run) return
  for (const name of outputs) {
    const column = run.block.columns[name]
    for (let slot = first; slot < next; slot++) column[cellOf(run, slot)] = scratch[name][slot]!
  }
}

/** Slots of the target from a column of the run's block. */
function copy<Column extends Float32Array | Float64Array | Uint32Array>(
  source: Column,
  target: Column,
  { run, first, next }: { run: Run; first: number; next: number },
): void {
  for (let slot = first; slot < next; slot++) target[slot] = source[cellOf(run, slot)]!
}

/** Recomputes the `rowOffset` of a meter's cells from a slot on. */
function advanceOffsets(at: MeterDay, fromSlot: number): void {
  const before = fromSlot === 0 ? null : findRun(at, fromSlot - 1)
  let largest = before ? before.block.arrival.rowOffset[cellOf(before, fromSlot - 1)]! : -1
  eachRun(at, [fromSlot, lastSlotOf(at) + 1], ({ run, first, next }) => {
    if (!run) return
    const { rowOffset } = run.block.arrival
    for (let slot = first; slot < next; slot++) {
      if (hasWord(run, slot)) largest = Math.max(largest, offsetOf(at, run, slot))
      rowOffset[cellOf(run, slot)] = largest
    }
  })
}
