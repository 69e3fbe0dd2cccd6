import { drawer } from './drawer.ts'
import type { Format } from './exports.ts'
import { encode, type Rendering, render, type WrittenRow, withValue } from './writeFile.ts'

/** What people and programs do to the rows of a file. */
export const rowMutations = [
  ...(['none', 'backwards', 'shuffled', 'meters mixed', 'missing rows'] as const),
  ...(['repeated rows', 'restated at the end', 'restated in place'] as const),
  ...(['empty values', 'broken values', 'twice with other values'] as const),
] as const
export type RowMutation = (typeof rowMutations)[number]

/** And to its bytes. */
export const byteMutations = [
  ...(['none', 'quotes', 'crlf', 'cr', 'bom', 'utf16', 'latin1', 'blank lines'] as const),
  ...(['delimiter', 'cut end', 'footer', 'header again', 'short row', 'blanks'] as const),
  ...(['short first row', 'long row', 'long first row', 'NUL', 'NUL in the first row'] as const),
  ...(['open quote', 'open quote in the first row'] as const),
] as const
export type ByteMutation = (typeof byteMutations)[number]

/** Rows of the file as they were changed. */
export function breakRows(
  rows: readonly WrittenRow[],
  mutation: RowMutation,
  { format, seed }: { readonly format: Format; readonly seed: number },
): WrittenRow[] {
  const draw = drawer(seed + 1)
  const chosen = rows.map(() => draw() < 0.04)
  const another = (row: WrittenRow): WrittenRow =>
    row.values.reduce((changed, value) => {
      const mwh = value.mwh === null ? null : value.mwh + format.grainMwh * value.sign * 7n
      return withValue(changed, { ...value, mwh }, format)
    }, row)
  switch (mutation) {
    case 'none':
      return [...rows]
    case 'backwards':
      return rows.toReversed()
    case 'shuffled':
      return shuffle(rows, draw)
    case 'meters mixed':
      return mixMeters(rows)
    case 'missing rows':
      return rows.filter((_, at) => !chosen[at])
    case 'repeated rows':
      // Rows of their own: where one of them is lost, the other is not.
      return rows.flatMap((row, at) => (chosen[at] ? [row, { ...row }] : [row]))
    case 'restated in place':
      return rows.flatMap((row, at) => (chosen[at] ? [row, another(row)] : [row]))
    case 'restated at the end':
      return [...rows, ...rows.filter((_, at) => chosen[at]).map(another)]
    case 'twice with other values':
      return [...rows, ...rows.map(another)]
    default:
      return rows.map((row, at) => {
        if (!chosen[at]) return row
        const value = row.values[Math.floor(draw() * row.values.length)]!
        const isBroken = mutation === 'broken values'
        return withValue(row, { ...value, mwh: null, isBroken }, format)
      })
  }
}

/** In the order of time where the file has a meter behind the other one. */
function mixMeters(rows: readonly WrittenRow[]): WrittenRow[] {
  const byMeter = new Map<string, WrittenRow[]>()
  for (const row of rows) byMeter.set(row.meter, [...(byMeter.get(row.meter) ?? []), row])
  const columns = [...byMeter.values()]
  const longest = Math.max(...columns.map(({ length }) => length))
  return Array.from({ length: longest }, (_, at) =>
    columns.flatMap((each) => each[at] ?? []),
  ).flat()
}

export type BrokenBytes = {
  readonly bytes: Uint8Array
  /** Rows that are no rows any more. */
  readonly lost: readonly WrittenRow[]
  /** Those of them that are refused, once each; nothing is left of the others. */
  readonly refused: number
  /** Rows that never were any. */
  readonly strange: number
}

/** Bytes of the file, changed; null where the format knows no such change. */
export function breakBytes(
  rendering: Rendering,
  mutation: ByteMutation,
  seed: number,
): BrokenBytes | null {
  const draw = drawer(seed + 2)
  const whole = render(rendering)
  const intact = { lost: [], refused: 0, strange: 0 }
  const { file } = rendering.format
  if (mutation === 'none') return { bytes: whole, ...intact }
  if (file === 'xlsx') return null
  const text = new TextDecoder().decode(whole)
  const isXml = file === 'espi-xml'
  switch (mutation) {
    case 'crlf':
      return { bytes: encode(text.replaceAll('\n', '\r\n')), ...intact }
    case 'cr':
      return { bytes: encode(text.replaceAll('\n', '\r')), ...intact }
    case 'bom':
      return { bytes: encode(`\ufeff${text}`), ...intact }
    case 'utf16': {
      const declared = text.replace('encoding="UTF-8"', 'encoding="UTF-16"')
      return { bytes: Buffer.from(`\ufeff${declared}`, 'utf16le'), ...intact }
    }
    case 'latin1':
      return isXml ? null : { bytes: Buffer.from(text, 'latin1'), ...intact }
    case 'blank lines':
      if (file === 'json') return null
      // XML begins with its declaration.
      return {
        bytes: encode(text.replaceAll('\n', () => (draw() < 0.2 ? '\n\n' : '\n'))),
        ...intact,
      }
    default:
      return file === 'csv' ? breakCsv(rendering, mutation, draw) : null
  }
}

function breakCsv(
  { head, rows, format }: Rendering,
  mutation: ByteMutation,
  draw: () => number,
): BrokenBytes {
  const { delimiter } = format
  const other = delimiter === ',' ? '\t' : '|'
  const separator = mutation === 'delimiter' ? other : delimiter
  const above =
    mutation === 'delimiter' ? head.map((line) => line.replaceAll(delimiter, other)) : head
  const written = (cell: string) => {
    if (mutation === 'quotes') return `"${cell}"`
    return mutation === 'blanks' ? ` ${cell}  ` : cell
  }
  const lines = rows.map(({ cells }) => cells.map(written).join(separator))
  const at = Math.floor(draw() * lines.length)
  let strange = 0
  if (mutation === 'header again') lines.splice(at, 0, head.at(-1) ?? '')
  if (mutation === 'footer') {
    // Two cells, so that it passes for a row only where the rows have two.
    lines.push(['Total', '123'].join(separator))
    strange = 1
  }
  const place = mutation === 'cut end' ? lines.length - 1 : /first/.test(mutation) ? 0 : at
  const cells = brokenCells(rows[place]!.cells, mutation, draw)
  if (cells) lines[place] = cells.join(separator)
  const isRefused = cells !== null && lines[place]!.trim() !== ''
  return {
    bytes: encode([...above, ...lines, ...(mutation === 'cut end' ? [] : [''])].join('\n')),
    lost: cells ? [rows[place]!] : [],
    refused: isRefused ? 1 : 0,
    strange,
  }
}

/** The cells of a row that cannot be read any more; null where the mutation breaks none. */
function brokenCells(
  cells: readonly string[],
  mutation: ByteMutation,
  draw: () => number,
): string[] | null {
  if (/^(short|cut)/.test(mutation)) return cells.slice(0, Math.floor(draw() * (cells.length - 1)))
  if (/^long/.test(mutation)) return [...cells, '5', '6']
  const mark = /^NUL/.test(mutation) ? '\0' : /^open/.test(mutation) ? '"' : ''
  const at = Math.floor(draw() * cells.length)
  return mark === '' ? null : cells.map((cell, place) => (place === at ? mark + cell : cell))
}

function shuffle<T>(rows: readonly T[], draw: () => number): T[] {
  return rows
    .map((row) => ({ row, at: draw() }))
    .sort((left, right) => left.at - right.at)
    .map(({ row }) => row)
}
