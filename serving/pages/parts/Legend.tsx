import { clockTime, kw } from '../view/format.ts'
import type { BlockKind, Picture, Tone } from '../view/picture.ts'

const blockNames: Readonly<Record<BlockKind, string>> = {
  ordered: 'ordered',
  delivered: 'delivered',
  fan1: 'likely',
  fan2: '',
}

/** The legend of a chart, with the values under the cursor. Its height is fixed. */
export function Legend(props: { model: Picture; at: number | null; zone: string }) {
  const { model, at, zone } = props
  const isAt = at !== null && model.starts[at] !== undefined
  return (
    <div class="legend" data-at={isAt} aria-live="polite">
      {isAt && <strong class="when">{timesOf(model, at, zone)}</strong>}
      {linesAt(model, isAt ? at : null).map(({ label, tone, isDashed, value }) => (
        <span key={label} class="chip line-chip">
          <i class={`swatch ${tone}${isDashed ? ' dashed' : ''}`} />
          {label}
          {isAt && <b>{kw(value)}</b>}
        </span>
      ))}
      {blocksAt(model, isAt ? at : null).map(({ kind, value }) => (
        <span key={kind} class="chip">
          <i class={`swatch block ${kind}`} />
          {blockNames[kind]}
          {isAt && value !== null && <b>{kw(value)}</b>}
        </span>
      ))}
    </div>
  )
}

function timesOf({ starts, ends }: Picture, at: number, zone: string): string {
  const [from, to] = [starts[at]! * 1000, ends[at]! * 1000]
  const utc = new Date(from).toISOString().slice(11, 16)
  return `${clockTime(from, zone)}–${clockTime(to, zone)} (${utc} UTC)`
}

type LineAt = { label: string; tone: Tone; isDashed: boolean; value: number | null }

/** One chip per label of the lines that exist. */
function linesAt({ lines }: Picture, at: number | null): LineAt[] {
  const chips = new Map<string, LineAt>()
  for (const line of lines) {
    if (!line.values.some((value) => value !== null)) continue
    const value = at === null ? null : (line.values[at] ?? null)
    const known = chips.get(line.label)
    if (known && value === null) continue
    const { label, tone } = line
    chips.set(label, { label, tone, isDashed: line.isDashed === true, value })
  }
  return [...chips.values()]
}

function blocksAt({ blocks, starts }: Picture, at: number | null) {
  const kinds = [...new Set(blocks.map(({ kind }) => kind))].filter((kind) => blockNames[kind])
  return kinds.map((kind) => {
    const here = blocks.find(
      (each) => each.kind === kind && at !== null && each.fromS === starts[at],
    )
    return { kind, value: here && !kind.startsWith('fan') ? here.high - here.low : null }
  })
}
