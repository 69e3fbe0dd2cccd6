import { ColumnOfOtherStepError } from '../../../schemas/errors/profile.ts'
import type { Columns } from './findColumns.ts'
import { findStep, type Step } from './findStep.ts'
import type { ProfiledReading } from './reading.ts'
import type { Zone } from './zone.ts'

type Wide = {
  readonly columns: Columns
  readonly readings: readonly ProfiledReading[]
  /** The step between the rows of the file. */
  readonly step: Step | null
  readonly zone: Zone
}

/** Fewer values may be far from each other because others are missing. */
const valuesMin = 4

/**
 * Refuses a wide file with a column that has a value only every second row, or every fourth: its
 * values are of a longer interval than those beside it.
 *
 * @throws ColumnOfOtherStepError
 */
export function refuseCoarse({ columns, readings, step, zone }: Wide): void {
  if (columns.layout !== 'wide' || step === null) return
  const byColumn = new Map<string, number[]>()
  for (const { column, startMs } of readings) {
    if (column === null) continue
    const starts = byColumn.get(column)
    if (starts) starts.push(startMs)
    else byColumn.set(column, [startMs])
  }
  const all = new Set(readings.map(({ startMs }) => startMs)).size
  for (const [column, starts] of byColumn) {
    const isFew = starts.length < valuesMin
    if (isFew && !isEven(starts, all)) continue
    const { found, others } = findStep(starts, zone)
    if (found === null || others.size > 0 || found.stepS <= step.stepS) continue
    // A few values at that step do not cover the rows: most of the column is missing.
    if (isFew && all * step.stepS !== starts.length * found.stepS) continue
    throw new ColumnOfOtherStepError({ column, stepS: found.stepS, rowsS: step.stepS })
  }
}

/** Whether a few values are as many as a column of their step has among all rows. */
function isEven(starts: readonly number[], rows: number): boolean {
  const [first = 0, second = 0, third] = starts.toSorted((left, right) => left - right)
  if (starts.length < 2 || (third !== undefined && third - second !== second - first)) return false
  return rows - starts.length >= 2 && rows % starts.length === 0
}
