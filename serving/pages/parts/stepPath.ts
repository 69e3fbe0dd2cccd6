import type uPlot from 'uplot'
import type { Picture } from '../view/picture.ts'

/**
 * One level per interval, to the end of the interval, so that a gap stays a gap; uPlot's own steps
 * would extend to the next point.
 *
 * With more intervals than pixels each pixel is drawn from its minimum to its maximum.
 */
export function stepPath(picture: () => Picture): uPlot.Series.PathBuilder {
  return (plot, series, first, last) => {
    const range = { from: Math.max(0, first - 1), to: last }
    const values = plot.data[series] ?? []
    const isDense = range.to - range.from > plot.bbox.width / 2
    const path = isDense ? columnsOf : stepsOf
    return { stroke: path(plot, picture(), { ...range, values }), fill: null, clip: null, flags: 0 }
  }
}

type Values = {
  readonly from: number
  readonly to: number
  readonly values: ArrayLike<number | null | undefined>
}

function stepsOf(plot: uPlot, { starts, ends }: Picture, { from, to, values }: Values): Path2D {
  const stroke = new Path2D()
  let reached: number | null = null
  for (let index = from; index <= to; index++) {
    const value = values[index]
    if (value === null || value === undefined) {
      reached = null
      continue
    }
    const left = plot.valToPos(starts[index]!, 'x', true)
    const top = plot.valToPos(value, 'y', true)
    if (reached === starts[index]) stroke.lineTo(left, top)
    else stroke.moveTo(left, top)
    stroke.lineTo(plot.valToPos(ends[index]!, 'x', true), top)
    reached = ends[index]!
  }
  return stroke
}

function columnsOf(plot: uPlot, { starts }: Picture, { from, to, values }: Values): Path2D {
  const stroke = new Path2D()
  const [x, y] = [scaleOf(plot, 'x'), scaleOf(plot, 'y')]
  let column = Number.NaN
  let low = 0
  let high = 0
  const finish = () => {
    if (Number.isNaN(column)) return
    stroke.moveTo(column, y(low))
    // A constant level is a dot of one pixel, not nothing.
    stroke.lineTo(column, Math.min(y(high), y(low) - 1))
  }
  for (let index = from; index <= to; index++) {
    const value = values[index]
    if (value === null || value === undefined) continue
    const at = Math.round(x(starts[index]!))
    if (at !== column) {
      finish()
      column = at
      low = value
      high = value
    } else if (value < low) low = value
    else if (value > high) high = value
  }
  finish()
  return stroke
}

/** `valToPos` of a linear scale, without its checks: it is called 10,000 times. */
function scaleOf(plot: uPlot, key: 'x' | 'y'): (value: number) => number {
  const zero = plot.valToPos(0, key, true)
  const unit = plot.scales[key]?.max ?? 1
  const slope = (plot.valToPos(unit, key, true) - zero) / unit
  return (value) => zero + slope * value
}
