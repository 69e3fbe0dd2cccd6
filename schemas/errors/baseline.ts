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
      `Meter ${gap.meter} misses ${gap.missing} intervals from ` +
        `${new Date(gap.startMs).toISOString()}; the method bridges at most ${gap.allowed}.`,
      gap,
    )
  }
}

/** An interval length that a baseline cannot be computed for. */
export class StepError extends InvalidArgumentError {
  constructor(given: { readonly stepS: number }) {
    super(`An interval of ${given.stepS} s does not divide an hour.`, given)
  }
}
