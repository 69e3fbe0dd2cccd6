import { type MeterId, partitionOf } from '../../schemas/ids.ts'
import { slotStartMs } from '../../schemas/meter/grid.ts'
import { groupsAt } from '../../schemas/meter/membership.ts'
import { cellOf, hasWord, type Run } from '../deviation/speedDay.ts'
import type { Change } from './changes.ts'
import { eachChangedRun } from './eachChangedRun.ts'
import type { SpeedState } from './speedState.ts'

/**
 * Live rows of intervals as columns, in the order in which they were appended: no row is ever an
 * object. Of a missing interval the row says that there is none any more.
 */
export type DeviationBlock = {
  rows: number
  /** At least `rows` long, and longer ones as it grows. */
  columns: DeviationBlockColumns
  /** Those of the rows; one may be listed more than once. */
  readonly meters: string[]
  readonly groups: Map<string, number>
}

/** `[row]`; NaN is null. */
export type DeviationBlockColumns = {
  /** Place in `meters`. */
  readonly meter: Uint32Array
  /** Place in `groups`. */
  readonly group: Uint32Array
  readonly startMs: Float64Array
  readonly durationS: Uint32Array
  readonly energyMwh: Float64Array
  readonly baselineMwh: Float64Array
  readonly ratio: Float32Array
  readonly deviationW: Float32Array
  readonly z: Float32Array
  readonly rollingWh: Float32Array
  readonly isException: Uint8Array
  readonly isMissing: Uint8Array
  /** The last log offset that the row's content depends on. */
  readonly offset: Float64Array
}

const rowsFirst = 1_024

export function createDeviationBlock(rows = rowsFirst): DeviationBlock {
  return { rows: 0, columns: createColumns(rows), meters: [], groups: new Map() }
}

/** Appends the rows of a meter's day from a slot on. */
export function pushRows(state: SpeedState, change: Change, block: DeviationBlock): void {
  const { meter, roster } = change.enrolled
  const fromMs = Math.max(state.highWaterMs, roster.heldFromMs)
  block.meters.push(meter)
  eachChangedRun(change, ({ run, first, next }) => {
    reserveRows(block, next - first)
    for (let slot = first; slot < next; slot++) {
      const startMs = slotStartMs(change.at.day, slot)
      if (startMs < fromMs || !hasWord(run, slot)) continue
      const group = placeOf(block.groups, groupsAt(change.enrolled.spans, startMs))
      block.columns.meter[block.rows] = block.meters.length - 1
      block.columns.group[block.rows] = group
      const cell = cellOf(run, slot)
      pushCells(block, run.block, { cell, count: 1, startMs, bandWh: state.options.bandWh })
    }
  })
}

/** The rows that are exceptions, of which there are few. */
export function exceptionsOf(block: DeviationBlock): DeviationBlock {
  return rowsWhere(block, (row) => block.columns.isException[row] === 1)
}

/** The rows of meters whose partition this process has. */
export function ownRowsOf(
  { owned, partitions }: Pick<SpeedState, 'owned' | 'partitions'>,
  block: DeviationBlock,
): DeviationBlock {
  if (owned.every(Boolean)) return block
  const isOwn = block.meters.map((meter) => owned[partitionOf(meter as MeterId, partitions)])
  return rowsWhere(block, (row) => isOwn[block.columns.meter[row]!] === true)
}

function rowsWhere(
  { rows, columns, ...texts }: DeviationBlock,
  isKept: (row: number) => boolean,
): DeviationBlock {
  const places: number[] = []
  for (let row = 0; row < rows; row++) if (isKept(row)) places.push(row)
  const few = createColumns(places.length)
  for (const name of Object.keys(few) as (keyof typeof few)[]) {
    for (const [at, row] of places.entries()) few[name][at] = columns[name][row]!
  }
  return { rows: places.length, columns: few, ...texts }
}

type Cells = {
  /** The first one; the others follow it. */
  readonly cell: number
  readonly count: number
  readonly startMs: number
  readonly bandWh: number
}

/** The rest of rows of one start, of cells in a row; `meter` and `group` are there already. */
export function pushCells(
  block: DeviationBlock,
  { columns: own, arrival, stepS }: Run['block'],
  { cell, count, startMs, bandWh }: Cells,
): void {
  const { columns, rows } = block
  for (let at = cell, row = rows; row < rows + count; at++, row++) {
    const energyMwh = own.energyMwh[at]!
    const rollingWh = own.rollingWh[at]!
    const durationS = own.durationS[at]!
    const isMissing = Number.isNaN(energyMwh)
    const isComparable = !isMissing && durationS === stepS
    columns.startMs[row] = startMs
    columns.durationS[row] = durationS
    columns.energyMwh[row] = isMissing ? 0 : energyMwh
    columns.baselineMwh[row] = isComparable ? own.baselineMwh[at]! : Number.NaN
    // These are NaN already where it is missing.
    columns.ratio[row] = own.ratio[at]!
    columns.deviationW[row] = own.deviationW[at]!
    columns.z[row] = own.z[at]!
    columns.rollingWh[row] = rollingWh
    columns.isException[row] = Math.abs(rollingWh) > bandWh ? 1 : 0
    columns.isMissing[row] = isMissing ? 1 : 0
    columns.offset[row] = arrival.rowOffset[at]!
  }
  block.rows += count
}

export function placeOf(places: Map<string, number>, text: string): number {
  const known = places.get(text)
  if (known !== undefined) return known
  places.set(text, places.size)
  return places.size - 1
}

/** Room for so many more rows; twice as much, so that a row is copied twice at most. */
export function reserveRows(block: DeviationBlock, more: number): void {
  const wanted = block.rows + more
  const { columns } = block
  if (wanted <= columns.meter.length) return
  const longer = createColumns(Math.max(wanted, 2 * columns.meter.length))
  for (const [name, column] of Object.entries(columns) as [keyof typeof columns, Uint8Array][]) {
    longer[name].set(column.subarray(0, block.rows))
  }
  block.columns = longer
}

function createColumns(rows: number): DeviationBlockColumns {
  return {
    meter: new Uint32Array(rows),
    group: new Uint32Array(rows),
    startMs: new Float64Array(rows),
    durationS: new Uint32Array(rows),
    energyMwh: new Float64Array(rows),
    baselineMwh: new Float64Array(rows),
    ratio: new Float32Array(rows),
    deviationW: new Float32Array(rows),
    z: new Float32Array(rows),
    rollingWh: new Float32Array(rows),
    isException: new Uint8Array(rows),
    isMissing: new Uint8Array(rows),
    offset: new Float64Array(rows),
  }
}
