import type uPlot from 'uplot'
import type { Block, Line, Picture, Span, Tone } from '../view/picture.ts'

/** Text colours with enough contrast. */
type Ink = 'quiet' | 'ink' | `${Tone}-ink`

type Place = Pick<uPlot, 'root' | 'ctx' | 'bbox' | 'valToPos'>

/** A colour of the style sheet, so that charts follow the dark scheme. */
export function colourOf(
  { root }: Pick<uPlot, 'root'>,
  name: Tone | Ink | 'grid' | 'raised',
): string {
  return getComputedStyle(root).getPropertyValue(`--${name}`).trim()
}

/** Painted behind the lines: marked time spans, then ordered and delivered energy. */
export function paintBehind(plot: uPlot, picture: Picture): void {
  clipped(plot, () => {
    for (const span of picture.spans) paintSpan(plot, span)
    const inks = mixInks(plot, picture)
    for (const block of picture.blocks) paintBlock(plot, block, inks)
    paintZero(plot)
  })
}

/** Painted over the lines: the now-line, names of spans, names beside lines. */
export function paintBefore(plot: uPlot, picture: Picture, isWide: boolean): void {
  // The last line may have set a dash pattern.
  plot.ctx.setLineDash([])
  const inside = (seconds: number) => isInside(plot, seconds)
  clipped(plot, () => {
    for (const span of picture.spans) nameSpan(plot, span, picture.nowS)
    if (picture.nowS !== null && inside(picture.nowS)) paintNow(plot, picture.nowS)
  })
  if (isWide) nameLines(plot, picture)
}

function clipped({ ctx, bbox }: Place, paint: () => void): void {
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  paint()
  ctx.restore()
}

/** Above it the grid gives, below it the grid takes; without values below zero it is the edge. */
function paintZero(plot: uPlot): void {
  const { ctx, bbox, scales } = plot
  if ((scales.y?.min ?? 0) >= 0) return
  const y = Math.round(plot.valToPos(0, 'y', true)) + 0.5
  ctx.strokeStyle = colourOf(plot, 'quiet')
  ctx.lineWidth = devicePixelRatio
  ctx.beginPath()
  ctx.moveTo(bbox.left, y)
  ctx.lineTo(bbox.left + bbox.width, y)
  ctx.stroke()
  setPen(plot, 'quiet')
  ctx.textBaseline = 'top'
  ctx.fillText('fed in', bbox.left + 6 * devicePixelRatio, y + 4 * devicePixelRatio)
}

function paintSpan(plot: uPlot, { kind, fromS, toS }: Span): void {
  const { ctx, bbox } = plot
  const [left, right] = across(plot, fromS, toS)
  ctx.globalAlpha = kind === 'event' ? 0.1 : 0.09
  ctx.fillStyle = colourOf(plot, kind === 'event' ? 'ordered' : 'baseline')
  ctx.fillRect(left, bbox.top, right - left, bbox.height)
  ctx.globalAlpha = 1
  if (kind === 'event') return
  ctx.strokeStyle = colourOf(plot, 'baseline')
  ctx.lineWidth = devicePixelRatio
  ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio])
  ctx.beginPath()
  for (const x of [left, right]) {
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
  }
  ctx.stroke()
  ctx.setLineDash([])
}

const fillings: Readonly<Record<Block['kind'], { tone: Tone; alpha: number }>> = {
  ordered: { tone: 'ordered', alpha: 1 },
  delivered: { tone: 'delivered', alpha: 0.55 },
  fan1: { tone: 'forecast', alpha: 0.22 },
  fan2: { tone: 'forecast', alpha: 0.14 },
}

type Inks = ReadonlyMap<Block['kind'], CanvasPattern | string>

/** Colours and hatching are looked up once per drawing, not per block. */
function mixInks(plot: uPlot, { blocks }: Picture): Inks {
  const kinds = [...new Set(blocks.map(({ kind }) => kind))]
  return new Map(
    kinds.map((kind) => {
      return [kind, kind === 'ordered' ? hatching(plot) : colourOf(plot, fillings[kind].tone)]
    }),
  )
}

function paintBlock(plot: uPlot, block: Block, inks: Inks): void {
  const { ctx } = plot
  const [left, right] = across(plot, block.fromS, block.toS)
  const top = Math.round(plot.valToPos(block.high, 'y', true))
  const bottom = Math.round(plot.valToPos(block.low, 'y', true))
  const { alpha } = fillings[block.kind]
  ctx.globalAlpha = block.isProvisional ? alpha * 0.65 : alpha
  ctx.fillStyle = inks.get(block.kind) ?? 'transparent'
  ctx.fillRect(left, top, right - left, bottom - top)
  ctx.globalAlpha = 1
}

/** Whole pixels, so that adjacent blocks leave no seam. */
function across(plot: Place, fromS: number, toS: number): [number, number] {
  return [Math.round(plot.valToPos(fromS, 'x', true)), Math.round(plot.valToPos(toS, 'x', true))]
}

