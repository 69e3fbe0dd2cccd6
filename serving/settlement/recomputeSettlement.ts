import type { Address } from '../../schemas/ids.ts'
import type { AccountBalance, Header } from '../../schemas/settlement.ts'
import { computeSettlement } from './computeSettlement.ts'
import { differenceOf } from './differenceOf.ts'
import { figuresOf, type PublishedMember, type PublishedSettlement } from './published.ts'
import {
  nameArgument,
  refuseBaseline,
  refuseEvent,
  refuseReadings,
  refuseSettledBefore,
} from './refuseMember.ts'

export type RecomputeSettlementReturnType =
  | { readonly ok: true }
  | { readonly ok: false; readonly refusal: string }

/** Balances a validator knows from earlier settlements; known accounts must start from them. */
export type KnownBalances = ReadonlyMap<Address, AccountBalance>

/**
 * Recomputes everything a validator signs: each baseline from the readings it used, each line from
 * its readings and baseline, all sums and roots, and so every field of the header.
 *
 * @param header as the anchor stores it.
 */
export function recomputeSettlement(
  published: PublishedSettlement,
  header: Header,
  known: KnownBalances = new Map(),
): RecomputeSettlementReturnType {
  const refusal = nameArgument('The settlement', () => findRefusal(published, header, known))
  return refusal === null ? { ok: true } : { ok: false, refusal }
}

function findRefusal(
  published: PublishedSettlement,
  header: Header,
  known: KnownBalances,
): string | null {
  const { event, members } = published
  if (members.length === 0) return 'The settlement has no lines.'
  const refusal =
    refuseEvent(event) ??
    refuseTwins(members) ??
    refuseFirst(members, (member) => refuseReadings(event, member)) ??
    refuseFirst(members, (member) => refuseBaseline(event, member)) ??
    refuseFirst(members, refuseSettledBefore) ??
    refuseBalances(members, known)
  return refusal ?? refuseFigures(published, header)
}

function refuseTwins(members: readonly PublishedMember[]): string | null {
  const seen = new Set<string>()
  for (const [index, { pseudonym }] of members.entries()) {
    if (seen.has(pseudonym)) return `Line ${index}: the meter ${pseudonym} has two lines.`
    seen.add(pseudonym)
  }
  return null
}

/** Each line starts from the balance after the account's line before it. */
function refuseBalances(members: readonly PublishedMember[], known: KnownBalances): string | null {
  const balances = new Map(known)
  for (const [index, { account, before, line }] of members.entries()) {
    const expected = balances.get(account)
    const difference = expected && differenceOf(before, expected)
    if (difference) return `Line ${index}: balance before: ${difference}.`
    balances.set(account, { entitled: line.entitled, debt: line.debtAfter })
  }
  return null
}

function refuseFigures(published: PublishedSettlement, header: Header): string | null {
  const { event, members } = published
  const { computed, header: recomputed } = computeSettlement({ event, members })
  for (const [index, { line }] of computed.entries()) {
    const difference = differenceOf(members[index]!.line, figuresOf(line))
    if (difference) return `Line ${index}: ${difference}.`
  }
  // Inputs and lines before their hashes, so that the refusal names the cause.
  const { root, leafCount, totalPay, totalFee, termsHash, ...parts } = recomputed
  const ofParts = differenceOf(published.header, { termsHash, ...parts })
  if (ofParts) return `The published header: ${ofParts}.`
  const other = computed.findIndex(({ detail }, index) => members[index]!.detail !== detail)
  if (other >= 0) return `Line ${other}: its detail hash is another one.`
  const ofPublished = differenceOf(published.header, { root, leafCount, totalPay, totalFee })
  if (ofPublished) return `The published header: ${ofPublished}.`
  const ofAnchored = differenceOf(header, recomputed)
  return ofAnchored && `The anchored header: ${ofAnchored}.`
}

function refuseFirst(
  members: readonly PublishedMember[],
  refuse: (member: PublishedMember) => string | null,
): string | null {
  for (const [index, member] of members.entries()) {
    const refusal = refuse(member)
    if (refusal) return `Line ${index}: ${refusal}`
  }
  return null
}
