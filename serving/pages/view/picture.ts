/** What a picture is made of: pure values that `parts/Picture.tsx` draws. */
export type Tone = 'load' | 'baseline' | 'forecast' | 'delivered' | 'ordered' | 'exception'

/** A stepped line: one mean power an interval, W. */
export type Line = {
  readonly key: string
  /** Lines of one label are one thing to a reader, such as its settled and its provisional part. */
  readonly label: string
  readonly tone: Tone
  readonly isDashed?: boolean
  /** Drawn lighter: may still change. */
  readonly isProvisional?: boolean
  /** By interval; null is a gap and stays one. */
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

/** A stretch of time that is marked. */
export type Span = {
  readonly kind: 'event' | 'adjustment'
  readonly fromS: number
  readonly toS: number
  readonly label: string
}

export type Picture = {
  /** Starts of the intervals, s, rising. */
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

/** Puts lines of different intervals on one time axis. */
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

/** What of a picture is shown: the address's range where it has anything to do with it. */
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

/** The table behind a picture: one column a label. */
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

/** The interval an instant falls into: the last that starts at or before it. */
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
