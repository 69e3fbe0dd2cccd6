/** What would change of a meter, over its closed intervals that are stated again. */
export type RestatedMeter = {
  readonly meter: string
  readonly closed: number
  /** Those for which another value would count. */
  readonly restated: number
  readonly countedMwh: number
  readonly newMwh: number
}

/** A correction restates less; a wrong column, unit or zone restates nearly everything. */
export const restatedMax = { intervals: 500, share: 0.05 } as const

export type Restated = Pick<RestatedMeter, 'closed' | 'restated'>

export function sumRestated(meters: Iterable<Restated>): Restated {
  const sum = { closed: 0, restated: 0 }
  for (const { closed, restated } of meters) {
    sum.closed += closed
    sum.restated += restated
  }
  return sum
}

/** Whether so much changes that the sender has to confirm it. */
export function isRestatedTooMuch({ closed, restated }: Restated): boolean {
  return restated > restatedMax.intervals && restated > restatedMax.share * closed
}
