import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addAct, decidedBy, emptyActs } from './acts.ts'
import { addWord, decideAgain, emptyWords, keepWord } from './intervalWords.ts'
import type { Standing } from './reading.ts'
import type { AReading } from './testing/aReading.ts'
import { aWord, undecided } from './testing/aWord.ts'
import { compareOwnWords, type Word } from './word.ts'

const minuteMs = 60_000

/** Few values of each, so that ties are frequent. */
const anyWord: fc.Arbitrary<Word> = fc
  .record({
    reading: fc.record({
      energyMwh: fc.integer({ min: -1, max: 1 }),
      standing: fc.constantFrom<Standing>(0, 1, 2),
      revision: fc.nat(1),
      saidAtMs: fc.option(fc.nat(2), { nil: null }),
      isVoid: fc.boolean(),
      source: fc.constantFrom('', 'a', 'b'),
      ingest: fc.constantFrom('', 'i', 'j'),
    }),
    loggedMs: fc.nat(2),
    offset: fc.nat(3),
    index: fc.nat(1),
  })
  .map(({ reading, ...place }) => aWord(reading, place))

test('the order of words is no cycle, with and without revision numbers', () => {
  const sign = (left: Word, right: Word) => Math.sign(compareOwnWords(left, right)) + 0
  fc.assert(
    fc.property(anyWord, anyWord, anyWord, (a, b, c) => {
      expect(sign(a, b)).toBe(-sign(b, a) + 0)
      if (sign(a, b) >= 0 && sign(b, c) >= 0) expect(sign(a, c)).toBeGreaterThanOrEqual(0)
      // Two places are two words.
      const isSamePlace = a.offset === b.offset && a.index === b.index
      if (sign(a, b) === 0) expect(isSamePlace).toBe(true)
    }),
    { numRuns: 1_000 },
  )
})

test('the word that counts is the same in whatever order words are taken in', () => {
  const acts = emptyActs()
  addAct(acts, { kind: 'withdrawal', ingest: 'j' })
  addAct(acts, { kind: 'rank', source: 'a', fromMs: 0, rank: 2 })
  const decided = decidedBy(acts)
  const countingOf = (words: readonly Word[]) => {
    const known = emptyWords()
    for (const word of words) keepWord(known, word, decided)
    return known.counting
  }
  fc.assert(
    fc.property(fc.uniqueArray(anyWord, { selector: placeOf, maxLength: 8 }), (words) => {
      const counting = countingOf(words)
      expect(countingOf(words.toReversed())).toBe(counting)
      // Acts hold for words before and after them.
      const late = emptyWords()
      for (const word of words) keepWord(late, word, undecided)
      decideAgain(late, decided)
      expect(late.counting).toBe(counting)
    }),
  )
})

describe('which word counts', () => {
  test.each<[string, AReading[], number | null]>([
    ['the later one, though it is lower', [{ energyMwh: 18 }, { energyMwh: 4 }], 4],
    ['the later one, though it is zero', [{ energyMwh: 18 }, { energyMwh: 0 }], 0],
    ['A, B, A gives A', [{ energyMwh: 1 }, { energyMwh: 2 }, { energyMwh: 1 }], 1],
    [
      'the larger revision, though it came first',
      [{ revision: 2, energyMwh: 5 }, { revision: 1 }],
      5,
    ],
    [
      'what was said later, though it came first',
      [
        { saidAtMs: 2 * minuteMs, energyMwh: 5 },
        { saidAtMs: minuteMs, energyMwh: 6 },
      ],
      5,
    ],
    [
      "an operator's edit beats a raw spike that comes again",
      [
        { energyMwh: 18 },
        { source: 'operator', standing: 2, energyMwh: 4 },
        { energyMwh: 18 },
        { energyMwh: 19 },
      ],
      4,
    ],
    [
      "a statement beats a machine's estimate, whichever came first",
      [
        { energyMwh: 7 },
        { standing: 0, quality: 0, energyMwh: 9 },
        { source: 'z', standing: 0, energyMwh: 3 },
      ],
      7,
    ],
    [
      'a lower quality counts when it came later',
      [{ quality: 2 }, { quality: 1, energyMwh: 3 }],
      3,
    ],
    [
      'a void word says that it is missing',
      [{ energyMwh: 7 }, { isVoid: true, energyMwh: 0 }],
      null,
    ],
    ['and what comes after it counts', [{ isVoid: true, energyMwh: 0 }, { energyMwh: 7 }], 7],
    [
      'of two sources without a rank the one that is later by name',
      [
        { source: 'b', energyMwh: 2 },
        { source: 'a', energyMwh: 1 },
      ],
      2,
    ],
  ])('%s', (_, said, expected) => {
    const known = emptyWords()
    for (const [offset, each] of said.entries()) addWord(known, aWord(each, { offset }), undecided)
    const { reading } = known.counting!
    expect(reading.isVoid ? null : reading.energyMwh).toBe(expected)
  })

  test('only what repeats the word that counts is a repeat, before and after an act', () => {
    const acts = emptyActs()
    const decided = decidedBy(acts)
    const known = emptyWords()
    let offset = 0
    const kindOf = (said: AReading) => addWord(known, aWord(said, { offset: offset++ }), decided)
    const weak = { source: 'a', energyMwh: 1 }
    const firm = { source: 'b', energyMwh: 2 }
    expect([weak, weak, firm, firm].map((each) => kindOf(each).kind)).toEqual([
      ...['first', 'repeat', 'other', 'repeat'],
    ])
    // What a weaker source insists on is kept, however often.
    const insists = { kind: 'other', isKept: true }
    expect([kindOf(weak), kindOf(weak)]).toEqual([insists, insists])
    addAct(acts, { kind: 'rank', source: 'a', fromMs: 0, rank: 1 })
    decideAgain(known, decided)
    expect([kindOf(weak).kind, kindOf(firm).kind]).toEqual(['repeat', 'other'])
    // An older word of the same source does not count either.
    expect([{ ...weak, revision: 1 }, weak].map((each) => kindOf(each).kind)).toEqual([
      ...['other', 'other'],
    ])
  })

  test('sources rank by dates', () => {
    const acts = emptyActs()
    addAct(acts, { kind: 'rank', source: 'a', fromMs: 1_000, rank: 5 })
    addAct(acts, { kind: 'rank', source: 'a', fromMs: 2_000, rank: -1 })
    const decided = decidedBy(acts)
    const countingAt = (startMs: number) => {
      const known = emptyWords()
      for (const source of ['a', 'b']) addWord(known, aWord({ source, startMs }), decided)
      return known.counting!.reading.source
    }
    expect([0, 999, 1_000, 1_999, 2_000].map(countingAt)).toEqual(['b', 'b', 'a', 'a', 'b'])
  })
})

function placeOf({ offset, index }: Word): string {
  return `${offset} ${index}`
}
