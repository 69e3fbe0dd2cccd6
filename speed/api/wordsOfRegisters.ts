import { hash } from 'node:crypto'
import type { Views } from '../../schemas/ports/views.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import type { DerivedWord, RegisterFound } from '../ingest/register/deriveWords.ts'

/** What registers say, together with those that are there. */
export type RegisterWords = {
  /** To be logged. */
  readonly words: readonly Reading[]
  /** `[register]` */
  readonly found: readonly RegisterFound[]
}

export function registerWordsOf({
  words,
  found,
}: {
  readonly words: readonly DerivedWord[]
  readonly found: readonly RegisterFound[]
}): RegisterWords {
  return { words: readingsOfWords(words), found }
}

/** Words that follow from registers, as they are logged. */
export function readingsOfWords(words: readonly DerivedWord[]): readonly Reading[] {
  return words.map(({ word, ingests }) => ({ ...word, ingest: ingestOf(ingests) }))
}

/** One ingest that stands for several, and is withdrawn with any of them. */
function ingestOf(ingests: readonly string[]): string {
  const [first = ''] = ingests
  if (ingests.length < 2) return first
  return `together-${hash('sha256', ingests.join('\n'), 'hex').slice(0, 32)}`
}

/** Keeps which ingests stand for which, before a word is said with one. */
export async function joinIngests(
  views: Pick<Views, 'insert'>,
  words: readonly DerivedWord[],
): Promise<void> {
  const rows = new Map<string, InsertRow<'ingests_together'>>()
  for (const { ingests } of words) {
    if (ingests.length < 2) continue
    const together = ingestOf(ingests)
    for (const ingest of ingests) rows.set(`${ingest} ${together}`, { ingest, together })
  }
  if (rows.size > 0) await views.insert('ingests_together', [...rows.values()])
}
