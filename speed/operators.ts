import { localDayOf } from '../schemas/time.ts'
import type { PublishedRows } from './following.ts'
import {
  type AdvanceChangesReturnType,
  advanceChanges,
  computeChanges,
} from './microbatch/advanceChanges.ts'
import { createBacklog } from './microbatch/createBacklog.ts'
import type { SpeedState } from './microbatch/speedState.ts'
import { checkOperators, type Operator } from './operator.ts'
import { deviationRows, exceptionRows, groupRows } from './publish/speedRows.ts'

/**
 * The deviation of each meter from its baseline, and the sums of groups. A day depends on nothing
 * of the one before, so a replay begins at the midnight of the day that is open.
 */
export const deviation: Operator = {
  name: 'deviation',
  reads: ['energyMwh', 'durationS', 'baselineMwh', 'sigmaW', 'state', 'word'],
  writes: [
    ...(['loadW', 'baseW', 'weight', 'meanW', 'varianceW2'] as const),
    ...(['ratio', 'deviationW', 'z', 'rollingWh', 'rowOffset'] as const),
  ],
  replayFromMs: (openFromMs, zone) => localDayOf(openFromMs, zone).startMs,
  advance: (state, changes) => rowsOf(state, advanceChanges(state, changes)),
  replay: computeChanges,
  *backlog(state) {
    for (const { deviations, groups } of createBacklog(state)) {
      yield { deviations: deviationRows(state, deviations), groups: groupRows(state, groups) }
    }
  },
}

function rowsOf(
  state: SpeedState,
  { deviations, groups }: AdvanceChangesReturnType,
): PublishedRows {
  return {
    groups: groupRows(state, groups),
    exceptions: exceptionRows(state, deviations),
    deviations: deviationRows(state, deviations),
  }
}

/** Those of the speed layer, in the order in which they run. */
export const operators: readonly Operator[] = [deviation]
checkOperators(operators)
