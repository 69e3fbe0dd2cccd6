import { partitionOf } from '../../schemas/ids.ts'
import { readActs } from '../../schemas/ports/readActs.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { wordOf } from '../../schemas/ports/wordOf.ts'
import { decidedBy } from '../../schemas/reading/acts.ts'
import {
  type Decided,
  emptyWords,
  type IntervalWords,
  keepWord,
} from '../../schemas/reading/intervalWords.ts'
import { type Reading, standing } from '../../schemas/reading/reading.ts'
import type { Word } from '../../schemas/reading/word.ts'
import type { EpochMs } from '../../schemas/time.ts'
import type { RestatedMeter } from './restatedTooMuch.ts'

export type CompareRestatedOptions = {
  readonly views: Pick<Views, 'query'>
  readonly partitions: number
  /** When the readings would be logged. */
  readonly nowMs: EpochMs
}

/** Intervals, meters by time, whose words are in memory at once. */
const intervalsMax = 100_000
const metersMax = 1_000

/**
 * What readings would change of closed intervals, by meter: those for which a stated or held value
 * counts in the archive. An estimate that gives way to a reading is no restatement, and neither is
 * a word that would not count. Meters without a closed interval are left out.
 *
 * What the archive has not taken yet is not seen.
 */
export async function compareRestated(
  readings: readonly Reading[],
  options: CompareRestatedOptions,
): Promise<readonly RestatedMeter[]> {
  const { views, partitions, nowMs } = options
  const everything = Array.from({ length: partitions }, () => Number.POSITIVE_INFINITY)
  const decided = (await readActs(views, everything)).map(decidedBy)
  const meters = new Map<string, RestatedMeter>()
  for (const cut of cutsOf(readings)) {
    const { stored, latestMs } = await readWords(views, cut, decided)
    // The log's stamps never fall, whatever this clock says.
    const loggedMs = Math.max(nowMs, latestMs)
    // If a file reports an interval twice, the word that counts in the end is compared.
    const said = new Map<IntervalWords, { readonly before: Word; readonly meter: string }>()
    for (const [index, reading] of cut.readings.entries()) {
      const words = stored.get(keyOf(reading.meter, reading.startMs))
      if (!words?.counting) continue
      const before = said.get(words)?.before ?? words.counting
      said.set(words, { before, meter: reading.meter })
      const partition = partitionOf(reading.meter, partitions)
      const place = { partition, offset: Number.MAX_SAFE_INTEGER, index }
      keepWord(words, { reading, loggedMs, ...place }, decided[partition]!)
    }
    for (const [words, { before, meter }] of said) {
      addInterval(meters, { meter, old: before.reading, next: words.counting!.reading })
    }
  }
  return [...meters.values()]
}

function addInterval(
  meters: Map<string, RestatedMeter>,
  { meter, old, next }: { meter: string; old: Reading; next: Reading },
): void {
  if (old.isVoid || old.standing === standing.fill) return
  const isRestated = next.isVoid || next.energyMwh !== old.energyMwh
  const sum = meters.get(meter) ?? { meter, closed: 0, restated: 0, countedMwh: 0, newMwh: 0 }
  meters.set(meter, {
    meter,
    closed: sum.closed + 1,
    restated: sum.restated + (isRestated ? 1 : 0),
    countedMwh: sum.countedMwh + old.energyMwh,
    newMwh: sum.newMwh + (next.isVoid ? 0 : next.energyMwh),
  })
}

type Cut = { readonly readings: readonly Reading[]; readonly meters: readonly string[] }

/** Readings by time, in parts whose words can be read together. */
function cutsOf(readings: readonly Reading[]): Cut[] {
  const inOrder = readings.toSorted((left, right) => left.startMs - right.startMs)
  const cuts: Cut[] = []
  let from = 0
  let meters = new Set<string>()
  const close = (to: number) => {
    if (to > from) cuts.push({ readings: inOrder.slice(from, to), meters: [...meters] })
    from = to
    meters = new Set()
  }
  for (const [index, { meter, startMs, durationS }] of inOrder.entries()) {
    const spanMs = startMs - inOrder[from]!.startMs
    const intervals = (meters.size + 1) * (spanMs / (1000 * durationS))
    const isFull = intervals > intervalsMax || meters.size >= metersMax
    if (isFull && !(meters.has(meter) && intervals <= intervalsMax)) close(index)
    meters.add(meter)
  }
  close(inOrder.length)
  return cuts
}

type Stored = { readonly stored: Map<string, IntervalWords>; readonly latestMs: EpochMs }

async function readWords(
  views: Pick<Views, 'query'>,
  { readings, meters }: Cut,
  decided: readonly Decided[],
): Promise<Stored> {
  const range = { from_ms: readings[0]!.startMs, to_ms: readings.at(-1)!.startMs + 1 }
  // No partition has this number: of all of them every word.
  const places = { log_partition: 0xffff, log_offset: 0 }
  const rows = await views.query('words_between', { ...range, ...places, meters })
  const stored = new Map<string, IntervalWords>()
  let latestMs = 0
  for (const row of rows) {
    latestMs = Math.max(latestMs, row.logged_ms)
    const key = keyOf(row.meter, row.start_ms)
    const words = stored.get(key) ?? emptyWords()
    stored.set(key, words)
    const word = wordOf(row)
    const own = decided[word.partition]
    if (own) keepWord(words, word, own)
  }
  return { stored, latestMs }
}

function keyOf(meter: string, startMs: EpochMs): string {
  return `${startMs} ${meter}`
}
