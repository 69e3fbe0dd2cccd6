import {
  addWord,
  type Decided,
  decideAgain,
  emptyWords,
  type IntervalWords,
  keepWord,
} from '../../schemas/reading/intervalWords.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import { valueAt } from '../../schemas/reading/readingColumns.ts'
import { isRepeat, type Word } from '../../schemas/reading/word.ts'
import { energyMwh } from '../../schemas/units.ts'
import { cellState } from './arrival.ts'
import { entryOf, entryOfAct, type Frame, readEntry } from './frameWords.ts'
import { cellOf, cellsOf, findRun, type MeterDay, openRun, type Run } from './speedDay.ts'

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

/** Puts the first word of an interval into its slot, straight from its frame. */
export function placeFirst(
  at: MeterDay,
  frame: Frame,
  { row, slot }: { readonly row: number; readonly slot: number },
): Placement {
  const run = findRun(at, slot) ?? openRun(at, slot)
  const cell = cellOf(run, slot)
  const { columns, arrival } = run.block
  const { lastSlot } = run.block.lanes
  if (slot > lastSlot[run.lane]!) lastSlot[run.lane] = slot
  arrival.word[cell] = entryOf(at.day.words, frame, row)
  arrival.index[cell] = row
  // Computed also where it never counts: later cells go on from it.
  if (frame.isWithdrawn) clearCell(run, cell)
  else {
    const { columns: sent } = frame.record
    const isVoid = valueAt(sent.isVoid, row) !== 0
    columns.energyMwh[cell] = isVoid ? Number.NaN : valueAt(sent.energyMwh, row)
    columns.durationS[cell] = valueAt(sent.durationS, row)
    arrival.state[cell] = isVoid ? cellState.void : cellState.value
  }
  return placedNew
}

/**
 * Puts another word into a slot that has one, if it counts there (invariant 2). It takes the same
 * time however often a source restates an interval.
 */
export function placeReading(at: MeterDay, { word, slot, decided }: WordPlace): Placement {
  const run = findRun(at, slot)!
  const cell = cellOf(run, slot)
  const { reading } = word
  const known = at.words?.get(slot)
  const isWithdrawn = run.block.arrival.state[cell] === cellState.withdrawn
  if (!known && !isWithdrawn) {
    const counting = readCell(at, { run, cell, word })
    // Nearly all repeats: of the only word, by the same sender.
    const { source, ingest } = counting.reading
    const isSame = source === reading.source && ingest === reading.ingest
    if (isSame && isRepeat(reading, counting.reading)) return repeated
  }
  const keptBefore = known?.kept ?? 0
  const words = known ?? wordsOfCell(at, { run, cell, word, isWithdrawn, decided })
  const before = words.counting
  const { kind } = addWord(words, word, decided)
  keepWords(at, slot, { words, keptBefore })
  const isCounting = words.counting !== before
  if (isCounting) {
    writeCell(run, cell, words.counting!)
    // An older word may count again, because of this one.
    setOffset(at, run, { slot, offset: word.offset })
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
  const cell = cellOf(run, slot)
  const { state, word } = run.block.arrival
  const known = at.words?.get(slot)
  if (known) {
    const before = known.counting
    decideAgain(known, decided)
    if (known.counting === before) return false
    if (known.counting) writeCell(run, cell, known.counting)
    else clearCell(run, cell)
    setOffset(at, run, { slot, offset })
  } else {
    if (state[cell] === cellState.none || state[cell] === cellState.withdrawn) return false
    const { names, words } = at.day
    const ingest = names.ingests.nameAt(words.columns.ingest[word[cell]!]!)
    if (!decided.isWithdrawn(ingest)) return false
    clearCell(run, cell)
    word[cell] = entryOfAct(words, offset)
  }
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
  {
    isWithdrawn,
    decided,
    ...cell
  }: Cell & { readonly isWithdrawn: boolean; readonly decided: Decided },
): IntervalWords {
  const words = emptyWords()
  // Its place: something was said before.
  if (isWithdrawn) words.kept = 1
  else keepWord(words, readCell(at, cell), decided)
  return words
}

/** Counts what they take. */
function keepWords(
  at: MeterDay,
  slot: number,
  { words, keptBefore }: { readonly words: IntervalWords; readonly keptBefore: number },
): void {
  at.words ??= new Map()
  if (keptBefore === 0) at.day.cells += cellsOf.words
  at.day.cells += cellsOf.word * (words.kept - keptBefore)
  at.words.set(slot, words)
}

function setOffset(
  at: MeterDay,
  { block, lane }: Run,
  { slot, offset }: { readonly slot: number; readonly offset: number },
): void {
  at.offsets ??= new Map()
  at.offsets.set(slot, offset)
  block.lanes.hasOffsets[lane] = 1
}

/** Writes a word that is also kept in `MeterDay.words`. */
function writeCell(
  { block: { columns, arrival } }: Run,
  cell: number,
  { reading }: Pick<Word, 'reading'>,
): void {
  columns.energyMwh[cell] = reading.isVoid ? Number.NaN : reading.energyMwh
  columns.durationS[cell] = reading.durationS
  arrival.state[cell] = reading.isVoid ? cellState.void : cellState.value
}

function clearCell({ block: { columns, arrival } }: Run, cell: number): void {
  columns.energyMwh[cell] = Number.NaN
  arrival.state[cell] = cellState.withdrawn
}

/** The only word of a cell so far; `word` is another one of the same interval. */
function readCell({ day }: MeterDay, { run, cell, word }: Cell): Word {
  const { columns, arrival } = run.block
  const { said, loggedMs, offset } = readEntry(day.words, arrival.word[cell]!, day.names)
  const isVoid = arrival.state[cell] === cellState.void
  const { meter, startMs } = word.reading
  const reading: Reading = {
    ...{ meter, startMs, durationS: columns.durationS[cell]! },
    ...{ energyMwh: energyMwh(isVoid ? 0 : columns.energyMwh[cell]!), isVoid },
    ...said,
  }
  return { reading, loggedMs, partition: word.partition, offset, index: arrival.index[cell]! }
}
