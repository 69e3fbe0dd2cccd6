import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { MeterId } from '../../schemas/ids.ts'
import { emptyWords, type IntervalWords, keepWord } from '../../schemas/reading/intervalWords.ts'
import { aWord, undecided } from '../../schemas/reading/testing/aWord.ts'
import type { Word } from '../../schemas/reading/word.ts'
import type { EpochMs } from '../../schemas/time.ts'
import type { EnergyMwh } from '../../schemas/units.ts'
import { buildSettlement } from './buildSettlement.ts'
import { exampleInputs } from './testing/exampleEvent.ts'

const inputs = exampleInputs()
const { header } = buildSettlement(inputs)

/** Words of other values, in front of the one that is settled: each restates the one before. */
const restated = fc.array(fc.integer({ min: -900_000, max: 900_000 }), { maxLength: 4 })
const intervals = [...inputs.metered].flatMap(([meter, readings]) => {
  return [...readings].map(([startMs, energyMwh]) => ({ meter, startMs, energyMwh }))
})

/** A log in which each interval of the event was said several times, and settles as the example. */
const anyLog = fc
  .array(restated, { minLength: intervals.length, maxLength: intervals.length })
  .map((before): Word[] => {
    let offset = 0
    return intervals.flatMap(({ energyMwh, ...at }, index) => {
      return [...before[index]!, energyMwh].map((value) => {
        return aWord({ ...at, energyMwh: value }, { offset: offset++ })
      })
    })
  })
/** The log in two other orders of reading: places stay what they are. */
const twoOrders = anyLog.chain((log) => {
  const order = fc.shuffledSubarray(log, { minLength: log.length })
  return fc.tuple(order, order)
})

test('a log read in any order, and words said again, settle to one root', () => {
  fc.assert(
    fc.property(twoOrders, fc.integer({ min: 1, max: 50 }), ([one, other], cut) => {
      expect(rootsOf(one)).toEqual(rootsOf(other))
      // A kill makes a batch be read twice.
      expect(rootsOf([...one, ...one.slice(-cut)])).toEqual(rootsOf(one))
      expect(rootsOf(one)).toEqual(header)
    }),
    { numRuns: 15 },
  )
})

test('another word for one interval that counts is another root', () => {
  const [{ meter, startMs, energyMwh }] = intervals as [(typeof intervals)[0]]
  const log = intervals.map((each, offset) => aWord(each, { offset }))
  const later = aWord({ meter, startMs, energyMwh: energyMwh - 1 }, { offset: 99 })
  expect(rootsOf([...log, later])).not.toEqual(header)
})

function rootsOf(log: readonly Word[]) {
  const words = new Map<string, IntervalWords>()
  for (const word of log) {
    const { meter, startMs } = word.reading
    const key = `${meter} ${startMs}`
    const own = words.get(key) ?? emptyWords()
    words.set(key, own)
    keepWord(own, word, undecided)
  }
  const metered = new Map<MeterId, Map<EpochMs, EnergyMwh>>()
  for (const { counting } of words.values()) {
    const { meter, startMs, energyMwh } = counting!.reading
    metered.set(meter, (metered.get(meter) ?? new Map()).set(startMs, energyMwh))
  }
  return buildSettlement({ ...inputs, metered }).header
}
