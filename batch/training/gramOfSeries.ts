import { type SlotRange, splitSegments } from '../history/splitSegments.ts'
import type { WindowShape } from './centreGram.ts'
import { addSegment, emptyGram, type WindowGram } from './windowGram.ts'

/**
 * Weights of sites. The model has no intercept, so a site's scale cancels in its forecasts; in
 * training it decides whose errors count. `none`: by their size; `mean`: each site equally; `sqrt`:
 * in between.
 */
export const siteScales = ['none', 'sqrt', 'mean'] as const
export type SiteScale = (typeof siteScales)[number]

export type GramOfSeriesOptions = {
  readonly shape: WindowShape
  readonly range: SlotRange
  readonly scale: SiteScale
}

/** All windows of all sites within a range, without gaps. */
export function gramOfSeries(
  series: readonly Float64Array[],
  { shape, range, scale }: GramOfSeriesOptions,
): WindowGram {
  const width = shape.lookBack + shape.horizon
  const gram = emptyGram(width)
  for (const values of series) {
    const factor = factorOf(values, range, scale)
    // A site without any load adds no information.
    if (factor === null) continue
    for (const segment of splitSegments(values, range, width)) {
      addSegment(gram, values, { ...segment, scale: factor })
    }
  }
  return gram
}

function factorOf(values: Float64Array, range: SlotRange, scale: SiteScale): number | null {
  let sum = 0
  let count = 0
  for (let slot = range.first; slot < range.end; slot++) {
    if (Number.isNaN(values[slot]!)) continue
    sum += values[slot]!
    count += 1
  }
  if (!(sum > 0)) return null
  const mean = sum / count
  return { none: 1, sqrt: 1 / Math.sqrt(mean), mean: 1 / mean }[scale]
}
