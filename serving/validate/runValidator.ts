import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import type { Address, Hex32 } from '../../schemas/ids.ts'
import type { Chain } from '../../schemas/ports/chain.ts'
import type { AccountBalance, Header } from '../../schemas/settlement.ts'
import { moneyMicros } from '../../schemas/units.ts'
import {
  readCommitment,
  readHasAttested,
  readHeader,
  readInfo,
  readSettlementCount,
} from '../anchor/readAnchor.ts'
import { readStakeAt } from '../anchor/readStakes.ts'
import { readStakesEarnings } from '../anchor/readVault.ts'
import type { PublishedSettlement } from '../settlement/published.ts'
import { recomputeSettlement } from '../settlement/recomputeSettlement.ts'
import { sentenceOfRefusal } from '../settlement/refusal.ts'
import { refuseCommitment } from '../settlement/refuseCommitment.ts'
import type { HeaderSigner, PublishedClient } from './publishedClient.ts'
import type { HeadWatch } from './watchHead.ts'

export type RunValidatorOptions = {
  /** Reads the anchor; sends one transaction, which makes the validator's earnings stake. */
  readonly chain: Chain
  readonly signer: HeaderSigner
  readonly client: PublishedClient
  /** A watch of the same chain; several validators may share one. */
  readonly heads: HeadWatch
  readonly signal: AbortSignal
  say(line: string): void
}

/** A refused settlement is checked again after so many reads of the head: it may be corrected. */
const refusedReads = 40

const never = Number.POSITIVE_INFINITY

const nothing: AccountBalance = { entitled: moneyMicros(0n), debt: moneyMicros(0n) }

/**
 * Recomputes every proposed settlement from its published inputs and signs the anchor's header,
 * or sends the reason to refuse. It trusts only the chain and its own arithmetic: balances before
 * a settlement come from the final settlements it has recomputed itself.
 *
 * It looks again after each block, and without one while it has something left to do.
 *
 * Resolves when its signal aborts. Retries when the API or the chain cannot be reached.
 */
export async function runValidator(options: RunValidatorOptions): Promise<void> {
  const validator = new Validator(options)
  const { signal, heads, say } = options
  let reported = ''
  while (!signal.aborted) {
    // Read before the turn: a block that arrives in mid-turn is looked at in the next.
    const { head } = heads
    let againAtRead: number
    try {
      againAtRead = await validator.turn()
      reported = ''
    } catch (error) {
      const sentence = sentenceOf(error)
      if (sentence !== reported) say(sentence)
      reported = sentence
      againAtRead = heads.reads + 1
    }
    await heads.wait(head, againAtRead - heads.reads)
  }
}

/** The verdict sent for a settlement's root; a refused settlement is checked again later. */
type Answer = {
  readonly root: Hex32
  readonly refusal: string | null
  readonly againAtRead: number
}

class Validator {
  readonly #options: RunValidatorOptions
  readonly #balances = new Map<Address, AccountBalance>()
  readonly #answered = new Map<number, Answer>()
  /** Settlements up to this number are decided and, where final, in the balances. */
  #closed = 0
  /** The read of the head at which this turn's rest is tried again, without a new block. */
  #againAtRead = never
  /** What is wrong in a final settlement; while it is, no later one is signed. */
  #mistrust: string | null = null

  constructor(options: RunValidatorOptions) {
    this.#options = options
  }

  /** @returns the read of the head at which to look again if no block comes before it. */
  async turn(): Promise<number> {
    this.#againAtRead = never
    await this.#lookAtAll()
    return this.#againAtRead
  }

