import { wordOf } from '../../schemas/ports/wordOf.ts'
import { type Decided, emptyWords, keepWord } from '../../schemas/reading/intervalWords.ts'
import { standing as standings } from '../../schemas/reading/reading.ts'
import type { Word } from '../../schemas/reading/word.ts'
import type { RowOf } from '../../schemas/sql/catalogue/catalogue.ts'
import { isoUtc } from '../../schemas/time.ts'

type Row = RowOf<'words_between'>

/** The place of the word that counts; '' when there is none. */
export function countingPlace(rows: readonly Row[], decided: Decided): string {
  const words = emptyWords()
  const rowOf = new Map<Word, Row>()
  for (const row of rows) {
    const word = wordOf(row)
    rowOf.set(word, row)
    keepWord(words, word, decided)
  }
  return words.counting ? placeOf(rowOf.get(words.counting)!) : ''
}

/** A word as the API shows it. */
export function describeWord(
  row: Row,
  { decided, counting }: { readonly decided: Decided; readonly counting: string },
) {
  const { source, ingest, duration_s: durationS, quality, revision } = row
  const names = Object.keys(standings) as (keyof typeof standings)[]
  const place = placeOf(row)
  return {
    ...{ source, ingest, energyMwh: row.is_void ? null : row.energy_mwh, durationS, quality },
    ...{ standing: names.find((name) => standings[name] === row.standing)!, revision },
    saidAt: row.said_at_ms === null ? null : isoUtc(row.said_at_ms),
    ...{ logged: isoUtc(row.logged_ms), place },
    ...{ isWithdrawn: decided.isWithdrawn(ingest), counts: place === counting },
  }
}

function placeOf({ log_partition, log_offset, log_index }: Row): string {
  return `${log_partition}/${log_offset}/${log_index}`
}
