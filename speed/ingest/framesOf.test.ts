import { expect, test } from 'vitest'
import type { MeterId } from '../../schemas/ids.ts'
import { valueBytesMax } from '../../schemas/logRecord.ts'
import { columnsOf, decodeColumns, decodeFrame } from '../../schemas/reading/frame.ts'
import { quality } from '../../schemas/reading/reading.ts'
import { type ReadingColumns, readingsOf } from '../../schemas/reading/readingColumns.ts'
import { aReading } from '../../schemas/reading/testing/aReading.ts'
import { framesOfColumns } from './framesOf.ts'

const metersMax = 20_000
const rosterOf = (chars: number, meters = metersMax) =>
  Array.from({ length: meters }, (_, at) => `${at}`.padStart(chars, 'M') as MeterId)

/** What a gateway with a roster sends of some of its meters. */
function sentBy(roster: readonly MeterId[], meters: Iterable<number>): ReadingColumns {
  const meter = Uint32Array.from(meters)
  const readings = Array.from(meter, (at) => aReading({ meter: roster[at]!, energyMwh: at }))
  return { ...columnsOf(readings), roster, meter }
}

/** The same with another value in every row of every column. */
function allColumns(columns: ReadingColumns): ReadingColumns {
  const { rows } = columns
  const odd = Uint32Array.from({ length: rows }, (_, row) => row % 2)
  const given = { standing: odd, isVoid: odd, quality: odd.map((each) => each * quality.estimated) }
  const count = Uint32Array.from({ length: rows }, (_, row) => row)
  const power = Float32Array.from(count)
  const numbers = { durationS: count, revision: count, dtS: Int32Array.from(count) }
  const texts = { source: 's'.repeat(64), ingest: 'i'.repeat(64) }
  const saidAtMs = Float64Array.from(count, (row) => columns.t0Ms + row)
  return {
    ...columns,
    ...{ ...given, ...numbers, ...texts, saidAtMs, powerW: power, reactiveVar: power },
  }
}

const framesIn = (columns: ReadingColumns, partitions: number) =>
  [...framesOfColumns(columns, partitions).values()].flatMap(({ frames }) => frames)

test.each([1, 2])('one reading by a large roster is a small record (%i partitions)', (count) => {
  const sent = sentBy(rosterOf(16), [12_345])
  const [record, ...others] = framesIn(sent, count)
  expect(others).toEqual([])
  // Its name takes 18 bytes, and what is sent with a roster's id 49.
  expect(record!.length).toBeLessThan(70)
  expect(decodeFrame(record!).readings).toEqual(readingsOf(sent))
})

test('a record lists the meters of its rows where they are less than half, else all', () => {
  const roster = rosterOf(16, 100)
  const listed = (meters: number[]) => {
    const [record] = framesIn(sentBy(roster, meters), 1)
    return decodeColumns(record!).columns.roster
  }
  // Twice 90 before 7: in the order of the rows, each once.
  expect(listed([90, 7, 90])).toEqual([roster[90], roster[7]])
  const first = Array.from({ length: 50 }, (_, at) => at)
  expect(listed(first.slice(1))).toEqual(roster.slice(1, 50))
  expect(listed(first)).toEqual(roster)
  // Rows are not meters.
  expect(listed(Array.from({ length: 80 }, () => 3))).toEqual([roster[3]])
})

test('no record is larger than the log takes, whatever the names and the columns', () => {
  for (const chars of [5, 16, 60, 64]) {
    const roster = rosterOf(chars)
    for (const few of [sentBy(roster, [1]), sentBy(roster, roster.keys())]) {
      for (const sent of [few, allColumns(few)]) {
        for (const partitions of [1, 2, 5]) {
          const frames = framesIn(sent, partitions)
          for (const each of frames) expect(each.length).toBeLessThanOrEqual(valueBytesMax)
          const counts = frames.map((each) => decodeColumns(each).columns.rows)
          expect(counts.reduce((sum, each) => sum + each, 0)).toBe(sent.rows)
        }
      }
    }
  }
})

test('a full frame of the largest roster with usual ids is one record a partition', () => {
  const roster = rosterOf(16)
  const sent = sentBy(roster, roster.keys())
  const [record, ...others] = framesIn(sent, 1)
  expect(others).toEqual([])
  expect(decodeFrame(record!).readings).toEqual(readingsOf(sent))
  expect(framesIn(sent, 2)).toHaveLength(2)
})
