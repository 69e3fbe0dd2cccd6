import type { EpochMs } from '../time.ts'
import type { Decided } from './intervalWords.ts'

/**
 * What was decided about words. An act is a record of every partition of the readings' topic: it
 * holds for every word of its partition, earlier and later, and for no `asOf` before its place.
 */
export type Act =
  | { readonly kind: 'withdrawal'; readonly ingest: string }
  | {
      readonly kind: 'rank'
      readonly source: string
      /** The rank applies to intervals that start at or after this. */
      readonly fromMs: EpochMs
      readonly rank: number
    }

/** The acts of one partition up to a place. */
export type Acts = {
  readonly withdrawn: Set<string>
  /** By source, in order of `fromMs`. */
  readonly ranks: Map<string, { readonly fromMs: EpochMs; readonly rank: number }[]>
}

export function emptyActs(): Acts {
  return { withdrawn: new Set(), ranks: new Map() }
}

/** In the order of the log: a later rank from the same instant replaces the earlier one. */
export function addAct({ withdrawn, ranks }: Acts, act: Act): void {
  if (act.kind === 'withdrawal') {
    withdrawn.add(act.ingest)
    return
  }
  const { source, fromMs, rank } = act
  const others = (ranks.get(source) ?? []).filter((each) => each.fromMs !== fromMs)
  others.push({ fromMs, rank })
  ranks.set(
    source,
    others.sort((left, right) => left.fromMs - right.fromMs),
  )
}

export function decidedBy(acts: Acts): Decided {
  return {
    isWithdrawn: (ingest) => acts.withdrawn.has(ingest),
    rankOf: (source, startMs) =>
      acts.ranks.get(source)?.findLast(({ fromMs }) => fromMs <= startMs)?.rank ?? 0,
  }
}
