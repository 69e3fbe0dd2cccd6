import { ModelUnderperformingError } from '../../schemas/errors/forecast.ts'

export type DecideReleaseParameters = {
  /** The trained model's id. */
  readonly model: string
  /** Its error on the test range relative to seasonal naive. */
  readonly ratio: number
  /** That of the released model on the same range; null when there is none. */
  readonly championRatio: number | null
}

/**
 * Releases only a model that beats seasonal naive and the model in use.
 *
 * @throws ModelUnderperformingError otherwise, with the threshold it missed.
 */
export function decideRelease({ model, ratio, championRatio }: DecideReleaseParameters): void {
  const metric = 'mean absolute error relative to seasonal naive'
  const threshold = Math.min(1, championRatio ?? 1)
  if (ratio < threshold) return
  throw new ModelUnderperformingError({ model, metric, value: ratio, threshold })
}
