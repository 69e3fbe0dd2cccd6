import { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { wordOf } from '../../schemas/ports/wordOf.ts'
import { type Decided, keepWord } from '../../schemas/reading/intervalWords.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import type { RowOf } from '../../schemas/sql/catalogue/catalogue.ts'
import type { TimeRange } from '../../schemas/time.ts'
import { type WordIndex, wordsOf } from './classifyRecord.ts'

/** Parameters are part of the URL, whose length servers limit. */
const metersMax = 500
/** Maximum expected rows of a query: a fifth of the row limit. */
const rowsMaxDefault = 1_000_000
/** Rows that a query may read in vain: they cost about as much as another query. */
const vainRowsMax = 10_000

/** An interval of a meter that may have words. */
export type Interval = Pick<Reading, 'meter' | 'startMs' | 'durationS'>

export type ReadWordsOptions = {
  /**
   * A place in the log: of its partition only the words before it, as a replay repeats the rest.
   */
  readonly before: { readonly partition: number; readonly offset: number }
  readonly decided: Decided
  readonly rowsMax?: number
}

/** The stored words of some intervals that can ever count, in few queries. */
export async function readWords(
  views: Views,
  intervals: readonly Interval[],
  { before, decided, rowsMax = rowsMaxDefault }: ReadWordsOptions,
): Promise<WordIndex> {
  const known: WordIndex = new Map()
  const place = { log_partition: before.partition, log_offset: before.offset }
  for (const query of planQueries(intervals, rowsMax)) {
    for (const row of await ask(views, query, place)) {
      const word = wordOf(row)
      keepWord(wordsOf(known, word.reading), word, decided)
    }
  }
  return known
}

type Place = { readonly log_partition: number; readonly log_offset: number }

export type WordsQuery = { readonly range: TimeRange; readonly meters: readonly string[] }

/** Splits the query in halves when the store refuses because there are more rows than expected. */
async function ask(
  views: Views,
  { range, meters }: WordsQuery,
  place: Place,
): Promise<RowOf<'largest_words'>[]> {
  const { startMs, endMs } = range
  try {
    const asked = { meters, from_ms: startMs, to_ms: endMs, ...place }
    return await views.query('largest_words', asked)
  } catch (error) {
    const isDivisible = endMs - startMs > 1_000
    if (!(error instanceof InvalidArgumentError && isDivisible)) throw error
    const middleMs = Math.floor((startMs + endMs) / 2)
    const earlier = await ask(views, { range: { startMs, endMs: middleMs }, meters }, place)
    return earlier.concat(await ask(views, { range: { startMs: middleMs, endMs }, meters }, place))
  }
}

/** A range of time for one query, and how many intervals of each meter begin in an hour. */
type Run = { readonly startMs: number; endMs: number; wanted: number; readonly perHour: PerHour }
/** `total` is the sum of `meters`. */
type PerHour = { readonly meters: Map<string, number>; total: number }

/**
 * The times with intervals, and the meters of each: neither does one late reading from last winter
 * fetch everything since, nor one of a 1-second meter its whole day.
 */
export function planQueries(
  intervals: readonly Interval[],
  rowsMax = rowsMaxDefault,
): WordsQuery[] {
  const runs: Run[] = []
  for (const [startMs, perHour] of byStart(intervals)) {
    const run = runs.at(-1)
    const endMs = startMs + 1
    if (run && fits(run, { endMs, perHour }, rowsMax)) {
      run.endMs = endMs
      run.wanted += perHour.meters.size
      for (const [meter, count] of perHour.meters) keepMost(run.perHour, meter, count)
    } else runs.push({ startMs, endMs, wanted: perHour.meters.size, perHour })
  }
  return runs.flatMap((run) => cutRun(run, rowsMax))
}

const hourMs = 3_600_000
const hourS = 3_600

function byStart(intervals: readonly Interval[]): [number, PerHour][] {
  const starts = new Map<number, PerHour>()
  for (const { meter, startMs, durationS } of intervals) {
    const perHour = starts.get(startMs) ?? { meters: new Map(), total: 0 }
    keepMost(perHour, meter, hourS / Math.max(durationS, 1))
    starts.set(startMs, perHour)
  }
  return [...starts].sort(([left], [right]) => left - right)
}

/** Whether a run may go on to an end, with few rows in vain beside those that are wanted. */
function fits(
  run: Run,
  { endMs, perHour }: { readonly endMs: number; readonly perHour: PerHour },
  rowsMax: number,
): boolean {
  let { total } = run.perHour
  for (const [meter, count] of perHour.meters) {
    total += Math.max(0, count - (run.perHour.meters.get(meter) ?? 0))
  }
  const rows = expectedRows(run.startMs, endMs, total)
  return rows <= rowsMax && rows - run.wanted - perHour.meters.size <= vainRowsMax
}

function expectedRows(startMs: number, endMs: number, anHour: number): number {
  return Math.ceil(((endMs - startMs) / hourMs) * anHour)
}

function cutRun({ startMs, endMs, perHour }: Run, rowsMax: number): WordsQuery[] {
  const queries: { meters: string[]; rows: number }[] = []
  for (const meter of [...perHour.meters.keys()].sort()) {
    const rows = expectedRows(startMs, endMs, perHour.meters.get(meter)!)
    const last = queries.at(-1)
    if (last && last.meters.length < metersMax && last.rows + rows <= rowsMax) {
      last.meters.push(meter)
      last.rows += rows
    } else {
      queries.push({ meters: [meter], rows })
    }
  }
  return queries.map(({ meters }) => ({ range: { startMs, endMs }, meters }))
}

function keepMost(perHour: PerHour, meter: string, count: number): void {
  const known = perHour.meters.get(meter) ?? 0
  if (count <= known) return
  perHour.meters.set(meter, count)
  perHour.total += count - known
}
