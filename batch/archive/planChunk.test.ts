import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Act, addAct, decidedBy, emptyActs } from '../../schemas/reading/acts.ts'
import { columnsOf } from '../../schemas/reading/frame.ts'
import { decideAgain, keepWord } from '../../schemas/reading/intervalWords.ts'
import { addCounters, emptyCounters, type Reading } from '../../schemas/reading/reading.ts'
import { aReading } from '../../schemas/reading/testing/aReading.ts'
import type { Word } from '../../schemas/reading/word.ts'
import { classifyColumns } from './classifyColumns.ts'
import { classifyRecord, type WordIndex, wordsOf } from './classifyRecord.ts'
import { emptyFleet, type Fleet, indexOf } from './fleet.ts'
import { planChunk, unlistedMeters } from './planChunk.ts'

const stepS = 1_800
type Entry = { readonly readings: readonly Reading[]; readonly act: Act | null }

const anyReading = fc
  .record({
    meter: fc.constantFrom('A', 'B', 'C'),
    // Mostly newer than what is before it, and often a repeat.
    slot: fc.nat(12),
    energyMwh: fc.nat(2),
    revision: fc.constantFrom(0, 0, 1),
    source: fc.constantFrom('', 'dso'),
    ingest: fc.constantFrom('', 'one', 'two'),
  })
  .map(({ slot, ...others }) => aReading({ ...others, startMs: slot * stepS * 1000 }))
const anyAct = fc.oneof(
  fc.constantFrom('one', 'two').map((ingest): Act => ({ kind: 'withdrawal', ingest })),
  fc.nat(3).map((rank): Act => ({ kind: 'rank', source: 'dso', fromMs: 0, rank })),
)
const anyLog = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.array(anyReading, { minLength: 1, maxLength: 8 }).map(record) },
    { weight: 1, arbitrary: anyAct.map((act): Entry => ({ readings: [], act })) },
  ),
  { minLength: 1, maxLength: 14 },
)

test('by columns the archive decides as by words alone, cut and interrupted anywhere', () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 })
  const stops = fc.array(fc.boolean(), { minLength: 1 })
  fc.assert(
    fc.property(anyLog, cuts, stops, fc.boolean(), (log, sizes, restarts, isBounded) => {
      expect(byColumns(log, { sizes, restarts, isBounded })).toEqual(byWords(log))
    }),
    { numRuns: 500 },
  )
})

test('what is newer than every word of its meter is not asked for', () => {
  const fleet = emptyFleet()
  fleet.listedFromMs = 0
  const said = [0, 1, 2].map((slot) => aReading({ startMs: slot * stepS * 1000 }))
  const judged = (readings: readonly Reading[]) => [{ columns: columnsOf(readings), fits: null }]
  const first = planChunk(fleet, judged(said))
  expect(first).toEqual({ compared: [null], asked: [] })
  // The same once more is: one interval each, and no more than these.
  const again = planChunk(fleet, judged(said.slice(1)))
  expect(again.compared).toEqual([[0, 1]])
  expect(again.asked.map(({ startMs }) => startMs)).toEqual([stepS * 1000, 2 * stepS * 1000])
  // Within a chunk a repeat is compared and not asked for.
  const next = { ...said[2]!, startMs: 3 * stepS * 1000 }
  expect(planChunk(fleet, judged([next, next]))).toEqual({ compared: [[0, 1]], asked: [] })
})

/** Reading rows of one source and one ingest, as a frame has them. */
function record(drawn: Reading[]): Entry {
  const { source, ingest } = drawn[0]!
  return { readings: drawn.map((each) => ({ ...each, source, ingest })), act: null }
}

/** What the archive did before: every word of every interval that is concerned. */
function byWords(log: readonly Entry[]) {
  const acts = emptyActs()
  const decided = decidedBy(acts)
  const known: WordIndex = new Map()
  let total = emptyCounters
  let endMs = Number.NEGATIVE_INFINITY
  const stored: Word[] = []
  for (const [offset, { readings, act }] of log.entries()) {
    if (act) {
      addAct(acts, act)
      for (const words of known.values()) decideAgain(words, decided)
    }
    const given = { ...placeOf(offset), readings, watermarkMs: endMs - stepS * 2_000 }
    const { words, counters } = classifyRecord(given, known, decided)
    stored.push(...words)
    total = addCounters(total, counters)
    for (const each of readings) endMs = Math.max(endMs, each.startMs + stepS * 1000)
  }
  return { stored: namesOf(stored), total }
}

