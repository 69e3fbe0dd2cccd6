import { columnsOf } from '../../schemas/reading/frame.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import { undecided } from '../../schemas/reading/testing/aWord.ts'
import { type Placement, placeFirst, placeReading } from '../deviation/placeReading.ts'
import { findRun, hasWord, type MeterDay } from '../deviation/speedDay.ts'

export type Put = { readonly reading: Reading; readonly slot: number; readonly offset: number }

/** Puts a reading, alone in its frame, into a slot, as `placeRow` does it. */
export function putReading(
  at: MeterDay,
  { reading, slot, offset }: Put,
  decided = undecided,
): Placement {
  const { source, ingest } = reading
  const run = findRun(at, slot)
  if (run && hasWord(run, slot)) {
    const word = { reading, loggedMs: offset, partition: 0, offset, index: 0 }
    return placeReading(at, { word, slot, decided })
  }
  const { sources, ingests } = at.day.names
  const frame = {
    record: { columns: columnsOf([reading]), loggedMs: offset, offset },
    ...{ source: sources.indexOf(source), ingest: ingests.indexOf(ingest) },
    isWithdrawn: decided.isWithdrawn(ingest),
    ...{ isUniform: true, entry: -1, words: null },
  }
  return placeFirst(at, frame, { row: 0, slot })
}
