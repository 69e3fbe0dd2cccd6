import type { EpochMs } from '../time.ts'
import type { Act, Acts } from './acts.ts'
import { addAct, decidedBy, emptyActs } from './acts.ts'

export type EqualRank = { readonly source: string; readonly fromMs: EpochMs }

type RankAct = Extract<Act, { readonly kind: 'rank' }>

/**
 * Another source that has the rank of this one for some interval, were the act taken; null where
 * none has. The rank 0 is that of a source without one, and of no matter: names decide there.
 */
export function findEqualRank(acts: Acts, act: RankAct): EqualRank | null {
  if (act.rank === 0) return null
  const after = emptyActs()
  for (const [source, ranks] of acts.ranks) {
    for (const { fromMs, rank } of ranks) addAct(after, { kind: 'rank', source, fromMs, rank })
  }
  addAct(after, act)
  const { rankOf } = decidedBy(after)
  // Ranks change at these instants only; before the act's own nothing is new.
  const instants = [...after.ranks.values()].flatMap((ranks) => ranks.map(({ fromMs }) => fromMs))
  const ordered = [...new Set(instants)].sort((left, right) => left - right)
  for (const fromMs of ordered.filter((each) => each >= act.fromMs)) {
    if (rankOf(act.source, fromMs) !== act.rank) continue
    for (const source of after.ranks.keys()) {
      if (source !== act.source && rankOf(source, fromMs) === act.rank) return { source, fromMs }
    }
  }
  return null
}
