import { counted } from './counted.ts'
import { InvalidArgumentError } from './wattproofError.ts'

/** A gap too long to bridge by the method's rule. */
export class MeterGapError extends InvalidArgumentError {
  override readonly kind = 'meter-gap'

  constructor(gap: {
    readonly meter: string
    readonly startMs: number
    readonly missing: number
    readonly allowed: number
  }) {
    super(
      `Meter ${gap.meter} has no reading for ${counted(gap.missing, 'interval')} from ` +
        `${new Date(gap.startMs).toISOString()} on; the method fills at most ${gap.allowed}. ` +
        'Send the missing readings, or choose another time.',
      gap,
    )
  }
}

/** An interval length that a baseline cannot be computed for. */
export class StepError extends InvalidArgumentError {
  constructor(given: { readonly stepS: number }) {
    super(`Intervals of ${given.stepS} s do not divide an hour; use such as 900 or 1800 s.`, given)
  }
}

/** Sites whose intervals have different lengths have no sum an interval. */
export class MixedStepsError extends InvalidArgumentError {
  constructor(given: { readonly stepsS: readonly number[] }) {
    super(
      `The sites have intervals of ${given.stepsS.join(' s and of ')} s, which cannot be ` +
        'added up. Bring them to one length, or compare each site by itself.',
      given,
    )
  }
}
