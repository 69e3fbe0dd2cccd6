import uPlot from 'uplot'
import { clockTime, decimal } from '../view/format.ts'
import { intervalAt, type Picture } from '../view/picture.ts'
import { colourOf, paintBefore, paintBehind } from './paint.ts'
import { stepPath } from './stepPath.ts'

export type PlotParameters = {
  readonly zone: string
  readonly width: number
  readonly height: number
  /** The current chart: a plot is reused for many answers. */
  readonly picture: () => Picture
  /** The visible range, s. */
  readonly shown: () => { fromS: number; toS: number }
  onCursor(index: number | null): void
  onZoom(range: { fromS: number; toS: number }): void
}

/** From this width on there is room for labels beside the lines. */
export const wideFrom = 560

/** The options of uPlot for a chart of mean powers. */
export function plotOptions(parameters: PlotParameters): uPlot.Options {
  const { zone, width, height, picture, shown } = parameters
  const isWide = width >= wideFrom
  return {
    width,
    height,
    padding: [12, isWide ? 76 : 34, 0, 0],
    legend: { show: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
    scales: {
      x: { time: true, range: () => [shown().fromS, shown().toS] },
      y: { range: (_, low, high) => heightRange(picture(), low ?? 0, high ?? 0) },
    },
    axes: [timeAxis(zone, isWide), powerAxis()],
    series: [{}, ...picture().lines.map(describeLine(picture))],
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false },
      dataIdx: (_, __, ___, seconds) => intervalAt(picture().starts, seconds),
      bind: { dblclick: () => () => null },
    },
    hooks: {
      drawAxes: [(plot) => paintBehind(plot, picture())],
      draw: [(plot) => paintBefore(plot, picture(), isWide)],
      setCursor: [(plot) => parameters.onCursor(plot.cursor.idx ?? null)],
      setSelect: [(plot) => zoomToSelection(plot, parameters)],
    },
  }
}

/** Values in uPlot's format. */
export function plotData(picture: Picture): uPlot.AlignedData {
  return [[...picture.starts], ...picture.lines.map((line) => [...line.values])]
}

/** The axis includes zero; blocks count for its range as lines do. */
function heightRange(picture: Picture, low: number, high: number): [number, number] {
  const top = Math.max(high, ...picture.blocks.map((each) => each.high), 1)
  const bottom = Math.min(low, ...picture.blocks.map((each) => each.low), 0)
  return [bottom < 0 ? bottom * 1.08 : 0, top * 1.08]
}

function describeLine(picture: () => Picture) {
  return (line: Picture['lines'][number]): uPlot.Series => ({
    label: line.label,
    stroke: (plot) => colourOf(plot, line.tone),
    width: line.tone === 'load' ? 2.25 : 1.75,
    alpha: line.isProvisional ? 0.6 : 1,
    // Expected values are dotted: distinguishable by shape too.
    ...(line.isDashed ? { dash: [6, 4] } : line.tone === 'forecast' ? { dash: [2, 2] } : {}),
    paths: stepPath(picture),
    points: { show: false },
  })
}

const axisFont = '12px system-ui, sans-serif'

function timeAxis(zone: string, isWide: boolean): uPlot.Axis {
  return {
    stroke: (plot) => colourOf(plot, 'quiet'),
    font: axisFont,
    grid: { stroke: (plot) => colourOf(plot, 'grid'), width: 1 },
    ticks: { show: false },
    size: 40,
    space: isWide ? 72 : 56,
    values: (_, splits) => splits.map((seconds) => timeLabel(seconds * 1000, zone)),
  }
}

/** The date under each midnight, where the day begins. */
function timeLabel(ms: number, zone: string): string {
  const time = clockTime(ms, zone)
  if (time !== '00:00') return time
  const options = { timeZone: zone, weekday: 'short', day: 'numeric', month: 'short' } as const
  return `${time}\n${new Intl.DateTimeFormat('en-GB', options).format(ms)}`
}

function powerAxis(): uPlot.Axis {
  return {
    stroke: (plot) => colourOf(plot, 'quiet'),
    font: axisFont,
    grid: { stroke: (plot) => colourOf(plot, 'grid'), width: 1 },
    ticks: { show: false },
    size: 56,
    space: 44,
    values: (_, splits) => {
      const isKilo = Math.max(...splits.map(Math.abs)) >= 1000
      const labels = splits.map((watts) => decimal(isKilo ? watts / 1000 : watts, 2))
      return labels.map((label, at) =>
        at === labels.length - 1 ? `${label} ${isKilo ? 'kW' : 'W'}` : label,
      )
    },
  }
}

function zoomToSelection(plot: uPlot, { onZoom }: PlotParameters): void {
  const { left, width } = plot.select
  if (width < 8) return
  const fromS = plot.posToVal(left, 'x')
  const toS = plot.posToVal(left + width, 'x')
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
  onZoom({ fromS, toS })
}
