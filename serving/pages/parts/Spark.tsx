export type SparkPoint = {
  readonly ms: number
  readonly load: number
  readonly baseline: number | null
}

const width = 200
const height = 56

/** A sparkline: load and baseline, with the event marked. */
export function Spark(props: {
  name: string
  points: readonly SparkPoint[]
  span?: { fromMs: number; toMs: number } | null
}) {
  const { name, points, span } = props
  const [first, last] = [points[0]?.ms ?? 0, points.at(-1)?.ms ?? 1]
  const stepMs = points.length > 1 ? (last - first) / (points.length - 1) : 1
  const levels = points.flatMap((each) => [each.load, each.baseline ?? 0])
  const [top, bottom] = [Math.max(1, ...levels) * 1.08, Math.min(0, ...levels) * 1.08]
  const x = (ms: number) => ((ms - first) / (last + stepMs - first || 1)) * width
  const y = (value: number) => ((top - value) / (top - bottom)) * height
  const path = (levelOf: (each: SparkPoint) => number | null): string =>
    steps(points, { x, y, stepMs, levelOf })
  return (
    <svg class="spark" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img">
      <title>{name}</title>
      {span && (
        <rect
          class="span"
          x={x(span.fromMs)}
          width={Math.max(0, x(span.toMs) - x(span.fromMs))}
          y={0}
          height={height}
        />
      )}
      {bottom < 0 && <path class="zero" d={`M0 ${round(y(0))}H${width}`} />}
      <path class="baseline" d={path((each) => each.baseline)} />
      <path class="load" d={path((each) => each.load)} />
    </svg>
  )
}

type StepParameters = {
  x(ms: number): number
  y(value: number): number
  readonly stepMs: number
  levelOf(each: SparkPoint): number | null
}

function steps(points: readonly SparkPoint[], { x, y, stepMs, levelOf }: StepParameters): string {
  let path = ''
  let reached: number | null = null
  for (const each of points) {
    const value = levelOf(each)
    if (value === null) {
      reached = null
      continue
    }
    const at = `${round(x(each.ms))} ${round(y(value))}`
    path += reached === each.ms ? `L${at}` : `M${at}`
    path += `H${round(x(each.ms + stepMs))}`
    reached = each.ms + stepMs
  }
  return path
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