/** Slanted strokes: the order is distinguishable by shape, not by colour alone. */
function hatching(plot: uPlot): CanvasPattern | string {
  const size = 8 * devicePixelRatio
  const tile = document.createElement('canvas')
  tile.width = size
  tile.height = size
  const pen = tile.getContext('2d')
  const colour = colourOf(plot, 'ordered')
  if (!pen) return colour
  pen.strokeStyle = colour
  pen.lineWidth = 1.75 * devicePixelRatio
  pen.beginPath()
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift - 1, size + 1)
    pen.lineTo(shift + size + 1, -1)
  }
  pen.stroke()
  return plot.ctx.createPattern(tile, 'repeat') ?? colour
}

/** In the upper left of its span; right of the now-line where they would overlap. */
function nameSpan(plot: uPlot, { fromS, toS, label }: Span, nowS: number | null): void {
  const [left, right] = across(plot, fromS, toS)
  const { ctx, bbox } = plot
  setPen(plot, 'quiet')
  ctx.textBaseline = 'top'
  const gap = 6 * devicePixelRatio
  const { width } = ctx.measureText(label)
  const first = Math.max(left, bbox.left) + gap
  const now = nowS === null ? Number.NaN : plot.valToPos(nowS, 'x', true)
  const start = now > left && now < first + width + gap ? Math.max(first, now + gap) : first
  if (width + gap > right - start) return
  ctx.fillText(label, start, bbox.top + 5 * devicePixelRatio)
}

function paintNow(plot: uPlot, nowS: number): void {
  const { ctx, bbox } = plot
  const x = Math.round(plot.valToPos(nowS, 'x', true)) + 0.5
  ctx.strokeStyle = colourOf(plot, 'ink')
  ctx.lineWidth = devicePixelRatio
  ctx.beginPath()
  ctx.moveTo(x, bbox.top)
  ctx.lineTo(x, bbox.top + bbox.height)
  ctx.stroke()
  setPen(plot, 'ink')
  ctx.textBaseline = 'bottom'
  const isNearEnd = x > bbox.left + bbox.width - 40 * devicePixelRatio
  ctx.textAlign = isNearEnd ? 'right' : 'left'
  const beside = (isNearEnd ? -5 : 5) * devicePixelRatio
  ctx.fillText('now', x + beside, bbox.top + bbox.height - 4 * devicePixelRatio)
}

function setPen(plot: uPlot, tone: Ink): void {
  const { ctx } = plot
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`
  ctx.fillStyle = colourOf(plot, tone)
  ctx.textAlign = 'left'
}

type Name = { readonly line: Line; readonly x: number; y: number }

/** Names to the right of the line ends; overlapping ones are moved apart. */
function nameLines(plot: uPlot, picture: Picture): void {
  const { ctx } = plot
  const gap = 15 * devicePixelRatio
  const names = listNames(plot, picture).sort((left, right) => left.y - right.y)
  for (const [index, name] of names.entries()) {
    const above = names.slice(0, index).filter((each) => Math.abs(each.x - name.x) < 4 * gap)
    for (const each of above) name.y = Math.max(name.y, each.y + gap)
  }
  keepAbove(names, plot.bbox.top + plot.bbox.height - gap / 2, gap)
  ctx.save()
  ctx.textBaseline = 'middle'
  for (const { line, x, y } of names) {
    setPen(plot, `${line.tone}-ink`)
    ctx.textBaseline = 'middle'
    ctx.font = `600 ${ctx.font}`
    ctx.lineWidth = 4 * devicePixelRatio
    ctx.strokeStyle = colourOf(plot, 'raised')
    ctx.lineJoin = 'round'
    ctx.strokeText(line.label, x, y)
    ctx.fillText(line.label, x, y)
  }
  ctx.restore()
}

/** Names moved below the axis move up again, and push up those above them. */
function keepAbove(names: readonly Name[], bottom: number, gap: number): void {
  let limit = bottom
  for (const name of [...names].reverse()) {
    if (name.y <= limit) break
    name.y = limit
    limit -= gap
  }
}

function listNames(plot: uPlot, picture: Picture): Name[] {
  const byLabel = new Map<string, Name>()
  for (const line of picture.lines) {
    const index = line.values.findLastIndex((value, at) => {
      return value !== null && isInside(plot, picture.starts[at]!)
    })
    if (index < 0) continue
    const { left, width } = plot.bbox
    const end = Math.min(plot.valToPos(picture.ends[index]!, 'x', true), left + width)
    const name = {
      line,
      x: end + 6 * devicePixelRatio,
      y: plot.valToPos(line.values[index]!, 'y', true),
    }
    const known = byLabel.get(line.label)
    if (!known || known.x <= name.x) byLabel.set(line.label, name)
  }
  return [...byLabel.values()]
}

function isInside({ bbox, valToPos }: Place, seconds: number): boolean {
  const x = valToPos(seconds, 'x', true)
  return x >= bbox.left && x <= bbox.left + bbox.width
}
