import type { Anchor, Anchors, Validators } from '../../shapes/chain.ts'
import type { Status } from '../../shapes/status.ts'
import { count } from './format.ts'
import type { Headline } from './headline.ts'

export type StakePart = {
  readonly validator: string
  readonly stakeMicros: number
  readonly earnedMicros: number
  readonly share: number
}

/** Are the settlements final? */
export function chainHeadline(anchors: Anchors, chain: Status['chain']): Headline {
  const all = anchors.anchors
  const final = all.filter(({ state }) => state === 'final').length
  const rejected = all.filter(({ state }) => state === 'rejected').length
  const head = chain
    ? `Newest block ${count(chain.head)}${finalisedWords(chain.finalized)}.`
    : 'The chain does not answer now.'
  const word = wordFor({ all: all.length, final, rejected })
  return {
    tone: rejected > 0 ? 'trouble' : all.length > 0 && final === all.length ? 'good' : 'quiet',
    word,
    figure: `${final} of ${all.length}`,
    unit: all.length === 1 ? 'settlement is final' : 'settlements are final',
    sentence: head,
  }
}

function finalisedWords(finalized: number): string {
  return finalized > 0 ? `; the chain itself has finalised up to ${count(finalized)}` : ''
}

function wordFor({ all, final, rejected }: { all: number; final: number; rejected: number }) {
  if (all === 0) return 'Nothing anchored yet'
  if (rejected > 0) return 'A settlement was rejected'
  return final === all ? 'All settlements are final' : 'On its way'
}

/** Stake by validator, largest first, as shares of all. */
export function stakeParts({ validators }: Validators): StakePart[] {
  return validators.map((each) => ({
    validator: each.validator,
    stakeMicros: Number(each.stakeMicros),
    earnedMicros: Number(each.earnedMicros),
    share: each.share,
  }))
}

/** Gas of all transactions of a settlement; counted once. */
export function gasOf(anchor: Anchor): number {
  const byHash = new Map(anchor.transactions.map((each) => [each.transaction, each.gasUsed ?? 0]))
  return [...byHash.values()].reduce((sum, each) => sum + each, 0)
}

export type SettlementTransaction = {
  readonly transaction: string
  readonly block: number
  readonly gasUsed: number | null
  /** `Attested × 4, QuorumReached`. */
  readonly events: string
}

/** The history of a settlement, one row per transaction. */
export function transactionsOf({ transactions }: Anchor): SettlementTransaction[] {
  const hashes = [...new Set(transactions.map((each) => each.transaction))]
  return hashes.map((hash) => {
    const own = transactions.filter((each) => each.transaction === hash)
    const names = [...new Set(own.map((each) => each.event))]
    const events = names.map((name) => {
      const times = own.filter((each) => each.event === name).length
      return times === 1 ? name : `${name} × ${times}`
    })
    const { transaction, block, gasUsed } = own[0]!
    return { transaction, block, gasUsed, events: events.join(', ') }
  })
}

/** Share of the stake that supports a settlement, 0 … 1. */
export function supportOf(anchor: Anchor): number {
  const total = Number(anchor.stakeTotalMicros)
  return total === 0 ? 0 : Number(anchor.stakeForMicros) / total
}

/** One sentence per settlement: its state and what it waits for. */
export function stateOf(anchor: Anchor, say: (iso: string) => string): string {
  if (anchor.state === 'final') return 'Final: its claims can be paid.'
  if (anchor.state === 'rejected') return 'Rejected: a third or more of the stake opposes it.'
  if (anchor.state === 'attested') {
    const until = anchor.challengeEnds ? ` until ${say(anchor.challengeEnds)}` : ''
    return `Attested; it may be challenged${until}.`
  }
  return 'Proposed; it waits for two thirds of the stake.'
}
