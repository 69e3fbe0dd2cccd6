import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addAct, decidedBy, emptyActs } from '../../schemas/reading/acts.ts'
import { decideAgain, keepWord } from '../../schemas/reading/intervalWords.ts'
import { addCounters, emptyCounters, type Reading } from '../../schemas/reading/reading.ts'
import { aReading } from '../../schemas/reading/testing/aReading.ts'
import { undecided } from '../../schemas/reading/testing/aWord.ts'
import type { Word } from '../../schemas/reading/word.ts'
import { classifyRecord, type WordIndex, wordsOf } from './classifyRecord.ts'

const never = Number.NEGATIVE_INFINITY

test('what repeats the latest word is a duplicate, anything else a correction', () => {
  const readings = [at(0, 5), at(0, 5), at(0, 6), at(1, 5), at(0, 5), at(0, 5)]
  const { words, counters } = classifyRecord(recordOf(0, readings), new Map(), undecided)

  // Row 1 repeats row 0, and row 5 row 4, which restates its interval back to what it was.
  expect(words.map((each) => each.index)).toEqual([0, 2, 3, 4])
  expect(counters).toEqual({ ...emptyCounters, read: 6, accepted: 4, duplicate: 2, corrected: 2 })
})

test('another source or ingest that says the same is kept; only the source makes it new', () => {
  const known: WordIndex = new Map()
  const first = { ...at(0, 5), ingest: 'one' }
  const again = { ...first, ingest: 'two' }
  const other = { ...first, source: 'dso' }
  const { words, counters } = classifyRecord(recordOf(0, [first, again, other]), known, undecided)

  expect(words.map((each) => each.index)).toEqual([0, 1, 2])
  expect(counters).toMatchObject({ accepted: 2, duplicate: 1, corrected: 1 })
})

test('after its ingest was withdrawn a word counts as a new one', () => {
  const acts = emptyActs()
  const decided = decidedBy(acts)
  const known: WordIndex = new Map()
  classifyRecord(recordOf(0, [{ ...at(0, 5), ingest: 'one' }]), known, decided)
  addAct(acts, { kind: 'withdrawal', ingest: 'one' })
  for (const words of known.values()) decideAgain(words, decided)

  const { words, counters } = classifyRecord(recordOf(2, [at(0, 5)]), known, decided)
  expect(words).toHaveLength(1)
  expect(counters).toMatchObject({ accepted: 1, duplicate: 0, corrected: 1 })
})

test('late: an accepted reading that ended at or before the watermark', () => {
  // Half-hours 0, 1, 2 end at 30, 60, 90 minutes; the watermark is at 60.
  const record = {
    ...recordOf(0, [at(0, 5), at(0, 5), at(1, 5), at(2, 5)]),
    watermarkMs: 3_600_000,
  }
  const { counters } = classifyRecord(record, new Map(), undecided)
  expect(counters).toMatchObject({ accepted: 3, duplicate: 1, late: 2 })
})

test('a word costs the same however many its interval has', () => {
  const known: WordIndex = new Map()
  const count = 5_000
  let looks = 0
  const wordOf = (energy: number): Reading => {
    const get = () => {
      looks += 1
      return energy
    }
    return Object.defineProperty(at(0, energy), 'energyMwh', { get, enumerable: true })
  }
  const words = Array.from({ length: count }, (_, energy) => wordOf(energy))
  const { counters } = classifyRecord(recordOf(0, words), known, undecided)
  expect(counters).toMatchObject({ accepted: count, corrected: count - 1, duplicate: 0 })
  // Looked at a few times each, and not once for each later word.
  expect(looks).toBeLessThan(20 * count)
  const again = classifyRecord(recordOf(1, [count - 1, 0].map(wordOf)), known, undecided)
  expect(again.counters).toMatchObject({ accepted: 1, corrected: 1, duplicate: 1 })
})

const readingsArbitrary = fc.array(
  fc
    .record({
      // Few values of some intervals, many of one.
      drawn: fc.oneof(fc.tuple(fc.nat(3), fc.nat(3)), fc.tuple(fc.constant(0), fc.nat(30))),
      ingest: fc.constantFrom('', 'one', 'two'),
      source: fc.constantFrom('', 'dso'),
    })
    .map(({ drawn: [slot, energy], ...others }): Reading => ({ ...at(slot, energy), ...others })),
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
        // After a crash the log is read again from somewhere, with the words stored before it.
        const from = restart % records.length
        const known: WordIndex = new Map()
        // In whatever order the store answers.
        for (const word of once
          .slice(0, from)
          .flatMap(({ words }) => words)
          .toReversed()) {
          keepWord(wordsOf(known, word.reading), word, undecided)
        }
        expect(archiveAll(records.slice(from), known)).toEqual(once.slice(from))
        const whole = archiveAll([recordOf(0, readings)], new Map())
        expect(totalOf(whole)).toEqual(totalOf(once))
        expect(valuesOf(whole)).toEqual(valuesOf(once))
      },
    ),
  )
})

test('shuffled and doubled, words that number their revisions count alike', () => {
  fc.assert(
    fc.property(readingsArbitrary, fc.func(fc.integer()), (drawn, rank) => {
      const readings = drawn.map((reading, revision) => ({ ...reading, revision }))
      const shuffled = [...readings, ...readings]
        .map((reading, index) => ({ reading, rank: rank(reading.startMs, index) }))
        .sort((left, right) => left.rank - right.rank)
        .map((each) => each.reading)
      const [straight, other]: WordIndex[] = [new Map(), new Map()]
      archiveAll([recordOf(0, readings)], straight!)
      const [doubled] = archiveAll([recordOf(0, shuffled)], other!)

      expect(counting(other!)).toEqual(counting(straight!))
      const { read, accepted, duplicate, rejected } = doubled!.counters
      expect(read).toBe(accepted + duplicate + rejected)
    }),
  )
})

type Classified = ReturnType<typeof classifyRecord>

function archiveAll(records: readonly ReturnType<typeof recordOf>[], known: WordIndex) {
  return records.map((record) => classifyRecord(record, known, undecided))
}

function totalOf(classified: readonly Classified[]) {
  return classified.reduce((sum, { counters }) => addCounters(sum, counters), emptyCounters)
}

function valuesOf(classified: readonly Classified[]) {
  return classified.flatMap(({ words }) => words.map(({ reading }) => reading))
}

/** The readings that count, by interval. */
function counting(known: WordIndex): Map<string, Reading> {
  const words = [...known].map(([key, each]): [string, Word] => [key, each.counting!])
  const readings = words.map(([key, { reading }]): [string, Reading] => [key, reading])
  return new Map(readings.sort(([left], [right]) => (left < right ? -1 : 1)))
}

function cut<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size)
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size))
}

function recordOf(offset: number, readings: readonly Reading[]) {
  const position = { topic: 'readings.v1', partition: 0, offset }
  return { position, loggedMs: 0, readings, watermarkMs: never }
}

function at(slot: number, energy: number): Reading {
  return aReading({ meter: 'M1', startMs: slot * 1_800_000, energyMwh: energy })
}
