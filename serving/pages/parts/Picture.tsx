import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import { useInstallation } from '../data/installation.ts'
import { type Picture as Model, shownPart } from '../view/picture.ts'
import { Legend } from './Legend.tsx'
import { PictureTable } from './PictureTable.tsx'
import { plotData, plotOptions, wideFrom } from './plot.ts'

export type PictureProps = {
  /** Label for screen readers. */
  readonly name: string
  readonly model: Model
  readonly zone: string
  readonly children?: ComponentChildren
}

/**
 * Power over time, by interval. Drag zooms and double click resets; with the keyboard the arrows
 * move the cursor, Home and End jump, Enter zooms to the six intervals around it, Escape resets.
 */
export function Picture({ name, model, zone, children }: PictureProps) {
  const { route, setRange } = useInstallation()
  const shown = shownPart(model, route.range)
  const [cursor, setCursor] = useState<number | null>(null)
  const { place, plot } = usePlot({ model, zone, shown, setCursor, setRange })
  const hint = useId()
  return (
    <figure class="picture">
      <div class="picture-head">
        <Legend model={model} at={cursor} zone={zone} />
        <button
          type="button"
          class="quiet-button"
          hidden={!shown.isZoomed}
          onClick={() => setRange(null)}
        >
          Whole range
        </button>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for inputs. */}
      <div
        ref={place}
        class="plot"
        role="group"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys read the chart out.
        tabIndex={0}
        aria-label={name}
        aria-describedby={hint}
        onKeyDown={(event) => handleKey(event, { plot: plot.current, model, setRange })}
        onBlur={() => plot.current?.setCursor({ left: -10, top: -10 })}
      />
      <p id={hint} class="unseen">
        Arrow keys move through the intervals, Enter zooms in, Escape shows the whole. The same
        values are in the table below.
      </p>
      <figcaption>{children}</figcaption>
      <PictureTable model={model} zone={zone} name={name} />
    </figure>
  )
}

type Shown = { readonly fromS: number; readonly toS: number }
type SetRange = (range: { fromMs: number; toMs: number } | null) => void
type UsePlotParameters = {
  readonly model: Model
  readonly zone: string
  readonly shown: Shown
  setCursor(index: number | null): void
  readonly setRange: SetRange
}

/** One plot as long as its lines are the same; new data and widths are passed to it. */
function usePlot({ model, zone, shown, setCursor, setRange }: UsePlotParameters) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const latest = useRef({ model, shown, setRange })
  latest.current = { model, shown, setRange }
  const [isWide, setWide] = useState(true)
  const structure = model.lines.map(({ key }) => key).join()

  useEffect(() => {
    const box = place.current
    if (!box) return
    const made = new uPlot(
      plotOptions({
        zone,
        width: box.clientWidth,
        height: box.clientHeight,
        picture: () => latest.current.model,
        shown: () => latest.current.shown,
        onCursor: setCursor,
        onZoom: ({ fromS, toS }) =>
          latest.current.setRange({ fromMs: fromS * 1000, toMs: toS * 1000 }),
      }),
      plotData(latest.current.model),
      box,
    )
    plot.current = made
    const goBack = () => latest.current.setRange(null)
    made.over.addEventListener('dblclick', goBack)
    const stopWatching = watchBox(box, made, setWide)
    return () => {
      stopWatching()
      made.destroy()
      plot.current = null
    }
  }, [structure, zone, isWide])

  useEffect(() => {
    plot.current?.setData(plotData(model))
  }, [model, shown.fromS, shown.toS])
  return { place, plot }
}

/** Follows the page's width and its light or dark scheme. */
function watchBox(box: HTMLElement, plot: uPlot, setWide: (isWide: boolean) => void): () => void {
  const sizes = new ResizeObserver(() => {
    const { clientWidth: width, clientHeight: height } = box
    setWide(width >= wideFrom)
    if (width !== plot.width || height !== plot.height) plot.setSize({ width, height })
  })
  sizes.observe(box)
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const redraw = () => plot.redraw(false, true)
  dark.addEventListener('change', redraw)
  return () => {
    sizes.disconnect()
    dark.removeEventListener('change', redraw)
  }
}

type KeyParameters = {
  readonly plot: uPlot | null
  readonly model: Model
  readonly setRange: SetRange
}

function handleKey(event: KeyboardEvent, { plot, model, setRange }: KeyParameters): void {
  if (!plot || event.ctrlKey || event.metaKey || event.altKey) return
  const { starts, ends } = model
  const last = starts.length - 1
  const at = plot.cursor.left !== undefined && plot.cursor.left >= 0 ? plot.cursor.idx : null
  const first = starts.findIndex((start) => start >= (plot.scales.x?.min ?? 0))
  const targets: Readonly<Record<string, number>> = {
    ArrowRight: at === null || at === undefined ? Math.max(0, first) : Math.min(last, at + 1),
    ArrowLeft: at === null || at === undefined ? last : Math.max(0, at - 1),
    Home: Math.max(0, first),
    End: last,
  }
  const target = targets[event.key]
  if (target !== undefined && last >= 0) {
    const middle = (starts[target]! + ends[target]!) / 2
    plot.setCursor({ left: plot.valToPos(middle, 'x'), top: 0 })
  } else if (event.key === 'Enter' && at !== null && at !== undefined) {
    const from = starts[Math.max(0, at - 3)]!
    setRange({ fromMs: from * 1000, toMs: ends[Math.min(last, at + 3)]! * 1000 })
  } else if (event.key === 'Escape') {
    plot.setCursor({ left: -10, top: -10 })
    setRange(null)
  } else return
  event.preventDefault()
}
