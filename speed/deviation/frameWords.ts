import { numberOrNull } from '../../schemas/deviation/readDeviation.ts'
import type { Quality, Reading, Standing } from '../../schemas/reading/reading.ts'
import { type ReadingColumns, valueAt } from '../../schemas/reading/readingColumns.ts'
import type { Word } from '../../schemas/reading/word.ts'
import type { NameTable } from './nameTable.ts'

/** Names of sources and of ingests, which the words of all days share. */
export type WordNames = { readonly sources: NameTable; readonly ingests: NameTable }

/**
 * What the words of a frame say besides their values, in one day: one entry where all rows say the
 * same, as those of a gateway mostly do, and at most one a row. Entries stay as long as the day.
 */
export type FrameWords = { taken: number; columns: WordColumns }

type WordColumns = {
  readonly powerW: Float32Array
  readonly reactiveVar: Float32Array
  readonly quality: Uint8Array
  readonly standing: Uint8Array
  readonly revision: Uint32Array
  /** 0: the source does not say. */
  readonly saidAtMs: Float64Array
  readonly loggedMs: Float64Array
  /** In the name tables. */
  readonly source: Uint32Array
  readonly ingest: Uint32Array
  /** Offset of the record in the log. */
  readonly offset: Float64Array
}

/** What an entry takes, bytes. */
export const wordBytes = 46
const entriesFirst = 4

/** A frame whose rows are placed. */
export type Frame = {
  readonly record: Pick<Word, 'loggedMs' | 'offset'> & { readonly columns: ReadingColumns }
  /** Places in `WordNames`. */
  readonly source: number
  readonly ingest: number
  /** Its ingest was withdrawn before it. */
  readonly isWithdrawn: boolean
  /** All rows say the same. */
  readonly isUniform: boolean
  /** The entry that its latest row has, and of which table. */
  entry: number
  words: FrameWords | null
}

export function emptyFrameWords(): FrameWords {
  return { taken: 0, columns: createColumns(0) }
}

/** The entry of a row. */
export function entryOf(words: FrameWords, frame: Frame, row: number): number {
  const isLatest = frame.words === words
  if (isLatest && (frame.isUniform || isSaid(words.columns, frame, row))) return frame.entry
  const entry = takeEntry(words)
  writeEntry(words.columns, entry, { frame, row })
  frame.words = words
  frame.entry = entry
  return entry
}

/** The entry of what an act withdrew, which depends on nothing but its offset. */
export function entryOfAct(words: FrameWords, offset: number): number {
  const { taken, columns } = words
  const isLatest = Number.isNaN(columns.loggedMs[taken - 1]) && columns.offset[taken - 1] === offset
  if (isLatest) return taken - 1
  const entry = takeEntry(words)
  words.columns.loggedMs[entry] = Number.NaN
  words.columns.offset[entry] = offset
  return entry
}

function takeEntry(words: FrameWords): number {
  const size = words.columns.offset.length
  if (words.taken === size) {
    words.columns = widen(words.columns, size + Math.max(entriesFirst, size >> 2))
  }
  words.taken += 1
  return words.taken - 1
}

/** What an entry says of an interval. */
export function readEntry(
  { columns }: FrameWords,
  entry: number,
  { sources, ingests }: WordNames,
): Pick<Word, 'loggedMs' | 'offset'> & { readonly said: Omit<Reading, ValueOf> } {
  const said = columns.saidAtMs[entry]!
  return {
    loggedMs: columns.loggedMs[entry]!,
    offset: columns.offset[entry]!,
    said: {
      powerW: numberOrNull(columns.powerW[entry]!),
      reactiveVar: numberOrNull(columns.reactiveVar[entry]!),
      quality: columns.quality[entry]! as Quality,
      standing: columns.standing[entry]! as Standing,
      revision: columns.revision[entry]!,
      saidAtMs: said === 0 ? null : said,
      source: sources.nameAt(columns.source[entry]!),
      ingest: ingests.nameAt(columns.ingest[entry]!),
    },
  }
}

/** What a cell holds by itself. */
type ValueOf = 'meter' | 'startMs' | 'durationS' | 'energyMwh' | 'isVoid'

/** The columns that rows of a frame may differ in. */
const varying = [
  ...(['powerW', 'reactiveVar', 'quality', 'standing', 'revision', 'saidAtMs'] as const),
]

export function areUniform(columns: ReadingColumns): boolean {
  return varying.every((name) => columns[name].length === 1)
}

/** Whether the frame's latest entry says what a row says. */
function isSaid(columns: WordColumns, { record, entry }: Frame, row: number): boolean {
  for (const name of varying) {
    const sent = record.columns[name]
    if (sent.length > 1 && !Object.is(sent[row], columns[name][entry])) return false
  }
  return true
}

function writeEntry(
  columns: WordColumns,
  entry: number,
  { frame, row }: { readonly frame: Frame; readonly row: number },
): void {
  const { record, source, ingest } = frame
  for (const name of varying) columns[name][entry] = valueAt(record.columns[name], row)
  columns.loggedMs[entry] = record.loggedMs
  columns.source[entry] = source
  columns.ingest[entry] = ingest
  columns.offset[entry] = record.offset
}

function createColumns(entries: number): WordColumns {
  return {
    powerW: new Float32Array(entries),
    reactiveVar: new Float32Array(entries),
    quality: new Uint8Array(entries),
    standing: new Uint8Array(entries),
    revision: new Uint32Array(entries),
    saidAtMs: new Float64Array(entries),
    loggedMs: new Float64Array(entries),
    source: new Uint32Array(entries),
    ingest: new Uint32Array(entries),
    offset: new Float64Array(entries),
  }
}

function widen(columns: WordColumns, entries: number): WordColumns {
  const wider = createColumns(entries)
  for (const name of Object.keys(columns) as (keyof WordColumns)[]) wider[name].set(columns[name])
  return wider
}
