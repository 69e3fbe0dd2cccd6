import type { EpochMs } from '../time.ts'

/** The length of a meter's intervals, and where they start, from a local midnight on. */
export type DatedStep = {
  /** A local midnight of the meter's zone; 0 for the first, which has no beginning. */
  readonly fromMs: EpochMs
  readonly intervalS: number
  /** From local midnight to the start of the day's first interval; less than an interval. */
  readonly gridOffsetS: number
}

/** A day. */
export const intervalSMax = 86_400
/** Every local day is longer, so that an interval starts on each. */
export const gridOffsetSMax = 72_000

/** Ascending by `fromMs`; never empty. */
export type DatedSteps = readonly DatedStep[]

/** The steps of a meter that never had another one. */
export function firstStep(intervalS: number, gridOffsetS = 0): DatedSteps {
  return [{ fromMs: 0, intervalS, gridOffsetS }]
}

/** The step at an instant. That of a day is the one at its local midnight. */
export function stepAt(steps: DatedSteps, ms: EpochMs): DatedStep {
  let index = steps.length - 1
  while (index > 0 && steps[index]!.fromMs > ms) index -= 1
  return steps[index]!
}

export function newestStep(steps: DatedSteps): DatedStep {
  return steps.at(-1)!
}

/**
 * The steps with another one from a date on; steps dated later are gone.
 *
 * One that says nothing new is left out, so that the same acts in any number give the same steps.
 */
export function withStep(steps: DatedSteps, step: DatedStep): DatedSteps {
  const earlier = steps.filter(({ fromMs }) => fromMs < step.fromMs)
  const before = earlier.at(-1)
  if (!before) return [{ ...step, fromMs: 0 }]
  return isSameStep(before, step) ? earlier : [...earlier, step]
}

export function isSameStep(left: DatedStep, right: DatedStep): boolean {
  return left.intervalS === right.intervalS && left.gridOffsetS === right.gridOffsetS
}

export function areSameSteps(left: DatedSteps, right: DatedSteps): boolean {
  return (
    left.length === right.length &&
    left.every((each, index) => {
      const other = right[index]!
      return each.fromMs === other.fromMs && isSameStep(each, other)
    })
  )
}
