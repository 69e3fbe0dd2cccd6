import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aMeter } from '../../../schemas/meter/testing/aMeter.ts'
import { addAct, decidedBy, emptyActs } from '../../../schemas/reading/acts.ts'
import {
  addWord,
  decideAgain,
  emptyWords,
  type IntervalWords,
} from '../../../schemas/reading/intervalWords.ts'
import { quality, standing } from '../../../schemas/reading/reading.ts'
import { type KeptRegister, noRule, type RegisterRule } from '../../../schemas/reading/register.ts'
import { type EpochMs, isoUtc } from '../../../schemas/time.ts'
import { energyMwh } from '../../../schemas/units.ts'
import { countingRegisters, type DerivedWord, deriveWords, reviseWords } from './deriveWords.ts'
import { intervalsOf, judgeSeries } from './judgeSeries.ts'

const enrolled = aMeter({ meter: 'A' })
const firstMs = Date.UTC(2024, 0, 1)
const stepMs = 1_800_000

type Said = { slot: number; kwh: number; revision?: number; rule?: RegisterRule }

/** Registers kept in memory, with the words that came of it in the order of a log. */
function openRegisters() {
  let kept: KeptRegister[] = []
  let version = 0
  const acts = emptyActs()
  const words = new Map<EpochMs, IntervalWords>()
  const log = (derived: readonly DerivedWord[]) => {
    return derived.map(({ word, ingests }) => {
      const own = words.get(word.startMs) ?? emptyWords()
      words.set(word.startMs, own)
      const place = { loggedMs: 0, partition: 0, offset: version++, index: 0 }
      const said = { ...place, reading: { ...word, ingest: ingests.join(' ') } }
      return addWord(own, said, decided()).kind
    })
  }
  const decided = () => ({
    ...decidedBy(acts),
    isWithdrawn: (ingest: string) => ingest.split(' ').some((each) => acts.withdrawn.has(each)),
  })
  /** As much as the store is asked for. */
  const near = (from: EpochMs, to: EpochMs) => {
    const all = countingRegisters(kept)
    const before = all.filter(({ atMs }) => atMs < from).slice(-12)
    const within = all.filter(({ atMs }) => atMs >= from && atMs <= to)
    return [...before, ...within, ...all.filter(({ atMs }) => atMs > to).slice(0, 12)]
  }
  const span = (some: readonly KeptRegister[]) => {
    const instants = some.map(({ atMs }) => atMs)
    return { startMs: Math.min(...instants), endMs: Math.max(...instants) }
  }
  return {
    take(said: readonly Said[], ingest = '') {
      const fresh = said.map((each) => registerOf(each, { ingest, version: version++ }))
      const { startMs, endMs } = span(fresh)
      const stored = near(startMs, endMs)
      const derived = deriveWords({ stored, earlier: stored, fresh }, enrolled)
      kept = [...kept, ...fresh]
      return { kinds: log(derived.words), found: derived.found }
    },
    withdraw(ingest: string) {
      const gone = kept.filter((each) => each.ingest === ingest)
      if (gone.length === 0) return
      kept = kept.filter((each) => each.ingest !== ingest)
      addAct(acts, { kind: 'withdrawal', ingest })
      for (const own of words.values()) decideAgain(own, decided())
      const range = span(gone)
      log(reviseWords(near(range.startMs, range.endMs), enrolled, range))
    },
    /** `00:30 1.5`, by the words that count. */
    counting: () => {
      const found = [...words].flatMap(([startMs, { counting }]) => {
        return counting && !counting.reading.isVoid
          ? [text(startMs, counting.reading.energyMwh)]
          : []
      })
      return found.sort()
    },
    /** By all registers at once. */
    expected: () => {
      const all = judgeSeries(countingRegisters(kept), enrolled)
      return [...intervalsOf(all)].map(([ms, each]) => text(ms, each.energyMwh)).sort()
    },
  }
}

function text(startMs: EpochMs, mwh: number): string {
  return `${isoUtc(startMs).slice(8, 16)} ${mwh / 1e6}`
}

function registerOf(
  { slot, kwh, revision = 0, rule = noRule }: Said,
  own: { ingest: string; version: number },
): KeptRegister {
  return {
    ...{ meter: enrolled.meter, atMs: firstMs + slot * stepMs, stepS: null, rule, source: '' },
    ...{ valueMwh: energyMwh(Math.round(kwh * 1e6)), powerW: null, reactiveVar: null },
    ...{ quality: quality.measured, standing: standing.stated, revision, saidAtMs: null, ...own },
  }
}

const series = (from: number, values: readonly number[]): Said[] => {
  return values.map((kwh, at) => ({ slot: from + at, kwh }))
}

