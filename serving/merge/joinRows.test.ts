import { expect, test } from 'vitest'
import { meterId } from '../../schemas/ids.ts'
import { joinRows } from './joinRows.ts'
import type { ComparedRow } from './sumRows.ts'

const minute = 60_000
const event = { startMs: 90 * minute, intervalS: 1800 }

test('rows that fill an interval of the event are one, with the mean of their deviations', () => {
  const rows = [
    row({ at: 90, lasts: 15, mwh: 100, deviationW: 10 }),
    row({ at: 105, lasts: 15, mwh: 50, deviationW: 30, origin: 'speed' }),
    // The first quarter is missing.
    row({ at: 135, lasts: 15, mwh: 7, deviationW: 1 }),
    row({ at: 150, lasts: 30, mwh: 8, deviationW: 2 }),
    row({ at: 180, lasts: 15, mwh: 1, deviationW: null }),
    row({ at: 195, lasts: 15, mwh: 2, deviationW: 4 }),
  ]
  expect(joinRows(event, rows)).toEqual([
    row({ at: 90, lasts: 30, mwh: 150, deviationW: 20, origin: 'speed' }),
    rows[2],
    rows[3],
    row({ at: 180, lasts: 30, mwh: 3, deviationW: null }),
  ])
  expect(joinRows(event, [rows[3]!])).toEqual([rows[3]])
})

type Given = Pick<ComparedRow, 'deviationW'> &
  Partial<ComparedRow> & { readonly at: number; readonly lasts: number; readonly mwh: number }

function row({ at, lasts, mwh, deviationW, origin = 'batch' }: Given): ComparedRow {
  const interval = { startMs: at * minute, durationS: lasts * 60 }
  return { meter: meterId('A'), ...interval, energyMwh: mwh, deviationW, origin }
}
