/** The model of a chart: pure values that `parts/Picture.tsx` draws. */
export type Tone = 'load' | 'baseline' | 'forecast' | 'delivered' | 'ordered' | 'exception'

/** A stepped line: one mean power per interval, W. */
export type Line = {
  readonly key: string
  /** Lines with the same label belong together, such as a settled and a provisional part. */
  readonly label: string
  readonly tone: Tone
  readonly isDashed?: boolean
  /** Drawn lighter: may still change. */
  readonly isProvisional?: boolean
  /** By interval; null is a gap. */
  readonly values: readonly (number | null)[]
}

export type BlockKind = 'ordered' | 'delivered' | 'fan1' | 'fan2'

/** A filled rectangle of one interval, between two powers, W. */
export type Block = {
  readonly kind: BlockKind
  readonly fromS: number
  readonly toS: number
  readonly low: number
  readonly high: number
  readonly isProvisional?: boolean
}

/** A marked time span. */
export type Span = {
  readonly kind: 'event' | 'adjustment'
  readonly fromS: number
  readonly toS: number
  readonly label: string
}

export type Picture = {
  /** Starts of the intervals, s, ascending. */
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  readonly lines: readonly Line[]
  readonly blocks: readonly Block[]
  readonly spans: readonly Span[]
  readonly nowS: number | null
  /** What is shown without zoom, s. */
  readonly fromS: number
  readonly toS: number
}

export type Point = { readonly startMs: number; readonly endMs: number; readonly value: number }

export type LineDraft = Omit<Line, 'values'> & { readonly points: readonly Point[] }

/** The baseline and the load of a chart; what may still change is a line of its own. */
export function loadLines(points: {
  readonly baseline: readonly Point[]
  readonly load: readonly Point[]
  readonly provisional: readonly Point[]
}): LineDraft[] {
  const load = { label: 'load', tone: 'load' } as const
  return [
    {
      key: 'baseline',
      label: 'baseline',
      tone: 'baseline',
      isDashed: true,
      points: points.baseline,
    },
    { key: 'load', ...load, points: points.load },
    { key: 'load-live', ...load, isProvisional: true, points: points.provisional },
  ]
}

/** Merges lines with different intervals onto one time axis. */
export function alignLines(
  drafts: readonly LineDraft[],
): Pick<Picture, 'starts' | 'ends' | 'lines'> {
  const endOf = new Map<number, number>()
  for (const { points } of drafts) {
    for (const { startMs, endMs } of points) {
      endOf.set(startMs, Math.max(endMs, endOf.get(startMs) ?? endMs))
    }
  }
  const starts = [...endOf.keys()].sort((left, right) => left - right)
  const lines = drafts.map(({ points, ...line }) => {
    const valueAt = new Map(points.map((each) => [each.startMs, each.value]))
    return { ...line, values: starts.map((ms) => valueAt.get(ms) ?? null) }
  })
  const ends = starts.map((ms) => endOf.get(ms) ?? ms)
  return { starts: starts.map(toSeconds), ends: ends.map(toSeconds), lines }
}

/** The visible range of a chart: the address's range if it overlaps the chart. */
export function shownPart(
  picture: Pick<Picture, 'fromS' | 'toS'>,
  range: { readonly fromMs: number; readonly toMs: number } | null,
): { readonly fromS: number; readonly toS: number; readonly isZoomed: boolean } {
  const { fromS, toS } = picture
  const isTouched = range && toSeconds(range.fromMs) < toS && toSeconds(range.toMs) > fromS
  if (!isTouched) return { fromS, toS, isZoomed: false }
  return { fromS: toSeconds(range.fromMs), toS: toSeconds(range.toMs), isZoomed: true }
}

export type PictureRow = {
  readonly startMs: number
  readonly cells: readonly { readonly value: number | null; readonly isProvisional: boolean }[]
}

/** The table of a chart: one column per label. */
export function tabulate(picture: Picture): {
  readonly labels: readonly string[]
  readonly rows: readonly PictureRow[]
} {
  const labels = [...new Set(picture.lines.map(({ label }) => label))]
  const rows = picture.starts.map((start, index) => ({
    startMs: start * 1000,
    cells: labels.map((label) => {
      const found = picture.lines.find(
        (line) => line.label === label && line.values[index] !== null,
      )
      return {
        value: found?.values[index] ?? null,
        isProvisional: found?.isProvisional === true,
      }
    }),
  }))
  return { labels, rows }
}

/** The interval of an instant: the last that starts at or before it. */
export function intervalAt(starts: readonly number[], seconds: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (starts[middle]! <= seconds) low = middle
    else high = middle - 1
  }
  return low
}

export function toSeconds(ms: number): number {
  return ms / 1000
}