test('what is between two requests is said once, and said again it is a duplicate', () => {
  const kept = openRegisters()
  expect(kept.take(series(0, [10, 11, 13]))).toMatchObject({ kinds: ['first', 'first'] })
  const next = kept.take(series(3, [16, 20]))
  // 13 to 16 is the interval from the last register of the one to the first of the other.
  expect(next).toMatchObject({ kinds: ['first', 'first'] })
  expect(next.found).toEqual([
    { gap: null, refusal: null },
    { gap: null, refusal: null },
  ])
  const whole = ['01T00:00 1', '01T00:30 2', '01T01:00 3', '01T01:30 4']
  expect(kept.counting()).toEqual(whole)
  expect(kept.take(series(3, [16, 20])).kinds).toEqual(['repeat', 'repeat'])
  expect(kept.take(series(0, [10, 11, 13])).kinds).toEqual(['repeat', 'repeat', 'repeat'])
  expect(kept.counting()).toEqual(whole)
})

test('an earlier file closes the gap, and one in the middle splits it: the total is kept', () => {
  const kept = openRegisters()
  const late = kept.take(series(6, [20, 21]))
  expect(late.found[0]).toMatchObject({ gap: 'first-register' })
  kept.take(series(0, [10, 11]))
  expect(kept.counting()).toEqual(['01T00:00 1', '01T03:00 1'])
  const middle = kept.take(series(2, [12, 14, 17, 19]))
  expect(middle.found.map(({ gap }) => gap)).toEqual([null, null, null, null])
  // 11 to 20 in five intervals.
  expect(kept.counting().slice(1, -1)).toEqual([
    ...['01T00:30 1', '01T01:00 2', '01T01:30 3', '01T02:00 2', '01T02:30 1'],
  ])
})

test('a restated register changes both of its intervals', () => {
  const kept = openRegisters()
  kept.take(series(0, [10, 11, 13, 16]))
  kept.take([{ slot: 2, kwh: 12.5 }])
  expect(kept.counting()).toEqual(['01T00:00 1', '01T00:30 1.5', '01T01:00 3.5'])
  // One of an earlier revision changes nothing.
  kept.take([{ slot: 2, kwh: 12, revision: 2 }])
  expect(kept.take([{ slot: 2, kwh: 12.9, revision: 1 }]).found).toMatchObject([
    { gap: 'repeated-register' },
  ])
  expect(kept.counting()).toEqual(['01T00:00 1', '01T00:30 1', '01T01:00 4'])
})

const capacity: RegisterRule = { capacityMwh: 100_000_000_000n, resets: [] }

test('rollover and exchange between two requests', () => {
  const rolls = openRegisters()
  rolls.take(series(0, [99_998, 99_999.5]))
  rolls.take([{ slot: 2, kwh: 0.5, rule: capacity }])
  // 100,000 - 99,999.5 + 0.5.
  expect(rolls.counting()).toEqual(['01T00:00 1.5', '01T00:30 1'])
  const window = { fromMs: firstMs + stepMs + 1, toMs: firstMs + 2 * stepMs - 1 }
  const parts = { endMwh: 701_500_000n, startMwh: 100_000n }
  for (const [reset, expected] of [
    [{ ...window, parts: null }, ['01T00:00 1', '01T01:00 0.75']],
    // 701.5 - 701 + 0.25 - 0.1.
    [{ ...window, parts }, ['01T00:00 1', '01T00:30 0.65', '01T01:00 0.75']],
  ] as const) {
    const rule = { capacityMwh: null, resets: [reset] }
    // The exchange is said with either file, and whichever comes first.
    const files = [series(0, [700, 701]), series(2, [0.25, 1]).map((each) => ({ ...each, rule }))]
    for (const order of [files, files.toReversed()]) {
      const kept = openRegisters()
      for (const file of order) kept.take(file)
      expect(kept.counting()).toEqual(expected)
    }
  }
})

test('a register that falls is refused; a spike costs its own intervals, once it is seen', () => {
  const kept = openRegisters()
  kept.take(series(0, [10, 11]))
  expect(kept.take([{ slot: 2, kwh: 3 }]).found).toMatchObject([
    { refusal: { reason: 'out-of-range' } },
  ])
  kept.take(series(3, [12, 13]))
  expect(kept.counting()).toEqual(['01T00:00 1', '01T01:30 1'])
  const high = openRegisters()
  high.take(series(0, [10, 11, 300]))
  expect(high.counting()).toEqual(['01T00:00 1', '01T00:30 289'])
  high.take(series(3, [12, 13]))
  expect(high.counting()).toEqual(['01T00:00 1', '01T01:30 1'])
  // Where the earlier file arrives later, the register to look at is its last one.
  const late = openRegisters()
  late.take(series(2, [12, 13]))
  const [, refused] = late.take(series(0, [10, 50])).found
  expect(refused?.refusal?.detail).toContain('at 2024-01-01T01:00:00.000Z')
})

