import type { DayGrid } from '../meter/grid.ts'

/**
 * One local day of some meters of one zone and interval: structure of arrays, `[slot][meter]`,
 * slot-major, so that one slot of all meters is contiguous. Absent numbers are NaN.
 */
export type DayColumns = {
  /** The version of the reading that counts: see `compareVersions`. */
  readonly energyMwh: Float64Array
  readonly durationS: Uint32Array
  /** The day's baseline and its standard deviation, as batch publishes them. */
  readonly baselineMwh: Float64Array
  readonly sigmaW: Float32Array
  /**
   * State after the slot: decayed sums of load and baseline, W; mean and variance (NaN: none). Of a
   * point that can be negative: of load less baseline, of the baseline's magnitude, and of weights.
   */
  readonly loadW: Float32Array
  readonly baseW: Float32Array
  readonly weight: Float32Array
  readonly meanW: Float32Array
  readonly varianceW2: Float32Array
  /** Published values. */
  readonly ratio: Float32Array
  readonly deviationW: Float32Array
  readonly z: Float32Array
  readonly rollingWh: Float32Array
}

/** Its slots are 46, 48 or 50 half-hours, depending on the local day. */
export type DayState = DayGrid & {
  /** Capacity in meters. */
  readonly capacity: number
  readonly columns: DayColumns
  /** Last slot with a reading, -1 before the first. `[meter]` */
  readonly lastSlot: Int32Array
}

export function createDayState(grid: DayGrid, capacity: number): DayState {
  return {
    ...grid,
    capacity,
    columns: createColumns(grid.slots * capacity),
    lastSlot: new Int32Array(capacity).fill(-1),
  }
}

/** Columns of so many cells, without a reading. */
export function createColumns(cells: number): DayColumns {
  const f64 = () => new Float64Array(cells).fill(Number.NaN)
  const f32 = () => new Float32Array(cells).fill(Number.NaN)
  return {
    energyMwh: f64(),
    durationS: new Uint32Array(cells),
    baselineMwh: f64(),
    sigmaW: f32(),
    loadW: f32(),
    baseW: f32(),
    weight: f32(),
    meanW: f32(),
    varianceW2: f32(),
    ratio: f32(),
    deviationW: f32(),
    z: f32(),
    rollingWh: f32(),
  }
}
