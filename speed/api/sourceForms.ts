import type { Clock } from '../../schemas/ports/clock.ts'
import type { Views } from '../../schemas/ports/views.ts'
import type { Reading } from '../../schemas/reading/reading.ts'
import type { ReadingColumns } from '../../schemas/reading/readingColumns.ts'
import { type Refusal, refuse } from '../ingest/refusal.ts'

/** Whether a source says when it said its readings, by source. */
type Forms = ReadonlyMap<string, boolean>

/**
 * The form of each named source: it always or never says when it said a reading (invariant 2).
 *
 * If a source mixed both, the word that counts would depend on the order of arrival. Its first
 * reading decides, for as long as the installation lives. Readings without a source are not
 * checked.
 */
export type SourceForms = {
  /** Undefined of a source of which nothing was taken, as far as `learn` knows. */
  of(source: string): boolean | undefined
  /** Looks up those that are not known yet. */
  learn(sources: Iterable<string>): Promise<void>
  /**
   * Keeps the forms of new sources, durably.
   *
   * @returns false where another request was first with another form: then this one is read again.
   */
  take(fresh: Forms): Promise<boolean>
}

export type SourceFormsOptions = {
  readonly views: Pick<Views, 'query' | 'insert'>
  readonly clock: Pick<Clock, 'nowMs'>
}

export function openSourceForms({ views, clock }: SourceFormsOptions): SourceForms {
  const known = new Map<string, boolean>()
  let last: Promise<unknown> = Promise.resolve()
  const learn = async (asked: Iterable<string>) => {
    const sources = [...new Set(asked)].filter((source) => source !== '' && !known.has(source))
    if (sources.length === 0) return
    for (const { source, says_when } of await views.query('source_forms', { sources })) {
      known.set(source, says_when)
    }
  }
  const take = async (fresh: Forms) => {
    await learn(fresh.keys())
    const isOther = [...fresh].some(([source, form]) => (known.get(source) ?? form) !== form)
    if (isOther) return false
    const added = [...fresh].filter(([source]) => !known.has(source))
    if (added.length === 0) return true
    const since = clock.nowMs()
    await views.insert(
      'source_forms',
      added.map(([source, says_when]) => ({ source, says_when, since })),
    )
    // Another process may have been first; only the store knows.
    await learn(added.map(([source]) => source))
    return added.every(([source, form]) => known.get(source) === form)
  }
  return {
    of: (source) => known.get(source),
    learn,
    take: (fresh) => {
      if (fresh.size === 0) return Promise.resolve(true)
      // One after another: two requests of one new source would both be the first.
      const own = last.then(() => take(fresh))
      last = own.catch(() => {})
      return own
    },
  }
}

/** Judges the readings of one request in their order; of a new source the first one decides. */
export function openFormJudge(forms: Pick<SourceForms, 'of'>) {
  const fresh = new Map<string, boolean>()
  return {
    /** For `take`, once the request is going to be taken. */
    fresh: fresh as Forms,
    judge({ source, saidAtMs }: Pick<Reading, 'source' | 'saidAtMs'>): Refusal | null {
      if (source === '') return null
      const says = saidAtMs !== null
      const form = forms.of(source) ?? fresh.get(source)
      if (form === undefined) fresh.set(source, says)
      return form === undefined || form === says ? null : refuse('said-at-mixed', { source, form })
    },
  }
}

/** The form that all rows of the columns share; null for mixed ones, which are read row by row. */
export function formOfColumns({ saidAtMs }: Pick<ReadingColumns, 'saidAtMs'>): boolean | null {
  // 0: the source does not say.
  if (saidAtMs.every((ms) => ms === 0)) return false
  return saidAtMs.every((ms) => ms !== 0) ? true : null
}
