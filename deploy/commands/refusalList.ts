import { randomUUID } from 'node:crypto'
import { appendFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** What was refused, for a person to find and correct. */
export type Refused = {
  readonly file: string
  /** From 1, header and blank lines counted. */
  readonly line: number
  readonly column: string
  readonly value: string
  readonly reason: string
  readonly detail: string
}

export type RefusalList = {
  add(refused: Refused): void
  /** The first ones. */
  readonly first: readonly Refused[]
  /** The file that all of them are in; null where the first ones are all. */
  written(): string | null
}

/** On the screen. */
export const refusalsShownMax = 20
/** In a document; the file has all. */
const refusalsKeptMax = 10_000
const columns = ['file', 'line', 'column', 'value', 'reason', 'detail'] as const

/** More of them than a screen shows are written to a file, as they come. */
export function openRefusalList(): RefusalList {
  const first: Refused[] = []
  let file: string | null = null
  let lines: string[] = []
  const write = () => {
    if (file === null || lines.length === 0) return
    appendFileSync(file, `${lines.join('\n')}\n`)
    lines = []
  }
  return {
    first,
    add: (refused) => {
      if (first.length < refusalsKeptMax) first.push(refused)
      lines.push(columns.map((column) => quoted(String(refused[column]))).join(','))
      if (lines.length <= refusalsShownMax) return
      // It has cells of meters, which no other user may read.
      if (file === null) {
        file = path.join(tmpdir(), `wattproof-refused-${randomUUID()}.csv`)
        writeFileSync(file, `${columns.join(',')}\n`, { mode: 0o600, flag: 'wx' })
        write()
      } else if (lines.length >= 1_000) {
        write()
      }
    },
    written: () => {
      write()
      return file
    },
  }
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
