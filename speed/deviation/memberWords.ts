import type { GroupTerm } from '../../schemas/deviation/groupPlan.ts'
import { numberOrNull } from '../../schemas/deviation/readDeviation.ts'
import type { MemberRow } from '../../schemas/deviation/sumGroup.ts'
import { slotOf, slotStartMs } from '../../schemas/meter/grid.ts'
import { stepAt } from '../../schemas/meter/step.ts'
import type { EpochMs, TimeRange } from '../../schemas/time.ts'
import { cellState } from './arrival.ts'
import { eachRun } from './computeMeterDay.ts'
import {
  cellOf,
  findRun,
  hasWord,
  lastSlotOf,
  type MeterDay,
  type Run,
  type SpeedDay,
} from './speedDay.ts'

export type Member = GroupTerm & {
  /** Key of the arrays of this member's days; members of one roster share them. */
  readonly roster: object
  readonly index: number
  readonly partition: number
}

export type DayLookup = (roster: object, startMs: EpochMs) => SpeedDay | undefined

/** A cell about which something was said. */
export type Found = { readonly run: Run; readonly cell: number }

/** The cell of a member's interval, if something was said about it. */
export function findCell(
  { roster, index }: Member,
  startMs: EpochMs,
  dayOf: DayLookup,
): Found | null {
  const at = dayOf(roster, startMs)?.meters[index]
  const slot = at ? slotOf(at.day, startMs) : -1
  const run = at && slot >= 0 ? findRun(at, slot) : null
  return run && hasWord(run, slot) ? { run, cell: cellOf(run, slot) } : null
}

/**
 * What was said about the member's intervals within one of a group's, in order. A day without a
 * reading costs nothing and a run of slots without one a look, however short its intervals are.
 *
 * @returns how many runs and cells were looked at.
 */
export function eachFound(
  member: Member,
  { range, dayOf }: { readonly range: TimeRange; readonly dayOf: DayLookup },
  take: (found: Found) => void,
): number {
  const { roster, index, steps } = member
  const { startMs, endMs } = range
  // An interval of a group is a day at most: its start and its end are in all days it touches.
  const days = new Set([dayOf(roster, startMs), dayOf(roster, endMs - 1)])
  const partMs = stepAt(steps, startMs).intervalS * 1000
  let looked = 0
  for (const day of days) {
    const at = day?.meters[index]
    if (!at) continue
    eachRun(at, slotsIn(at, range), ({ run, first, next }) => {
      looked += 1
      if (!run) return
      looked += next - first
      for (let slot = first; slot < next; slot++) {
        const isPart = (slotStartMs(at.day, slot) - startMs) % partMs === 0
        if (isPart && hasWord(run, slot)) take({ run, cell: cellOf(run, slot) })
      }
    })
  }
  return looked
}

/** The slots that start within a range, as far as the day has readings. */
function slotsIn(at: MeterDay, { startMs, endMs }: TimeRange): [number, number] {
  const { day } = at
  const slotFrom = (ms: EpochMs) => Math.ceil((ms - day.firstMs) / (day.stepS * 1000))
  return [Math.max(0, slotFrom(startMs)), Math.min(lastSlotOf(at) + 1, slotFrom(endMs))]
}

export function isValue({ run, cell }: Found): boolean {
  return run.block.arrival.state[cell] === cellState.value
}

/** Position of the last reading that a cell's row depends on. */
export function offsetOfRow({ run, cell }: Found): number {
  return run.block.arrival.rowOffset[cell]!
}

export function rowOf({ run, cell }: Found): MemberRow {
  const { columns } = run.block
  return {
    durationS: columns.durationS[cell]!,
    energyMwh: columns.energyMwh[cell]!,
    deviationW: numberOrNull(columns.deviationW[cell]!),
  }
}
