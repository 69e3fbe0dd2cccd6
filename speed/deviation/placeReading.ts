import { numberOrNull } from '../../schemas/deviation/readDeviation.ts'
import {
  addWord,
  type Decided,
  decideAgain,
  emptyWords,
  type IntervalWords,
  keepWord,
} from '../../schemas/reading/intervalWords.ts'
import type { Quality, Reading, Standing } from '../../schemas/reading/reading.ts'
import { type ReadingColumns, valueAt } from '../../schemas/reading/readingColumns.ts'
import { isRepeat, type Word } from '../../schemas/reading/word.ts'
import { energyMwh } from '../../schemas/units.ts'
import { cellState, cellsOf, findRun, type MeterDay, openRun, type Run } from './speedDay.ts'

/** `duplicate` adds nothing; `corrected` is another word about an interval that has one. */
export type Placement = {
  readonly verdict: 'new' | 'corrected' | 'duplicate'
  /** Whether the word that counts changed, and with it everything that depends on it. */
  readonly isCounting: boolean
}

/** What a word is placed with. `decided` are the acts of its partition before it. */
export type WordPlace = {
  readonly word: Word
  readonly slot: number
  readonly decided: Decided
}

/** A frame whose rows are placed: what its words share. */
export type FirstWords = {
  readonly record: Pick<Word, 'loggedMs' | 'offset'> & { readonly columns: ReadingColumns }
  /** Of `WordNames`. */
  readonly source: number
  readonly ingest: number
  /** Its ingest was withdrawn before it. */
  readonly isWithdrawn: boolean
}

/** Puts the first word of an interval into its slot, straight from its frame. */
export function placeFirst(
  at: MeterDay,
  frame: FirstWords,
  { row, slot }: { readonly row: number; readonly slot: number },
): Placement {
  const run = findRun(at, slot) ?? openRun(at, slot)
  const cell = slot + run.shift
  if (slot > at.lastSlot) at.lastSlot = slot
  // Computed also where it never counts: later cells go on from it.
  if (frame.isWithdrawn) clearCell(run, cell, frame.record.offset)
  else writeRow(run, frame, { row, cell })
  return placedNew
}

/**
 * Puts another word into a slot that has one, if it counts there (invariant 2). It takes the same
 * time however often a source restates an interval.
 */
export function placeReading(at: MeterDay, { word, slot, decided }: WordPlace): Placement {
  const run = findRun(at, slot)!
  const cell = slot + run.shift
  const state = run.block.arrival.state[cell]!
  const { reading } = word
  const known = at.words?.get(slot)
  if (!known && state !== cellState.withdrawn) {
    const counting = readCell(at, { run, cell, word })
    // Nearly all repeats: of the only word, by the same sender.
    const { source, ingest } = counting.reading
    const isSame = source === reading.source && ingest === reading.ingest
    if (isSame && isRepeat(reading, counting.reading)) return repeated
  }
  const words = known ?? wordsOfCell(at, { run, cell, word, state, decided })
  const before = words.counting
  const { kind } = addWord(words, word, decided)
  keepWords(at, slot, words)
  const isCounting = words.counting !== before
  if (isCounting) {
    writeCell(at, { run, cell, word: words.counting! })
    // An older word may count again, because of this one.
    run.block.arrival.offset[cell] = word.offset
  }
  if (kind === 'repeat') return isCounting ? repeatedCounting : repeated
  return isCounting ? correctedCounting : corrected
}

/**
 * After an act of the meter's partition: which word of a slot counts now. True when it is another
 * one, or none. `offset` is the act's: what the slot shows depends on it.
 */
export function placeAgain(
  at: MeterDay,
  { slot, decided, offset }: Omit<WordPlace, 'word'> & { readonly offset: number },
): boolean {
  const run = findRun(at, slot)
  if (!run) return false
  const cell = slot + run.shift
  const state = run.block.arrival.state[cell]!
  const known = at.words?.get(slot)
  if (!known) {
    if (state === cellState.none || state === cellState.withdrawn) return false
    if (!decided.isWithdrawn(at.day.names.ingests.nameAt(run.block.arrival.ingest[cell]!))) {
      return false
    }
    clearCell(run, cell, offset)
    return true
  }
  const before = known.counting
  decideAgain(known, decided)
  if (known.counting === before) return false
  if (known.counting) {
    writeCell(at, { run, cell, word: known.counting })
    run.block.arrival.offset[cell] = offset
  } else clearCell(run, cell, offset)
  return true
}

const placedNew: Placement = { verdict: 'new', isCounting: true }
const repeated: Placement = { verdict: 'duplicate', isCounting: false }
const repeatedCounting: Placement = { verdict: 'duplicate', isCounting: true }
const corrected: Placement = { verdict: 'corrected', isCounting: false }
const correctedCounting: Placement = { verdict: 'corrected', isCounting: true }

