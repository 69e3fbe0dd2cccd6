import { createDayState, type DayState } from '../../schemas/deviation/dayState.ts'
import type { Reading } from '../../schemas/reading.ts'
import type { TimeRange } from '../../schemas/time.ts'

/** What a cell keeps of the version that counts, besides the inputs of the formula. */
export type ArrivalColumns = {
  readonly powerW: Float32Array
  readonly reactiveVar: Float32Array
  readonly quality: Uint8Array
  readonly revision: Uint32Array
  /** Log offset at which the version that counts first appeared. */
  readonly offset: Float64Array
  /** The largest `offset` of all slots up to this one: the row depends on no later record. */
  readonly rowOffset: Float64Array
}

/** A day of the formula for a few meters, with the log offsets of their readings. */
export type DayBlock = DayState & { readonly arrival: ArrivalColumns }

/** A meter's column of a day. */
export type MeterDay = {
  readonly block: DayBlock
  readonly column: number
  /**
   * By slot, all versions of intervals that have more than one, including the one that counts; such
   * intervals are rare, so they are kept outside the columns.
   */
  others: Map<number, Reading[]> | null
}

/**
 * A local day of the meters of one zone and interval. Cells are allocated in blocks, and only for
 * meters that have a reading or a baseline on that day: one reading must not cost a day of the
 * whole roster.
 */
export type SpeedDay = {
  readonly date: string
  readonly day: TimeRange
  readonly stepS: number
  /** As in `DayState`. */
  readonly firstSlot: number
  readonly slots: number
  /** By the meter's index in the roster, in the order of their first reading or baseline. */
  readonly meters: Map<number, MeterDay>
  /** The block that still has room, and how many of its columns are taken. */
  open: DayBlock | null
  taken: number
  cells: number
  isRead: boolean
}

/** Blocks double up to this many meters, so that at most half of the cells of a day are unused. */
const blockMetersMax = 64
/** What a cell of a block takes, bytes: 56 of `DayColumns` and 29 of `ArrivalColumns`. */
export const cellBytes = 85

export function createSpeedDay(local: TimeRange & { date: string }, stepS: number): SpeedDay {
  const { firstSlot, slots } = createDayState(local, stepS, 0)
  const { date, startMs, endMs } = local
  return {
    ...{ date, day: { startMs, endMs }, stepS, firstSlot, slots, meters: new Map() },
    ...{ open: null, taken: 0, cells: 0, isRead: false },
  }
}

/** The column of a meter, allocated if it has none; `day.cells` says what the day takes then. */
export function openMeterDay(day: SpeedDay, meter: number): MeterDay {
  const known = day.meters.get(meter)
  if (known) return known
  if (!day.open || day.taken === day.open.capacity) {
    const meters = Math.min(blockMetersMax, Math.max(1, day.meters.size))
    day.open = createBlock(day, meters)
    day.taken = 0
    day.cells += day.slots * meters
  }
  const opened: MeterDay = { block: day.open, column: day.taken, others: null }
  day.taken += 1
  day.meters.set(meter, opened)
  return opened
}

/** Recomputes a meter's `rowOffset` from a slot on, up to its last slot with a reading. */
export function advanceOffsets({ block, column }: MeterDay, fromSlot: number): void {
  const { arrival, capacity, columns, lastSlot } = block
  let largest = fromSlot === 0 ? -1 : arrival.rowOffset[(fromSlot - 1) * capacity + column]!
  for (let slot = fromSlot; slot <= lastSlot[column]!; slot++) {
    const cell = slot * capacity + column
    const isRead = !Number.isNaN(columns.energyMwh[cell]!)
    if (isRead) largest = Math.max(largest, arrival.offset[cell]!)
    arrival.rowOffset[cell] = largest
  }
}

function createBlock({ day, stepS }: SpeedDay, meters: number): DayBlock {
  const state = createDayState(day, stepS, meters)
  return { ...state, arrival: createArrival(state.slots * meters) }
}

function createArrival(cells: number): ArrivalColumns {
  const f64 = () => new Float64Array(cells).fill(Number.NaN)
  const f32 = () => new Float32Array(cells).fill(Number.NaN)
  return {
    powerW: f32(),
    reactiveVar: f32(),
    quality: new Uint8Array(cells),
    revision: new Uint32Array(cells),
    offset: f64(),
    rowOffset: f64(),
  }
}
