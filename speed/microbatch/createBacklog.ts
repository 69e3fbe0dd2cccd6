import { isGroupHeld } from '../deviation/group.ts'
import { sumNow } from '../deviation/recentSums.ts'
import { lastSlotOf, openMeterDays, type SpeedDay } from '../deviation/speedDay.ts'
import { finishSum } from '../deviation/sumSpeedGroup.ts'
import type { AdvanceChangesReturnType } from './advanceChanges.ts'
import type { Change } from './changes.ts'
import { createDeviationBlock, ownRowsOf, pushRows } from './deviationBlock.ts'
import { findDay, type Roster } from './roster.ts'
import type { SpeedState } from './speedState.ts'
import { nothingTouched, touchSums } from './touchSums.ts'

/** Rows of a piece; sums count by what they cost. */
const rowsOfPiece = 20_000
/** A site that is looked at for a sum costs a row; so do as many runs or cells of its meters. */
const cellsOfRow = 10

/**
 * All rows and sums of a state that was computed without publishing (`computeChanges`), in bounded
 * pieces, the newest days first.
 *
 * A row and its version depend on the state alone, so the rows are those that publishing at each
 * step would have left in the end. They are of the days that have readings now; each piece is read
 * from the state when it is asked for: it may take in more records between two pieces, whose rows
 * are published as usual.
 */
export function createBacklog(
  state: SpeedState,
  rowsMax = rowsOfPiece,
): Generator<AdvanceChangesReturnType> {
  return everyRow(state, [...everyDay(state)], rowsMax)
}

function* everyRow(
  state: SpeedState,
  days: readonly Change[],
  rowsMax: number,
): Generator<AdvanceChangesReturnType> {
  let deviations = createDeviationBlock()
  for (const change of days) {
    pushRows(state, change, deviations)
    if (deviations.rows < rowsMax) continue
    yield { deviations: ownRowsOf(state, deviations), groups: [] }
    deviations = createDeviationBlock()
  }
  if (deviations.rows > 0) yield { deviations: ownRowsOf(state, deviations), groups: [] }
  if (state.owned[0]) yield* everySum(state, days, rowsMax)
}

/** By time, so that a meter that moved leaves one sum and enters the other in one piece. */
function* everySum(
  state: SpeedState,
  days: readonly Change[],
  rowsMax: number,
): Generator<AdvanceChangesReturnType> {
  const touched = nothingTouched()
  for (const change of days) touchSums(state, touched, change)
  const sums = [...touched.groups].flatMap(([{ group }, { starts }]) =>
    [...starts.keys()].map((startMs) => ({ id: group, startMs })),
  )
  sums.sort((left, right) => right.startMs - left.startMs)
  let groups: AdvanceChangesReturnType['groups'][number][] = []
  let cost = 0
  for (const { id, startMs } of sums) {
    // By id: enrolments between two pieces rebuild the groups.
    const group = state.groups.get(id)!
    if (!isGroupHeld(group, startMs)) continue
    const sum = sumNow(state.sums, { group, startMs }, findDay)
    const finished = finishSum(sum)
    if (finished) groups.push(finished)
    cost += group.sites.length + sum.looked / cellsOfRow
    if (cost < rowsMax) continue
    yield { deviations: createDeviationBlock(0), groups }
    groups = []
    cost = 0
  }
  if (groups.length > 0) yield { deviations: createDeviationBlock(0), groups }
}

/** Every day of the meters with readings so far. */
function* everyDay({ rosters }: SpeedState): Generator<Change> {
  const days = [...rosters.values()].flatMap((roster) =>
    [...roster.days.values()].map((day): [Roster, SpeedDay] => [roster, day]),
  )
  days.sort(([, left], [, right]) => right.day.startMs - left.day.startMs)
  for (const [roster, day] of days) {
    for (const at of openMeterDays(day)) {
      if (lastSlotOf(at) < 0) continue
      yield { at, enrolled: roster.members[at.meter]!, fromSlot: 0 }
    }
  }
}
