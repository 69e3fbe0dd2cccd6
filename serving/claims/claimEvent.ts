import { chunk } from '../../schemas/chunk.ts'
import { NotFinalYetError, NothingToClaimError } from '../../schemas/errors/settlement.ts'
import { InvalidArgumentError, sentenceOf } from '../../schemas/errors/wattproofError.ts'
import type { EventProgress } from '../../schemas/event.ts'
import { keccakOfText } from '../../schemas/hash.ts'
import type { Address, EventId } from '../../schemas/ids.ts'
import type { Chain, Receipt } from '../../schemas/ports/chain.ts'
import { readClaimed, readStakesEarnings } from '../anchor/readVault.ts'
import { computeSettlement } from '../settlement/computeSettlement.ts'
import type { SettlementRecord } from '../settlement/settlementRecord.ts'
import type { ServingShell } from '../store/servingShell.ts'
import { type Claim, type ClaimableLine, chooseClaims, claimsMax } from './chooseClaims.ts'

/** Questions to the chain that wait for their answers at one time. */
const readsAtOnce = 32

export type ClaimReport = {
  readonly eventId: EventId
  readonly claims: readonly { account: Address; amountMicros: bigint; staked: boolean }[]
  /** Lines that the vault refused, and why; the others are paid. */
  readonly refused: readonly { index: number; account: Address; reason: string }[]
  readonly sumMicros: bigint
  readonly gasUsed: number
}

/**
 * Pays every payee of a final event what it is owed, as stake where the payee stakes its
 * earnings. A repeated call pays and reports only what is left. A line that the vault refuses
 * is reported and does not affect the others.
 *
 * @throws InvalidArgumentError before the event is final.
 */
export async function claimEvent(
  shell: ServingShell,
  progress: EventProgress,
): Promise<ClaimReport> {
  const { event } = progress
  const { record, claimed, due } = await readDue(shell, progress)
  const { trees } = computeSettlement(record.published)
  const payments: Payment[] = []
  for (const lot of chunk(due, claimsMax)) {
    const claims = lot.map((line) => claimOf(record, line, trees.settlement.proofOf(line.index)))
    payments.push(await payLot(shell.chain, claims, (some) => nameOf(record, some, claimed)))
  }
  const refused = payments.flatMap((each) => each.refused)
  for (const { index, account, reason } of refused) {
    shell.say(`${event.id}: line ${index}, to ${account}, is not paid: ${reason}`)
  }
  const paid = payments.flatMap((each) => each.claims)
  const sumMicros = paid.reduce((sum, { amountMicros }) => sum + amountMicros, 0n)
  const gasUsed = payments.reduce((sum, each) => sum + each.gasUsed, 0)
  return { eventId: event.id, claims: paid, refused, sumMicros, gasUsed }
}

/** What `claimEvent` would pay; it throws as `claimEvent` does. */
export async function previewClaims(
  shell: ServingShell,
  progress: EventProgress,
): Promise<ClaimReport> {
  const { claimed, due } = await readDue(shell, progress)
  const claims: ClaimReport['claims'][number][] = []
  for (const { account, entitled } of due) {
    const staked = await readStakesEarnings(shell.chain, account)
    claims.push({ account, amountMicros: entitled - (claimed.get(account) ?? 0n), staked })
  }
  const sumMicros = claims.reduce((sum, { amountMicros }) => sum + amountMicros, 0n)
  return { eventId: progress.event.id, claims, refused: [], sumMicros, gasUsed: 0 }
}

/** A final event's settlement, what its payees have been paid so far, and what is left. */
async function readDue({ store, chain }: ServingShell, { event, state }: EventProgress) {
  if (state !== 'final' && state !== 'paid') throw new NotFinalYetError({ event: event.id, state })
  const kept = await store.record(event.id, 0)
  if (kept?.record.period == null) throw new NothingToClaimError({ event: event.id })
  const { record } = kept
  const lines = linesOf(record)
  const claimed = await readClaimedOf(chain, lines)
  return { record, claimed, due: chooseClaims(lines, claimed) }
}

type Payment = Pick<ClaimReport, 'claims' | 'refused' | 'gasUsed'>

/** One transaction for all; if one line makes it revert, one transaction per line. */
async function payLot(
  chain: Chain,
  claims: readonly Claim[],
  nameFor: (claims: readonly Claim[]) => string,
): Promise<Payment> {
  try {
    const receipt = await chain.send({
      contract: 'IncentiveVault',
      method: 'claimMany',
      args: [claims],
      once: nameFor(claims),
    })
    const { gasUsed } = receipt
    return { claims: await readPaid(chain, receipt), refused: [], gasUsed }
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    const [{ index, account }, ...others] = claims as [Claim, ...Claim[]]
    if (others.length === 0) {
      return { claims: [], refused: [{ index, account, reason: sentenceOf(error) }], gasUsed: 0 }
    }
  }
  const each: Payment[] = []
  for (const claim of claims) each.push(await payLot(chain, [claim], nameFor))
  return {
    claims: each.flatMap(({ claims: paid }) => paid),
    refused: each.flatMap(({ refused }) => refused),
    gasUsed: each.reduce((sum, { gasUsed }) => sum + gasUsed, 0),
  }
}

/** True when no line of a final event has anything left to pay. */
export async function isAllClaimed(
  { store, chain }: Pick<ServingShell, 'store' | 'chain'>,
  id: EventId,
): Promise<boolean> {
  const kept = await store.record(id, 0)
  if (!kept) return false
  // From the last: claims are sent from the first on, so that what is left is found at once.
  const due = chooseClaims(linesOf(kept.record), new Map()).reverse()
  for (const lot of chunk(due, readsAtOnce)) {
    const claimed = await readClaimedOf(chain, lot)
    if (chooseClaims(lot, claimed).length > 0) return false
  }
  return true
}

function linesOf({ published }: SettlementRecord): ClaimableLine[] {
  return published.members.map(({ account, line, detail }, index) => {
    return { index, account, entitled: line.entitled, detail }
  })
}

function claimOf(record: SettlementRecord, line: ClaimableLine, proof: Claim['proof']): Claim {
  return { period: record.period ?? 0, ...line, proof }
}

/** Key of the transaction: the same claims on the same state are sent once. */
function nameOf(
  record: SettlementRecord,
  lot: readonly Pick<Claim, 'index' | 'account'>[],
  claimed: ReadonlyMap<Address, bigint>,
): string {
  const text = lot.map(({ index, account }) => `${index}:${claimed.get(account) ?? 0n}`).join(',')
  return `claim ${record.period} ${keccakOfText(text).slice(2, 18)}`
}

async function readClaimedOf(
  chain: Chain,
  lines: readonly ClaimableLine[],
): Promise<ReadonlyMap<Address, bigint>> {
  const claimed = new Map<Address, bigint>()
  const accounts = [...new Set(lines.map(({ account }) => account))]
  for (const lot of chunk(accounts, readsAtOnce)) {
    const amounts = await Promise.all(lot.map((account) => readClaimed(chain, account)))
    lot.forEach((account, index) => {
      claimed.set(account, amounts[index] ?? 0n)
    })
  }
  return claimed
}

async function readPaid(chain: Chain, receipt: Receipt): Promise<ClaimReport['claims']> {
  const events = await chain.events('IncentiveVault', receipt.block)
  return events
    .filter(({ name, transaction }) => {
      return name === 'Claimed' && transaction === receipt.transaction
    })
    .map(({ args }) => ({
      account: String(args.account) as Address,
      amountMicros: args.amount as bigint,
      staked: args.staked as boolean,
    }))
}
