import { RankTakenError } from '../../schemas/errors/word.ts'
import type { Log } from '../../schemas/ports/log.ts'
import { readActs } from '../../schemas/ports/readActs.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { type Act, addAct, emptyActs } from '../../schemas/reading/acts.ts'
import { findEqualRank } from '../../schemas/reading/findEqualRank.ts'
import { isoUtc } from '../../schemas/time.ts'
import { appendAct } from './withdrawals.ts'

export type CreateRankingOptions = {
  readonly log: Pick<Log, 'append'>
  readonly views: Pick<Views, 'query'>
  readonly partitions: number
}

type RankAct = Extract<Act, { readonly kind: 'rank' }>

/**
 * Appends a rank to every partition, one after another.
 *
 * @throws RankTakenError where another source has it for an interval of this one. Known are the
 * ranks that the archive has, and those of this process.
 */
export function createRanking({ log, views, partitions }: CreateRankingOptions) {
  const all = Array.from({ length: partitions }, (_, partition) => partition)
  const own: RankAct[] = []
  let last: Promise<unknown> = Promise.resolve()
  const rank = async (act: RankAct) => {
    // The same in every partition, once all have it.
    const [acts = emptyActs()] = await readActs(views, [Number.POSITIVE_INFINITY])
    for (const each of own) addAct(acts, each)
    const equal = findEqualRank(acts, act)
    if (equal) {
      const { source, rank } = act
      const from = isoUtc(equal.fromMs)
      throw new RankTakenError({ source, rank, other: equal.source, from })
    }
    const position = await appendAct(log, act, all)
    own.push(act)
    return position
  }
  return (act: RankAct): Promise<Record<string, number>> => {
    const next = last.then(() => rank(act))
    last = next.catch(() => {})
    return next
  }
}
