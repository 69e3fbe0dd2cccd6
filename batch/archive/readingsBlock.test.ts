import fc from 'fast-check'
import { expect, test } from 'vitest'
import { columnsOf } from '../../schemas/reading/frame.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import { aReading } from '../../schemas/reading/testing/aReading.ts'
import type { InsertColumn } from '../../schemas/sql/insertColumns.ts'
import { emptyFleet } from './fleet.ts'
import type { TakenRows } from './placeByMeter.ts'
import { readingsBlock } from './readingsBlock.ts'

const partition = 3
const anyReading = fc
  .record({
    meter: fc.constantFrom('M10', 'M2', 'A', 'm', 'Z-9'),
    startMs: fc.nat(3).map((slot) => slot * 1_800_000),
    energyMwh: fc.integer({ min: -9, max: 9 }),
    powerW: fc.option(fc.nat(9)),
    quality: fc.constantFrom(0, 2),
    standing: fc.constantFrom(0, 1, 2),
    revision: fc.nat(1),
    saidAtMs: fc.option(fc.constantFrom(1, 2)),
    isVoid: fc.boolean(),
  })
  .map((each) => aReading(each as Partial<Reading>))
const anyRecord = fc.record({
  readings: fc.array(anyReading, { minLength: 1, maxLength: 6 }),
  source: fc.constantFrom('', 'dso'),
  ingest: fc.constantFrom('', 'i-1'),
  kept: fc.option(fc.array(fc.constantFrom(0, 1), { minLength: 6, maxLength: 6 })),
})

test('an insert has the rows that were taken, meter by meter as the store has them', () => {
  fc.assert(
    fc.property(fc.array(anyRecord, { maxLength: 5 }), (records) => {
      const expected: unknown[][] = []
      const taken = records.map(({ readings, source, ingest, kept }, at): TakenRows => {
        const all = readings.map((each) => ({ ...each, source, ingest }))
        const record = {
          position: { topic: 'readings.v1', partition, offset: 100 + at },
          loggedMs: at,
        }
        const keep = kept && Uint8Array.from(kept.slice(0, readings.length))
        for (const [row, each] of all.entries()) {
          if (!keep || keep[row] === 1) expected.push(rowOf(each, at, row))
        }
        return { record, columns: columnsOf(all), keep }
      })
      const { rows, columns } = readingsBlock(taken, emptyFleet(), partition)
      const found = Array.from({ length: rows }, (_, row) => {
        return Object.values(columns).map((column) => cellOf(column, row))
      })
      // A stable sort: of one meter in the order of the log.
      const name = (row: unknown[]) => row[0] as string
      const order = (a: unknown[], b: unknown[]) =>
        Number(name(a) > name(b)) - Number(name(a) < name(b))
      expect(found).toEqual(expected.sort(order))
    }),
    { numRuns: 300 },
  )
})

test('what all rows share is one value', () => {
  const readings = [0, 1, 2].map((slot) => aReading({ startMs: slot * 1_800_000, energyMwh: slot }))
  const record = { position: { topic: 'readings.v1', partition, offset: 7 }, loggedMs: 5 }
  const taken = [{ record, columns: columnsOf(readings), keep: null }]
  const { columns } = readingsBlock(taken, emptyFleet(), partition)
  const long = Object.entries(columns).filter(([, column]) => countOf(column) > 1)
  expect(long.map(([name]) => name)).toEqual(['meter', 'start', 'energy_mwh', 'log_index'])
})

/** In the order of the table's columns. */
function rowOf(each: Reading, at: number, row: number): unknown[] {
  const { meter, startMs, quality, standing, revision, saidAtMs, isVoid, source, ingest } = each
  return [
    ...[meter, startMs, quality, standing, revision, saidAtMs ?? Number.NaN, Number(isVoid)],
    ...[source, ingest, at, each.energyMwh, each.powerW ?? Number.NaN],
    ...[each.reactiveVar ?? Number.NaN, each.durationS, partition, 100 + at, row],
  ]
}

function cellOf(column: InsertColumn, row: number): unknown {
  if ('texts' in column) return column.texts[column.indexes[column.indexes.length === 1 ? 0 : row]!]
  const values = column as Float64Array
  return values[values.length === 1 ? 0 : row]
}

function countOf(column: InsertColumn): number {
  return 'texts' in column ? column.indexes.length : (column as Float64Array).length
}
