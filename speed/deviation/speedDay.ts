import {
  copyColumns,
  createDayState,
  type DayState,
  growDayState,
} from '../../schemas/deviation/dayState.ts'
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

/** A day of the formula with the log offsets of its readings. */
export type SpeedDay = DayState & { arrival: ArrivalColumns }

export function createSpeedDay(day: TimeRange, stepS: number, capacity: number): SpeedDay {
  const state = createDayState(day, stepS, capacity)
  return { ...state, arrival: createArrival(state.slots * capacity) }
}

/** Makes room for more meters; existing cells keep their slot and meter. */
export function growSpeedDay(day: SpeedDay, capacity: number): void {
  const arrival = createArrival(day.slots * capacity)
  copyColumns(day, { from: day.arrival, to: arrival, capacity })
  growDayState(day, capacity)
  day.arrival = arrival
}

/** Recomputes a meter's `rowOffset` from a slot on, up to its last slot with a reading. */
export function advanceOffsets(
  { arrival, capacity, columns, lastSlot }: SpeedDay,
  { meter, fromSlot }: { readonly meter: number; readonly fromSlot: number },
): void {
  let largest = fromSlot === 0 ? -1 : arrival.rowOffset[(fromSlot - 1) * capacity + meter]!
  for (let slot = fromSlot; slot <= lastSlot[meter]!; slot++) {
    const cell = slot * capacity + meter
    const isRead = !Number.isNaN(columns.energyMwh[cell]!)
    if (isRead) largest = Math.max(largest, arrival.offset[cell]!)
    arrival.rowOffset[cell] = largest
  }
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
