import { drawer } from './drawer.ts'
import type { WrittenFile, WrittenRow } from './writeFile.ts'

export const mutations = [
  ...(['quotes', 'crlf', 'cr', 'bom', 'utf16', 'latin1', 'blank lines', 'backwards'] as const),
  ...([
    'missing rows',
    'repeated rows',
    'restated at the end',
    'empty values',
    'a broken cell',
  ] as const),
  ...(['delimiter', 'a cut end', 'a footer', 'header again', 'shuffled'] as const),
] as const
export type Mutation = (typeof mutations)[number]

export type Broken = {
  readonly file: WrittenFile
  /** Intervals whose value is another one in a later line. */
  readonly restated: ReadonlyMap<string, bigint>
  /** Readings that the file no longer has. */
  readonly removed: number
}

/** What people and programs do to files. */
export function breakFile(file: WrittenFile, mutation: Mutation, seed: number): Broken {
  const draw = drawer(seed + 1)
  const none = { restated: new Map<string, bigint>(), removed: 0 }
  const text = (written: string) => ({ file: { ...file, bytes: encode(written) }, ...none })
  const whole = new TextDecoder().decode(file.bytes)
  switch (mutation) {
    case 'quotes':
      return text(join(file, file.rows, (cell) => `"${cell}"`))
    case 'crlf':
      return text(whole.replaceAll('\n', '\r\n'))
    case 'cr':
      return text(whole.replaceAll('\n', '\r'))
    case 'bom':
      return text(`\ufeff${whole}`)
    case 'utf16':
      return { file: { ...file, bytes: Buffer.from(`\ufeff${whole}`, 'utf16le') }, ...none }
    case 'latin1':
      return { file: { ...file, bytes: Buffer.from(whole, 'latin1') }, ...none }
    case 'blank lines':
      return text(whole.replaceAll('\n', () => (draw() < 0.2 ? '\n\n' : '\n')))
    case 'backwards':
      return text(join(file, file.rows.toReversed()))
    case 'shuffled':
      return text(join(file, shuffle(file.rows, draw)))
    case 'delimiter':
      return text(join({ ...file, ...otherDelimiter(file) }, file.rows))
    case 'a cut end':
      return cutEnd(file, whole, draw)
    case 'a footer':
      return text(`${whole}Total${file.delimiter}${file.delimiter}123\n`)
    case 'header again':
      return text(join(file, file.rows, (cell) => cell, file.head.at(-1)))
    default:
      return changeRows(file, mutation, draw)
  }
}

type RowMutation =
  | 'missing rows'
  | 'repeated rows'
  | 'restated at the end'
  | 'empty values'
  | 'a broken cell'

function changeRows(file: WrittenFile, mutation: RowMutation, draw: () => number): Broken {
  const restated = new Map<string, bigint>()
  let removed = 0
  const rows: WrittenRow[] = []
  const later: WrittenRow[] = []
  for (const row of file.rows) {
    const isChosen = draw() < 0.04
    if (isChosen && mutation === 'missing rows') removed++
    else rows.push(row)
    if (!isChosen || mutation === 'missing rows') continue
    if (mutation === 'repeated rows') rows.push(row)
    if (mutation === 'restated at the end') {
      const mwh = row.mwh + file.grainMwh
      later.push(file.again(row, mwh))
      restated.set(row.key, mwh)
    }
    if (mutation === 'empty values' || mutation === 'a broken cell') {
      const word = mutation === 'empty values' ? '' : '12x'
      const value = file.again(row, 7_777_777n * file.grainMwh).cells
      const changed = row.cells.map((cell, at) => (cell === value[at] ? cell : word))
      rows[rows.length - 1] = { ...row, cells: changed }
      removed += 1
    }
  }
  const written = join(file, [...rows, ...later])
  return { file: { ...file, bytes: encode(written) }, restated, removed }
}

/** The last row may lose its end, and then says another value. */
function cutEnd(file: WrittenFile, whole: string, draw: () => number): Broken {
  const lines = whole.trimEnd().split('\n')
  const last = lines.at(-1) ?? ''
  const kept = last.slice(0, Math.floor(draw() * last.indexOf(file.delimiter)))
  const cut = [...lines.slice(0, -1), kept].join('\n')
  return { file: { ...file, bytes: encode(cut) }, restated: new Map(), removed: 1 }
}

function otherDelimiter({ delimiter, head }: WrittenFile) {
  const other = delimiter === ',' ? '\t' : '|'
  return { delimiter: other, head: head.map((line) => line.replaceAll(delimiter, other)) }
}

function join(
  { head, delimiter }: Pick<WrittenFile, 'head' | 'delimiter'>,
  rows: readonly WrittenRow[],
  ...[write = (cell: string) => cell, again]: [((cell: string) => string)?, string?]
): string {
  const lines = rows.map(({ cells }) => cells.map(write).join(delimiter))
  const middle = Math.floor(lines.length / 2)
  if (again !== undefined) lines.splice(middle, 0, again)
  return [...head, ...lines].join('\n').concat('\n')
}

function shuffle<T>(rows: readonly T[], draw: () => number): T[] {
  return rows
    .map((row) => ({ row, at: draw() }))
    .sort((left, right) => left.at - right.at)
    .map(({ row }) => row)
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
