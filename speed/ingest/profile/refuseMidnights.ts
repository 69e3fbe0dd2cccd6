import { MidnightOfOldDateError } from '../../../schemas/errors/profile.ts'
import type { Entry } from './cellsOfRows.ts'
import type { StampReader } from './stamp.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000

/**
 * Refuses a series in order where each 00:00 comes after 23:00 or later of its own date: it is the
 * end of that day under its old date, and read as it stands it would be a day early.
 *
 * @throws MidnightOfOldDateError
 */
export function refuseMidnights(
  sequences: ReadonlyMap<string, readonly Entry[]>,
  reader: StampReader,
): void {
  for (const entries of sequences.values()) {
    const rows = entries.flatMap((entry): Row[] => {
      const stamp = entry.anchor.addMs > 0 || entry.end ? null : reader.read(entry.anchor.text)
      return stamp && stamp.offsetMs === null ? [{ entry, wallMs: stamp.wallMs }] : []
    })
    const found = oldMidnight(rows)
    if (found === null) continue
    const { line, anchor } = found.entry
    throw new MidnightOfOldDateError({ line, stamp: anchor.text })
  }
}

type Row = { readonly entry: Entry; readonly wallMs: number }

function oldMidnight(rows: readonly Row[]): Row | null {
  const isMidnight = ({ wallMs }: Row) => wallMs % dayMs === 0
  const midnights = rows.filter(isMidnight)
  const others = rows.filter((row) => !isMidnight(row))
  const direction = directionOf(others)
  if (midnights.length === 0 || direction === 0) return null
  const isOld = (row: Row, at: number) => {
    const late = rows[at - direction]
    return !isMidnight(row) || isLateOf(row, late)
  }
  return rows.every(isOld) ? midnights[0]! : null
}

function isLateOf({ wallMs }: Row, late: Row | undefined): boolean {
  return late !== undefined && late.wallMs >= wallMs + 23 * hourMs && late.wallMs < wallMs + dayMs
}

/** 1 where each row is later than the one before, -1 where each is earlier, else 0. */
function directionOf(rows: readonly Row[]): -1 | 0 | 1 {
  const steps = rows.slice(1).map(({ wallMs }, at) => Math.sign(wallMs - rows[at]!.wallMs))
  if (steps.length === 0) return 0
  if (steps.every((step) => step > 0)) return 1
  return steps.every((step) => step < 0) ? -1 : 0
}
