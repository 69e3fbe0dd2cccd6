import { slotOf } from '../../../schemas/meter/grid.ts'
import { groupsAt } from '../../../schemas/meter/membership.ts'
import { cellState } from '../../../speed/deviation/arrival.ts'
import { cellOf, findRun, hasWord, type RunBlock } from '../../../speed/deviation/speedDay.ts'
import {
  createDeviationBlock,
  type DeviationBlock,
  placeOf,
  pushCells,
  reserveRows,
} from '../../../speed/microbatch/deviationBlock.ts'
import { watermarkOf } from '../../../speed/microbatch/processRecords.ts'
import { findDay, type Roster } from '../../../speed/microbatch/roster.ts'
import type { SpeedState } from '../../../speed/microbatch/speedState.ts'
import type { Operator } from '../../../speed/operator.ts'
import { deviation } from '../../../speed/operators.ts'
import { deviationRows } from '../../../speed/publish/speedRows.ts'
import { mwhOfWatt, startMs, stepS } from './input.ts'

/** Slots that are summed, with the one that closes: those of the last hour. */
const rollingSlots = 4

/**
 * The job's own exceptions, on what the layer's operator before it computes: when the watermark
 * passes a slot, meters whose deviation of the last hour is outside a share of their baseline.
 * Its rows are those of the deviation, of these meters.
 *
 * @param bands per mille. `[meter in the roster]`
 */
export function openBandOperator(bands: Int32Array): Operator {
  let nextMs = startMs
  return {
    name: 'band',
    reads: ['state', 'baselineMwh', 'rollingWh', 'energyMwh', 'rowOffset'],
    writes: [],
    replayFromMs: deviation.replayFromMs,
    advance(state) {
      const rows = createDeviationBlock()
      const closedMs = watermarkOf(state, 0)
      for (; nextMs + 1_000 * stepS <= closedMs; nextMs += 1_000 * stepS) {
        for (const roster of state.rosters.values())
          closeSlot(state, roster, { bands, rows, nextMs })
      }
      return { exceptions: deviationRows(state, rows) }
    },
    replay() {},
    backlog: () => [],
  }
}

type Closing = {
  readonly bands: Int32Array
  readonly rows: DeviationBlock
  readonly nextMs: number
}

function closeSlot(state: SpeedState, roster: Roster, { bands, rows, nextMs }: Closing): void {
  const day = findDay(roster, nextMs)
  if (!day) return
  const slot = slotOf(day, nextMs)
  for (const block of day.blocks[Math.floor(slot / day.runSlots)] ?? []) {
    const { meter, days } = block.lanes
    const { columns, arrival } = block
    const cells = (slot - block.first) * block.capacity
    for (let lane = 0; lane < days.length; lane++) {
      const cell = cells + lane
      if (arrival.state[cell] !== cellState.value) continue
      // Whole watts, a quarter-hour each.
      const rolledW = columns.rollingWh[cell]! * rollingSlots
      const bandMilliW = bands[meter[lane]!]! * rolledBaselineW(block, lane, slot)
      if (Math.abs(rolledW) * 1_000 <= bandMilliW) continue
      pushOne(state, roster, { rows, block, lane, cell, nextMs })
    }
  }
}

/** The baselines of the hour's slots with a reading. */
function rolledBaselineW(block: RunBlock, lane: number, slot: number): number {
  const { arrival, columns, first, capacity, lanes } = block
  let sumMwh = 0
  for (let each = Math.max(0, slot - rollingSlots + 1); each <= slot; each++) {
    if (each >= first) {
      const cell = (each - first) * capacity + lane
      if (arrival.state[cell] === cellState.value) sumMwh += columns.baselineMwh[cell]!
      continue
    }
    const run = findRun(lanes.days[lane]!, each)
    if (run && hasWord(run, each)) sumMwh += run.block.columns.baselineMwh[cellOf(run, each)]!
  }
  return sumMwh / mwhOfWatt
}

type Exception = Pick<Closing, 'rows' | 'nextMs'> & {
  readonly block: RunBlock
  readonly lane: number
  readonly cell: number
}

function pushOne(state: SpeedState, roster: Roster, exception: Exception): void {
  const { rows, block, lane, cell, nextMs } = exception
  const { meter, spans } = roster.members[block.lanes.meter[lane]!]!
  reserveRows(rows, 1)
  rows.columns.meter[rows.rows] = rows.meters.push(meter) - 1
  rows.columns.group[rows.rows] = placeOf(rows.groups, groupsAt(spans, nextMs))
  pushCells(rows, block, { cell, count: 1, startMs: nextMs, bandWh: state.options.bandWh })
}
