import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import type { Address, Hex32 } from '../../schemas/ids.ts'
import type { Chain } from '../../schemas/ports/chain.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import type { AccountBalance, Header } from '../../schemas/settlement.ts'
import { moneyMicros } from '../../schemas/units.ts'
import {
  readHasAttested,
  readHeader,
  readInfo,
  readPeriodCount,
  readStakeAt,
} from '../anchor/readAnchor.ts'
import type { PublishedSettlement } from '../settlement/published.ts'
import { recomputeSettlement } from '../settlement/recomputeSettlement.ts'
import { type Commitment, refuseCommitment } from '../settlement/refuseCommitment.ts'
import type { HeaderSigner, PublishedClient } from './publishedClient.ts'

export type RunValidatorOptions = {
  /** Reads the anchor; sends one transaction of its own, that its earnings become stake. */
  readonly chain: Chain
  readonly signer: HeaderSigner
  readonly client: PublishedClient
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly pollMs?: number
  say(line: string): void
}

/** A refused period is looked at again now and then: what was published may be mended. */
const refusedTurns = 40

const nothing: AccountBalance = { entitled: moneyMicros(0n), debt: moneyMicros(0n) }

/**
 * A validator: recomputes every proposed period from its published inputs and signs what the
 * anchor holds, or says why it does not. It believes the chain and its own arithmetic; where
 * accounts stood before a period it knows from the final periods it has recomputed itself.
 *
 * Resolves when its signal aborts. A house or a chain that cannot be reached is asked again.
 */
export async function runValidator(options: RunValidatorOptions): Promise<void> {
  const validator = new Validator(options)
  const { signal, clock, say } = options
  let said = ''
  while (!signal.aborted) {
    try {
      await validator.turn()
      said = ''
    } catch (error) {
      const sentence = sentenceOf(error)
      if (sentence !== said) say(sentence)
      said = sentence
    }
    await clock.sleep(options.pollMs ?? 150, signal).catch(() => {})
  }
}

/** What was said of the root that a period had then; a refusal is looked at again later. */
type Answer = {
  readonly root: Hex32
  readonly refusal: string | null
  readonly againAtTurn: number
}

class Validator {
  readonly #options: RunValidatorOptions
  readonly #balances = new Map<Address, AccountBalance>()
  readonly #answered = new Map<number, Answer>()
  /** Periods up to here are over and, where final, in the balances. */
  #closed = 0
  #turns = 0
  /** What does not hold in a final period: until it does, nothing later is signed. */
  #mistrust: string | null = null

  constructor(options: RunValidatorOptions) {
    this.#options = options
  }

  async turn(): Promise<void> {
    this.#turns++
    await this.#stakeEarnings()
    const count = await readPeriodCount(this.#options.chain)
    // Blocks were taken back together with a final period: learn from the start again.
    if (count < this.#closed) this.#forget()
    this.#mistrust = null
    // In order, and none beyond one that is open: it may move the accounts of the next.
    for (let period = this.#closed + 1; period <= count; period++) {
      await this.#look(period)
      if (this.#closed < period && this.#mistrust === null) return
    }
  }

  async #look(period: number): Promise<void> {
    const { chain, signer } = this.#options
    const { state } = await readInfo(chain, period)
    if (state === 'final') return this.#learn(period)
    if (state === 'rejected') {
      if (this.#mistrust === null) this.#closed = period
      return
    }
    const header = await readHeader(chain, period)
    const answered = this.#answered.get(period)
    if (answered?.root === header.root && this.#turns < answered.againAtTurn) return
    if (await readHasAttested(chain, period, signer.address)) return
    if ((await readStakeAt(chain, period, signer.address)) === 0n) return
    await this.#answer(period, header)
  }

  /** Takes a final period into the balances, once it was recomputed. */
  async #learn(period: number): Promise<void> {
    const found = await this.#fetch(period)
    if (!found) return
    const { published, header } = found
    const verdict = recomputeSettlement(published, header, this.#known(published))
    if (!verdict.ok) {
      this.#mistrust = `Period ${period}, which is final, does not hold: ${verdict.refusal}`
      return
    }
    if (this.#mistrust !== null) return
    for (const { account, line } of published.members) {
      this.#balances.set(account, { entitled: line.entitled, debt: line.debtAfter })
    }
    this.#closed = period
  }

  async #answer(period: number, header: Header): Promise<void> {
    const { chain, client, signer, say } = this.#options
    const found = await this.#fetch(period)
    if (!found) return
    const refusal = this.#mistrust ?? (await this.#findRefusal(found.published, header))
    const before = this.#answered.get(period)
    const againAtTurn = refusal === null ? Number.POSITIVE_INFINITY : this.#turns + refusedTurns
    const answer = { root: header.root, refusal, againAtTurn }
    if (before?.root !== header.root || before.refusal !== refusal) {
      const { chainId, contracts } = await chain.identity()
      const place = { chainId, anchor: contracts.SettlementAnchor, period }
      const signature = refusal === null ? await signer.signHeader(place, header) : null
      await client.sendVerdict({ period, validator: signer.address, signature, refusal })
      say(`Period ${period} is ${refusal === null ? 'signed.' : `refused: ${refusal}`}`)
    }
    this.#answered.set(period, answer)
  }

  async #findRefusal(published: PublishedSettlement, header: Header): Promise<string | null> {
    const verdict = recomputeSettlement(published, header, this.#known(published))
    if (!verdict.ok) return verdict.refusal
    const { startS, committedAtS } = await this.#options.chain.read<
      Record<keyof Commitment, bigint>
    >({
      contract: 'BaselineCommitment',
      method: 'commitmentOf',
      args: [header.eventHash],
    })
    const commitment = { startS: Number(startS), committedAtS: Number(committedAtS) }
    return refuseCommitment(commitment, published.event.startMs)
  }

  /** With every final period learnt, an account that is in none of them starts with nothing. */
  #known(published: PublishedSettlement): ReadonlyMap<Address, AccountBalance> {
    const accounts = published.members.map(({ account }) => account)
    return new Map(accounts.map((each) => [each, this.#balances.get(each) ?? nothing]))
  }

  async #fetch(period: number): Promise<{ published: PublishedSettlement; header: Header } | null> {
    const { chain, client } = this.#options
    const published = await client.published(period)
    return published && { published, header: await readHeader(chain, period) }
  }

  #forget(): void {
    this.#closed = 0
    this.#balances.clear()
    this.#answered.clear()
  }

  /**
   * Claims for this account go to its stake, whoever sends them. Asked each time: the block with
   * the election may be taken back.
   */
  async #stakeEarnings(): Promise<void> {
    const { chain, signer } = this.#options
    const call = { contract: 'IncentiveVault', method: 'stakesEarnings' } as const
    if (await chain.read<boolean>({ ...call, args: [signer.address] })) return
    await chain.send({
      contract: 'IncentiveVault',
      method: 'setStakeEarnings',
      args: [true],
      once: 'stake earnings',
    })
  }
}
