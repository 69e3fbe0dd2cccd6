import { type SlotRange, splitSegments } from '../history/splitSegments.ts'
import type { WindowShape } from './centreGram.ts'
import { addSegment, emptyGram, type WindowGram } from './windowGram.ts'

/**
 * How homes are weighed against one another. The model has no intercept, so a home's scale cancels
 * when it forecasts; here it decides whose errors count. `none`: by their own size; `mean`: each
 * home alike; `sqrt`: in between.
 */
export const homeScales = ['none', 'sqrt', 'mean'] as const
export type HomeScale = (typeof homeScales)[number]

export type GramOfSeriesOptions = {
  readonly shape: WindowShape
  readonly range: SlotRange
  readonly scale: HomeScale
}

/** All windows of all homes that lie within a range, gaps left out. */
export function gramOfSeries(
  series: readonly Float64Array[],
  { shape, range, scale }: GramOfSeriesOptions,
): WindowGram {
  const width = shape.lookBack + shape.horizon
  const gram = emptyGram(width)
  for (const values of series) {
    const factor = factorOf(values, range, scale)
    // A home that used nothing at all teaches nothing.
    if (factor === null) continue
    for (const segment of splitSegments(values, range, width)) {
      addSegment(gram, values, { ...segment, scale: factor })
    }
  }
  return gram
}

function factorOf(values: Float64Array, range: SlotRange, scale: HomeScale): number | null {
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
