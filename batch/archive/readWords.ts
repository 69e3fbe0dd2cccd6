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
const dayMs = 86_400_000
const dayS = 86_400

export type ReadWordsOptions = {
  /**
   * A place in the log: of its partition only the words before it, as a replay repeats the rest.
   */
  readonly before: { readonly partition: number; readonly offset: number }
  readonly decided: Decided
  readonly rowsMax?: number
}

/** The stored words that can ever count of the intervals of some readings, in few queries. */
export async function readWords(
  views: Views,
  readings: readonly Reading[],
  { before, decided, rowsMax = rowsMaxDefault }: ReadWordsOptions,
): Promise<WordIndex> {
  const known: WordIndex = new Map()
  const place = { log_partition: before.partition, log_offset: before.offset }
  for (const query of planQueries(readings, rowsMax)) {
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

/** Consecutive days, their meters, and the intervals per day of each. */
type Run = { readonly first: number; end: number; readonly slots: Map<string, number> }

/**
 * Runs of days with readings, and the meters of each: one late reading from last winter must not
 * fetch everything since, nor corrections over a year everything of all their meters.
 */
export function planQueries(readings: readonly Reading[], rowsMax = rowsMaxDefault): WordsQuery[] {
  const runs: Run[] = []
  for (const [day, slots] of slotsByDay(readings)) {
    const run = runs.at(-1)
    if (run?.end === day && fits(run, slots, rowsMax)) {
      run.end = day + 1
      for (const [meter, count] of slots) keepMost(run.slots, meter, count)
    } else {
      runs.push({ first: day, end: day + 1, slots: new Map(slots) })
    }
  }
  return runs.flatMap((run) => cutRun(run, rowsMax))
}

function slotsByDay(readings: readonly Reading[]): [number, Map<string, number>][] {
  const byDay = new Map<number, Map<string, number>>()
  for (const { meter, startMs, durationS } of readings) {
    const day = Math.floor(startMs / dayMs)
    const slots = byDay.get(day) ?? new Map<string, number>()
    keepMost(slots, meter, Math.ceil(dayS / durationS))
    byDay.set(day, slots)
  }
  return [...byDay].sort(([left], [right]) => left - right)
}

function fits(run: Run, more: ReadonlyMap<string, number>, rowsMax: number): boolean {
  let aDay = 0
  for (const [meter, count] of run.slots) aDay += Math.max(count, more.get(meter) ?? 0)
  for (const [meter, count] of more) if (!run.slots.has(meter)) aDay += count
  return (run.end + 1 - run.first) * aDay <= rowsMax
}

function cutRun({ first, end, slots }: Run, rowsMax: number): WordsQuery[] {
  const range = { startMs: first * dayMs, endMs: end * dayMs }
  const queries: { range: TimeRange; meters: string[]; rows: number }[] = []
  for (const meter of [...slots.keys()].sort()) {
    const rows = (end - first) * slots.get(meter)!
    const last = queries.at(-1)
    if (last && last.meters.length < metersMax && last.rows + rows <= rowsMax) {
      last.meters.push(meter)
      last.rows += rows
    } else {
      queries.push({ range, meters: [meter], rows })
    }
  }
  return queries.map(({ meters }) => ({ range, meters }))
}

function keepMost(counts: Map<string, number>, meter: string, count: number): void {
  counts.set(meter, Math.max(counts.get(meter) ?? 0, count))
}
