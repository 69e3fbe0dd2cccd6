/** Settings of live deviations. */
export type DeviationOptions = {
  /**
   * Band of the last hour's deviation, Wh; outside it is an exception. One for all meters of an
   * installation (`WATTPROOF_BAND_WH`), whatever the terms of an event record.
   */
  readonly bandWh: number
  /** Weight of the newest deviation in its running mean and variance. */
  readonly alpha: number
  /** Half-life of a slot's weight in the same-day ratio, s. */
  readonly ratioHalfLifeS: number
  readonly ratioMin: number
  /** Less one, also the bound of a shift, as a share of the baseline's mean magnitude. */
  readonly ratioMax: number
}

export const deviationDefaults: DeviationOptions = {
  bandWh: 1_500,
  alpha: 0.1,
  ratioHalfLifeS: 4 * 3_600,
  ratioMin: 0.8,
  ratioMax: 1.2,
}
