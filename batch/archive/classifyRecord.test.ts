import fc from 'fast-check'
import { expect, test } from 'vitest'
import { meterId } from '../../schemas/ids.ts'
import {
  addCounters,
  compareVersions,
  emptyCounters,
  type Reading,
} from '../../schemas/reading/reading.ts'
import { energyMwh } from '../../schemas/units.ts'
import { classifyRecord, maxEndOf } from './classifyRecord.ts'
import { indexVersions, type StoredVersion, type VersionIndex } from './versionIndex.ts'

const never = Number.NEGATIVE_INFINITY

test('the same value again is a duplicate, another value a correction', () => {
  const known: VersionIndex = new Map()
  const readings = [at(0, 5), at(0, 5), at(0, 6), at(1, 5)]

  const { accepted, counters } = classifyRecord(recordOf(0, readings), known)

  // Row 1 repeats row 0. Row 2 restates its interval. Row 3 is another interval.
  expect(accepted.map((each) => each.index)).toEqual([0, 2, 3])
  expect(counters).toEqual({ ...emptyCounters, read: 4, accepted: 3, duplicate: 1, corrected: 1 })
})

test('a value that came back after a correction is still a duplicate', () => {
  const known: VersionIndex = new Map()
  classifyRecord(recordOf(0, [at(0, 5), at(0, 6)]), known)

  expect(classifyRecord(recordOf(1, [at(0, 5)]), known).counters.duplicate).toBe(1)
})

test('what comes later in the log, or is the row itself, is ignored', () => {
  // A crash after the insert and before the commit: the master set has rows 4/0 and 7/0 already.
  const known = indexVersions([stored(4, at(0, 5)), stored(7, at(0, 6))])

  const first = classifyRecord(recordOf(4, [at(0, 5)]), known)
  const second = classifyRecord(recordOf(7, [at(0, 6)]), known)

  expect(first.counters).toEqual({ ...emptyCounters, read: 1, accepted: 1 })
  expect(second.counters).toEqual({ ...emptyCounters, read: 1, accepted: 1, corrected: 1 })
})

test('late: an accepted reading that ended at or before the watermark', () => {
  const known: VersionIndex = new Map()
  // Half-hours 0, 1, 2 end at 30, 60, 90 minutes; the watermark is at 60.
  const record = {
    ...recordOf(0, [at(0, 5), at(0, 5), at(1, 5), at(2, 5)]),
    watermarkMs: 3_600_000,
  }

  expect(classifyRecord(record, known).counters).toMatchObject({
    accepted: 3,
    duplicate: 1,
    late: 2,
  })
  expect(maxEndOf(record.readings, 0)).toBe(5_400_000)
})

test('a version costs the same however many its interval has', () => {
  const known: VersionIndex = new Map()
  const count = 5_000
  let looks = 0
  const versionOf = (energy: number): Reading => {
    const get = () => {
      looks += 1
      return energy
    }
    return Object.defineProperty(at(0, energy), 'energyMwh', { get, enumerable: true })
  }
  const versions = Array.from({ length: count }, (_, energy) => versionOf(energy))
  const { counters } = classifyRecord(recordOf(0, versions), known)
  expect(counters).toMatchObject({ accepted: count, corrected: count - 1, duplicate: 0 })
  // Looked at a few times each, and not once for each later version.
  expect(looks).toBeLessThan(20 * count)
  const again = classifyRecord(recordOf(1, [0, 9, count - 1, count].map(versionOf)), known)
  expect(again.counters).toMatchObject({ accepted: 1, corrected: 1, duplicate: 3 })
})

const readingsArbitrary = fc.array(
  // Few values of some intervals, many of one.
  fc
    .oneof(fc.tuple(fc.nat(3), fc.nat(3)), fc.tuple(fc.constant(0), fc.nat(30)))
    .map(([slot, energy]) => at(slot, energy)),
  { minLength: 1, maxLength: 60 },
)

test('however it is cut into records and replayed, the outcome is the same', () => {
  fc.assert(
    fc.property(
      readingsArbitrary,
      fc.integer({ min: 1, max: 5 }),
      fc.nat(30),
      (readings, recordRows, restart) => {
        const records = cut(readings, recordRows).map((each, offset) => recordOf(offset, each))
        const once = archiveAll(records, new Map())
        // The master set after the crash holds everything; the log is read again from somewhere.
        const from = restart % records.length
        const again = archiveAll(
          records.slice(from),
          indexVersions(once.flatMap((each) => each.accepted)),
        )

        expect(again.map((each) => each.counters)).toEqual(
          once.slice(from).map((each) => each.counters),
        )
        expect(again.map((each) => each.accepted)).toEqual(
          once.slice(from).map((each) => each.accepted),
        )
      },
    ),
  )
})

test('shuffled and doubled, the same versions count', () => {
  fc.assert(
    fc.property(readingsArbitrary, fc.func(fc.integer()), (readings, rank) => {
      const order = (reading: Reading, index: number) => rank(reading.startMs, index)
      const shuffled = [...readings, ...readings]
        .map((reading, index) => ({ reading, rank: order(reading, index) }))
        .sort((left, right) => left.rank - right.rank)
        .map((each) => each.reading)
      const straight = archiveAll([recordOf(0, readings)], new Map())
      const other = archiveAll([recordOf(0, shuffled)], new Map())

      expect(counting(other[0]!.accepted)).toEqual(counting(straight[0]!.accepted))
      expect(other[0]!.counters.accepted).toBe(straight[0]!.counters.accepted)
      const total = other.reduce((sum, each) => addCounters(sum, each.counters), emptyCounters)
      expect(total.read).toBe(total.accepted + total.duplicate + total.rejected)
    }),
  )
})

function archiveAll(records: readonly ReturnType<typeof recordOf>[], known: VersionIndex) {
  return records.map((record) => classifyRecord(record, known))
}

function counting(versions: readonly StoredVersion[]): Map<number, Reading> {
  const best = new Map<number, Reading>()
  for (const { reading } of versions) {
    const before = best.get(reading.startMs)
    if (!before || compareVersions(reading, before) > 0) best.set(reading.startMs, reading)
  }
  return new Map([...best].sort(([left], [right]) => left - right))
}

function cut<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size)
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size))
}

function recordOf(offset: number, readings: readonly Reading[]) {
  return { position: { topic: 'readings.v1', partition: 0, offset }, readings, watermarkMs: never }
}

function stored(offset: number, reading: Reading): StoredVersion {
  return { reading, partition: 0, offset, index: 0 }
}

function at(slot: number, energy: number): Reading {
  return {
    meter: meterId('M1'),
    startMs: slot * 1_800_000,
    durationS: 1800,
    energyMwh: energyMwh(energy),
    powerW: null,
    reactiveVar: null,
    quality: 2,
    revision: 0,
  }
}
