import { invariant } from '../../../schemas/errors/wattproofError.ts'
import type { Inserted } from '../../../schemas/ports/views.ts'
import type { InsertColumn, NumberColumn, TextColumn } from '../../../schemas/sql/insertColumns.ts'
import type { PublishedRows } from '../../../speed/following.ts'
import { startMs, stepS } from './input.ts'

/** Those of the job's description. */
export type Checksums = { rows: number; agg: number; cnt: number; exc: number; excCheck: number }

/**
 * What the rows of all micro-batches, in their order, add up to. A sum that changed again has its
 * last row, as in the store; exceptions are those of closed slots, each once.
 */
export function checksumsOf(
  deviations: readonly PublishedRows[],
  bands: readonly PublishedRows[],
): Checksums {
  const found: Checksums = { rows: 0, agg: 0, cnt: 0, exc: 0, excCheck: 0 }
  const sums = new Map<string, { weight: number; count: number; sum: number }>()
  for (const { groups } of deviations) {
    eachRow(groups, (row) => {
      const [group, slot] = [row.text('group_id'), slotAt(row.number('start'))]
      const [count, load, baseline, deviation] = [
        ...(['members', 'load_w', 'baseline_w', 'deviation_w'] as const).map(row.number),
      ].map(Math.round) as [number, number, number, number]
      const weight = ((slot * 1_000 + Number(group)) % 251) + 1
      const sum = load + 3 * baseline + 7 * deviation + 11 * count
      sums.set(`${group} ${slot}`, { weight, count, sum })
    })
  }
  for (const { weight, count, sum } of sums.values()) {
    found.rows += 1
    found.cnt += count
    found.agg += sum * weight
  }
  for (const { exceptions } of bands) {
    eachRow(exceptions, (row) => {
      const meter = Number(row.text('meter').slice('meter-'.length)) - 1_000_000
      const rolledW = 4 * row.number('rolling_wh')
      const slot = slotAt(row.number('start'))
      found.exc += 1
      found.excCheck += ((meter % 1009) + 1) * ((slot % 127) + 1) + rolledW * ((meter % 13) + 1)
    })
  }
  return found
}

function slotAt(ms: number): number {
  return (ms - startMs) / (1_000 * stepS)
}

type Row = { number(column: string): number; text(column: string): string }

function eachRow(
  inserted: Inserted<'speed_group'> | Inserted<'speed_deviation'> | undefined,
  take: (row: Row) => void,
): void {
  invariant(
    inserted !== undefined && 'columns' in inserted,
    'Operators give their rows as columns.',
  )
  const columns = inserted.columns as Readonly<Record<string, InsertColumn>>
  for (let row = 0; row < inserted.rows; row++) {
    take({
      number: (name) => Number((columns[name] as NumberColumn)[row]),
      text: (name) => {
        const { texts, indexes } = columns[name] as TextColumn
        return texts[indexes[row]!]!
      },
    })
  }
}