type Cell = { readonly run: Run; readonly cell: number; readonly word: Word }

/** The words of a cell that had one so far; a withdrawn one can never count again. */
function wordsOfCell(
  at: MeterDay,
  { run, cell, word, state, decided }: Cell & { readonly state: number; readonly decided: Decided },
): IntervalWords {
  const words = emptyWords()
  // Its place: something was said before.
  if (state === cellState.withdrawn) words.kept = 1
  else keepWord(words, readCell(at, { run, cell, word }), decided)
  return words
}

/** Counts what they take. One word is in the cell. */
function keepWords(at: MeterDay, slot: number, words: IntervalWords): void {
  at.words ??= new Map()
  const kept = at.wordsKept.get(slot) ?? 0
  if (kept === 0) at.day.cells += cellsOf.words
  at.day.cells += cellsOf.word * (words.kept - kept)
  at.wordsKept.set(slot, words.kept)
  at.words.set(slot, words)
}

function writeCell({ day: { names } }: MeterDay, { run, cell, word }: Cell): void {
  const { columns, arrival } = run.block
  const { reading } = word
  columns.energyMwh[cell] = reading.isVoid ? Number.NaN : reading.energyMwh
  columns.durationS[cell] = reading.durationS
  arrival.state[cell] = reading.isVoid ? cellState.void : cellState.value
  arrival.powerW[cell] = reading.powerW ?? Number.NaN
  arrival.reactiveVar[cell] = reading.reactiveVar ?? Number.NaN
  arrival.quality[cell] = reading.quality
  arrival.standing[cell] = reading.standing
  arrival.revision[cell] = reading.revision
  arrival.saidAtMs[cell] = reading.saidAtMs ?? Number.NaN
  arrival.loggedMs[cell] = word.loggedMs
  arrival.source[cell] = names.sources.indexOf(reading.source)
  arrival.ingest[cell] = names.ingests.indexOf(reading.ingest)
  arrival.index[cell] = word.index
  arrival.offset[cell] = word.offset
}

/** As `writeCell`, of a row of a frame. */
function writeRow(
  { block: { columns, arrival } }: Run,
  { record, source, ingest }: FirstWords,
  { row, cell }: { readonly row: number; readonly cell: number },
): void {
  const { columns: sent, loggedMs, offset } = record
  const isVoid = valueAt(sent.isVoid, row) !== 0
  const saidAtMs = valueAt(sent.saidAtMs, row)
  columns.energyMwh[cell] = isVoid ? Number.NaN : valueAt(sent.energyMwh, row)
  columns.durationS[cell] = valueAt(sent.durationS, row)
  arrival.state[cell] = isVoid ? cellState.void : cellState.value
  arrival.powerW[cell] = valueAt(sent.powerW, row)
  arrival.reactiveVar[cell] = valueAt(sent.reactiveVar, row)
  arrival.quality[cell] = valueAt(sent.quality, row)
  arrival.standing[cell] = valueAt(sent.standing, row)
  arrival.revision[cell] = valueAt(sent.revision, row)
  arrival.saidAtMs[cell] = saidAtMs === 0 ? Number.NaN : saidAtMs
  arrival.loggedMs[cell] = loggedMs
  arrival.source[cell] = source
  arrival.ingest[cell] = ingest
  arrival.index[cell] = row
  arrival.offset[cell] = offset
}

function clearCell({ block: { columns, arrival } }: Run, cell: number, offset: number): void {
  columns.energyMwh[cell] = Number.NaN
  arrival.state[cell] = cellState.withdrawn
  arrival.offset[cell] = offset
}

/** The word of a cell; `word` is another one of the same interval. */
function readCell(at: MeterDay, { run, cell, word }: Cell): Word {
  const { columns, arrival } = run.block
  const { sources, ingests } = at.day.names
  const isVoid = arrival.state[cell] === cellState.void
  const reading: Reading = {
    meter: word.reading.meter,
    startMs: word.reading.startMs,
    durationS: columns.durationS[cell]!,
    energyMwh: energyMwh(isVoid ? 0 : columns.energyMwh[cell]!),
    powerW: numberOrNull(arrival.powerW[cell]!),
    reactiveVar: numberOrNull(arrival.reactiveVar[cell]!),
    quality: arrival.quality[cell]! as Quality,
    standing: arrival.standing[cell]! as Standing,
    revision: arrival.revision[cell]!,
    saidAtMs: numberOrNull(arrival.saidAtMs[cell]!),
    isVoid,
    source: sources.nameAt(arrival.source[cell]!),
    ingest: ingests.nameAt(arrival.ingest[cell]!),
  }
  return {
    reading,
    loggedMs: arrival.loggedMs[cell]!,
    partition: word.partition,
    offset: arrival.offset[cell]!,
    index: arrival.index[cell]!,
  }
}