test('an ingest that is taken back takes its registers out', () => {
  const kept = openRegisters()
  kept.take(series(0, [10, 11]), 'O')
  kept.take([{ slot: 1, kwh: 12, revision: 9 }], 'wrong')
  kept.take(series(2, [13, 14]), 'N')
  expect(kept.counting()).toEqual(['01T00:00 2', '01T00:30 1', '01T01:00 1'])
  // What N said of the wrong register goes with it, and what it says of the right one comes.
  kept.withdraw('wrong')
  expect(kept.counting()).toEqual(['01T00:00 1', '01T00:30 2', '01T01:00 1'])
  kept.withdraw('O')
  expect(kept.counting()).toEqual(['01T01:00 1'])
  // Sent again, with a smaller number than what was taken back.
  kept.take(series(0, [10, 11]), 'again')
  expect(kept.counting()).toEqual(['01T00:00 1', '01T00:30 2', '01T01:00 1'])
})

test('a void word outlives what made it void, where that reaches no longer', () => {
  const kept = openRegisters()
  kept.take([{ slot: 15, kwh: 0 }], 'r')
  kept.take([{ slot: 16, kwh: 20 }])
  expect(kept.counting()).toEqual(['01T07:30 20'])
  // The register of slot 15 is refused by the higher one before it.
  kept.take([{ slot: 0, kwh: 20 }], 'b')
  expect(kept.counting()).toEqual([])
  kept.take([{ slot: 7, kwh: 1 }], 'r')
  kept.take(series(0, [20, 20, 20, 20, 20, 20, 20]))
  kept.withdraw('b')
  expect(kept.counting()).toEqual(kept.expected())
})

type Act = { file: Said[]; ingest: string } | { withdraw: string }

/** Mostly growing; some are missing, some wrong, and some restated. */
const anyActs = fc
  .record({
    grown: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 30, maxLength: 30 }),
    missing: fc.uniqueArray(fc.nat(29), { maxLength: 6 }),
    wrong: fc.array(fc.tuple(fc.nat(29), fc.integer({ min: 0, max: 60 })), { maxLength: 2 }),
    files: fc.array(
      fc.record({ from: fc.nat(29), length: fc.integer({ min: 1, max: 12 }), ingest: fc.nat(3) }),
      { minLength: 4, maxLength: 10 },
    ),
    restated: fc.array(fc.tuple(fc.nat(29), fc.nat(50), fc.nat(2), fc.nat(9)), { maxLength: 3 }),
    withdrawn: fc.array(fc.tuple(fc.nat(3), fc.nat(9)), { maxLength: 2 }),
  })
  .map(({ grown, missing, wrong, files, restated, withdrawn }) => {
    const said: { slot: number; kwh: number }[] = []
    for (const each of grown) {
      said.push({ slot: said.length, kwh: (said.at(-1)?.kwh ?? 20) + each })
    }
    for (const [slot, value] of wrong) said[slot]!.kwh = value
    const there = said.filter(({ slot }) => !missing.includes(slot))
    const acts: Act[] = files.map(({ from, length, ingest }) => {
      const file = there.filter(({ slot }) => slot >= from && slot < from + length)
      return { file, ingest: ['', 'a', 'b', 'c'][ingest]! }
    })
    for (const [slot, value, revision, at] of restated) {
      acts.splice(at, 0, { file: [{ slot, kwh: value, revision }], ingest: 'r' })
    }
    for (const [which, at] of withdrawn) {
      acts.splice(at, 0, { withdraw: ['a', 'b', 'c', 'r'][which]! })
    }
    // What was withdrawn is not said again under its name.
    const gone = new Set<string>()
    return acts.filter((act) => {
      if ('withdraw' in act) gone.add(act.withdraw)
      return 'withdraw' in act || (act.file.length > 0 && !gone.has(act.ingest))
    })
  })

test('property: what counts is a function of the registers, whatever they came with', () => {
  fc.assert(
    fc.property(anyActs, (acts) => {
      const kept = openRegisters()
      for (const act of acts) {
        if ('withdraw' in act) kept.withdraw(act.withdraw)
        else kept.take(act.file, act.ingest)
        expect(kept.counting()).toEqual(kept.expected())
      }
    }),
    { numRuns: 300 },
  )
})