  async #lookAtAll(): Promise<void> {
    await this.#stakeEarnings()
    const count = await readSettlementCount(this.#options.chain)
    // A final settlement was reorganised away: recompute from the first one.
    if (count < this.#closed) this.#forget()
    this.#mistrust = null
    // In order, and none after an open one: that may change the balances of the next.
    for (let settlementNumber = this.#closed + 1; settlementNumber <= count; settlementNumber++) {
      await this.#look(settlementNumber)
      if (this.#closed < settlementNumber && this.#mistrust === null) return
    }
  }

  async #look(settlementNumber: number): Promise<void> {
    const { chain, signer } = this.#options
    const { state } = await readInfo(chain, settlementNumber)
    if (state === 'final') return this.#learn(settlementNumber)
    if (state === 'rejected') {
      if (this.#mistrust === null) this.#closed = settlementNumber
      return
    }
    const header = await readHeader(chain, settlementNumber)
    const answered = this.#answered.get(settlementNumber)
    if (answered?.root === header.root && this.#options.heads.reads < answered.againAtRead) {
      this.#lookAgainAt(answered.againAtRead)
      return
    }
    if (await readHasAttested(chain, settlementNumber, signer.address)) return
    if ((await readStakeAt(chain, settlementNumber, signer.address)) === 0n) return
    await this.#answer(settlementNumber, header)
  }

  /** Recomputes a final settlement and adds it to the balances. */
  async #learn(settlementNumber: number): Promise<void> {
    const found = await this.#fetch(settlementNumber)
    if (!found) return
    const { published, header } = found
    const verdict = recomputeSettlement(published, header, this.#known(published))
    if (!verdict.ok) {
      const { sentence } = verdict
      this.#mistrust = `Final settlement ${settlementNumber} cannot be verified: ${sentence}`
      this.#lookAgainAt(this.#options.heads.reads + refusedReads)
      return
    }
    if (this.#mistrust !== null) return
    for (const { account, line } of published.members) {
      this.#balances.set(account, { entitled: line.entitled, debt: line.debtAfter })
    }
    this.#closed = settlementNumber
  }

  async #answer(settlementNumber: number, header: Header): Promise<void> {
    const { chain, client, signer, heads, say } = this.#options
    const found = await this.#fetch(settlementNumber)
    if (!found) return
    const refusal = this.#mistrust ?? (await this.#findRefusal(found.published, header))
    const before = this.#answered.get(settlementNumber)
    const againAtRead = refusal === null ? never : heads.reads + refusedReads
    const answer = { root: header.root, refusal, againAtRead }
    if (before?.root !== header.root || before.refusal !== refusal) {
      const { chainId, contracts } = await chain.identity()
      const place = { chainId, anchor: contracts.SettlementAnchor, settlementNumber }
      const signature = refusal === null ? await signer.signHeader(place, header) : null
      await client.sendVerdict({
        period: settlementNumber,
        validator: signer.address,
        signature,
        refusal,
      })
      say(
        `Settlement ${settlementNumber} is ${refusal === null ? 'signed.' : `refused: ${refusal}`}`,
      )
    }
    this.#answered.set(settlementNumber, answer)
    this.#lookAgainAt(againAtRead)
  }

  async #findRefusal(published: PublishedSettlement, header: Header): Promise<string | null> {
    const verdict = recomputeSettlement(published, header, this.#known(published))
    if (!verdict.ok) return verdict.sentence
    const commitment = await readCommitment(this.#options.chain, header.eventHash)
    const refusal = refuseCommitment(commitment, published.event.startMs)
    return refusal && sentenceOfRefusal(refusal)
  }

  /** All final settlements are recomputed, so an account in none of them starts with nothing. */
  #known(published: PublishedSettlement): ReadonlyMap<Address, AccountBalance> {
    const accounts = published.members.map(({ account }) => account)
    return new Map(accounts.map((each) => [each, this.#balances.get(each) ?? nothing]))
  }

  async #fetch(
    settlementNumber: number,
  ): Promise<{ published: PublishedSettlement; header: Header } | null> {
    const { chain, client } = this.#options
    const published = await client.published(settlementNumber)
    // The operator publishes it without a block.
    if (published === null) this.#lookAgainAt(this.#options.heads.reads + 1)
    return published && { published, header: await readHeader(chain, settlementNumber) }
  }

  #lookAgainAt(read: number): void {
    this.#againAtRead = Math.min(this.#againAtRead, read)
  }

  #forget(): void {
    this.#closed = 0
    this.#balances.clear()
    this.#answered.clear()
  }

  /**
   * Claims for this account become stake, whoever sends them. Checked each turn: the block with
   * the setting may be reorganised away.
   */
  async #stakeEarnings(): Promise<void> {
    const { chain, signer } = this.#options
    if (await readStakesEarnings(chain, signer.address)) return
    await chain.send({
      contract: 'IncentiveVault',
      method: 'setStakeEarnings',
      args: [true],
      once: 'stake earnings',
    })
  }
}
