import {
  type DayGrid,
  dayGridAt,
  type Grid,
  slotLengthMs,
  slotOf,
} from '../../schemas/meter/grid.ts'
import { openEnrolled } from '../../schemas/ports/enrolled.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { type ReadingColumns, startMsAt, valueAt } from '../../schemas/reading/readingColumns.ts'
import type { EpochMs } from '../../schemas/time.ts'
import { type Fleet, indexesOf, indexOf } from './fleet.ts'

export type Grids = {
  /** Reads what was enrolled since; before a batch, so that all of it is judged alike. */
  refresh(): Promise<void>
  /**
   * 1 for each row that is an interval of its meter; null when all are. A meter that is not
   * enrolled may have any interval.
   */
  judge(columns: ReadingColumns): Uint8Array | null
}

/** The grid that meters share, with its last day and last answer kept: rows come in runs. */
type SharedGrid = {
  readonly grid: Grid
  day: DayGrid | null
  last: { startMs: EpochMs; durationS: number; isOne: boolean }
}

/** The intervals of the enrolled meters, as the speed layer knows them too. */
export function openGrids(views: Views, fleet: Fleet): Grids {
  const enrolled = openEnrolled(views)
  const shared = new Map<string, SharedGrid>()
  const ofMeters: (SharedGrid | undefined)[] = []
  return {
    async refresh() {
      for (const { meter, zone, steps } of await enrolled.refresh()) {
        const name = `${zone} ${JSON.stringify(steps)}`
        const own = shared.get(name) ?? newGrid({ zone, steps })
        shared.set(name, own)
        ofMeters[indexOf(fleet, meter)] = own
      }
    },
    judge: (columns) => judge(columns, indexesOf(fleet, columns.roster), ofMeters),
  }
}

function newGrid(grid: Grid): SharedGrid {
  return { grid, day: null, last: { startMs: Number.NaN, durationS: 0, isOne: false } }
}

function judge(
  columns: ReadingColumns,
  indexes: Uint32Array,
  ofMeters: readonly (SharedGrid | undefined)[],
): Uint8Array | null {
  let fits: Uint8Array | null = null
  for (let row = 0; row < columns.rows; row++) {
    const shared = ofMeters[indexes[valueAt(columns.meter, row)]!]
    if (!shared) continue
    const startMs = startMsAt(columns, row)
    const durationS = valueAt(columns.durationS, row)
    const { last } = shared
    if (last.startMs !== startMs || last.durationS !== durationS) {
      last.startMs = startMs
      last.durationS = durationS
      last.isOne = isOne(shared, startMs, durationS)
    }
    if (last.isOne) continue
    fits ??= new Uint8Array(columns.rows).fill(1)
    fits[row] = 0
  }
  return fits
}

function isOne(shared: SharedGrid, startMs: EpochMs, durationS: number): boolean {
  const { day } = shared
  const isWithin = day !== null && startMs >= day.firstMs && startMs < day.endMs
  const own = isWithin ? day : dayGridAt(shared.grid, startMs)
  shared.day = own
  const slot = slotOf(own, startMs)
  return slot >= 0 && slotLengthMs(own, slot) === durationS * 1000
}