type Course = {
  /** Records of each chunk, and whether the archive starts anew before it. */
  readonly sizes: readonly number[]
  readonly restarts: readonly boolean[]
  /** Starts know the latest words only of late meters, as with a long history. */
  readonly isBounded: boolean
}

function byColumns(log: readonly Entry[], { sizes, restarts, isBounded }: Course) {
  const stored: Word[] = []
  const acts = emptyActs()
  let fleet = emptyFleet()
  let total = emptyCounters
  let endMs = Number.NEGATIVE_INFINITY
  for (let offset = 0, chunks = 0; offset < log.length; chunks++) {
    if (chunks === 0 || restarts[chunks % restarts.length]) {
      fleet = fleetAfter(stored, isBounded ? endMs - stepS * 4_000 : Number.NEGATIVE_INFINITY)
    }
    const size = sizes[chunks % sizes.length]!
    const chunk = log.slice(offset, offset + size).map(({ readings, act }) => {
      return { columns: columnsOf(readings), fits: null, act }
    })
    listFrom(stored, fleet, unlistedMeters(fleet, chunk))
    const plan = planChunk(fleet, chunk)
    const decided = decidedBy(acts)
    const known = knownOf(stored, plan.asked, decided)
    for (const [at, { columns, act }] of chunk.entries()) {
      if (act) {
        addAct(acts, act)
        for (const words of known.values()) decideAgain(words, decided)
      }
      const place = placeOf(offset + at)
      const given = { record: place, columns, fits: null, compared: plan.compared[at]! }
      const watermarkMs = endMs - stepS * 2_000
      const classified = classifyColumns({ ...given, watermarkMs }, known, decided)
      total = addCounters(total, classified.counters)
      endMs = Math.max(endMs, classified.maxEndMs)
      for (const [index, reading] of log[offset + at]!.readings.entries()) {
        if (classified.keep && classified.keep[index] === 0) continue
        const { position, loggedMs } = place
        stored.push({ reading, loggedMs, partition: 0, offset: position.offset, index })
      }
    }
    offset += size
  }
  return { stored: namesOf(stored), total }
}

function fleetAfter(stored: readonly Word[], fromMs: number): Fleet {
  const fleet = emptyFleet()
  fleet.listedFromMs = fromMs
  for (const { reading } of stored) {
    if (reading.startMs < fromMs) continue
    const index = indexOf(fleet, reading.meter)
    const known = fleet.lastStartMs[index]!
    fleet.lastStartMs[index] = Math.max(reading.startMs, Number.isNaN(known) ? 0 : known)
  }
  return fleet
}

function listFrom(stored: readonly Word[], fleet: Fleet, unlisted: ReadonlyMap<number, number>) {
  for (const [index, fromMs] of unlisted) {
    const own = stored.filter(({ reading }) => reading.meter === fleet.names[index])
    const starts = own.map(({ reading }) => reading.startMs).filter((ms) => ms >= fromMs)
    fleet.lastStartMs[index] = Math.max(fromMs - 1, ...starts)
  }
}

function knownOf(
  stored: readonly Word[],
  asked: readonly { readonly meter: string; readonly startMs: number }[],
  decided: ReturnType<typeof decidedBy>,
): WordIndex {
  const known: WordIndex = new Map()
  const wanted = new Set(asked.map(({ meter, startMs }) => `${meter} ${startMs}`))
  for (const word of stored) {
    const { reading } = word
    if (!wanted.has(`${reading.meter} ${reading.startMs}`)) continue
    keepWord(wordsOf(known, reading), word, decided)
  }
  return known
}

function placeOf(offset: number) {
  const position = { topic: 'readings.v1', partition: 0, offset }
  return { position, loggedMs: offset }
}

function namesOf(words: readonly Word[]): string[] {
  return words
    .map(({ offset, index, reading }) => `${offset} ${index} ${JSON.stringify(reading)}`)
    .sort()
}
