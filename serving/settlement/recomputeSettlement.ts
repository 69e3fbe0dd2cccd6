import type { Address } from '../../schemas/ids.ts'
import type { AccountBalance, Header } from '../../schemas/settlement.ts'
import { computeSettlement } from './computeSettlement.ts'
import { differenceOf } from './differenceOf.ts'
import { figuresOf, type PublishedMember, type PublishedSettlement } from './published.ts'
import { type MemberRefusal, type Refusal, sentenceOfRefusal } from './refusal.ts'
import {
  nameArgument,
  refuseAsOf,
  refuseBaseline,
  refuseEvent,
  refuseReadings,
  refuseSettledBefore,
} from './refuseMember.ts'

export type RecomputeSettlementReturnType =
  | { readonly ok: true }
  | { readonly ok: false; readonly refusal: Refusal; readonly sentence: string }

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
  const refusal = nameArgument('settlement', () => findRefusal(published, header, known))
  return refusal === null
    ? { ok: true }
    : { ok: false, refusal, sentence: sentenceOfRefusal(refusal) }
}

function findRefusal(
  published: PublishedSettlement,
  header: Header,
  known: KnownBalances,
): Refusal | null {
  const { event, members } = published
  if (members.length === 0) return { code: 'no-lines' }
  const refusal =
    refuseEvent(event) ??
    refuseAsOf(published.asOf) ??
    refuseTwins(members) ??
    refuseFirst(members, (member) => refuseReadings(event, member)) ??
    refuseFirst(members, (member) => refuseBaseline(event, member)) ??
    refuseFirst(members, refuseSettledBefore) ??
    refuseBalances(members, known)
  return refusal ?? refuseFigures(published, header)
}

function refuseTwins(members: readonly PublishedMember[]): Refusal | null {
  const seen = new Set<string>()
  for (const [line, { pseudonym, point }] of members.entries()) {
    // Energy that is settled in one line is in no other one; a boundary may limit several.
    const own = new Set<string>([pseudonym, ...(point?.terms ?? []).map(({ meter }) => meter)])
    for (const each of own) {
      if (seen.has(each)) return { code: 'two-lines', line, pseudonym: each }
      seen.add(each)
    }
  }
  return null
}

/** Each line starts from the balance after the account's line before it. */
function refuseBalances(members: readonly PublishedMember[], known: KnownBalances): Refusal | null {
  const balances = new Map(known)
  for (const [index, { account, before, line }] of members.entries()) {
    const expected = balances.get(account)
    const difference = expected && differenceOf(before, expected)
    if (difference) return { code: 'balance', line: index, ...difference }
    balances.set(account, { entitled: line.entitled, debt: line.debtAfter })
  }
  return null
}

function refuseFigures(published: PublishedSettlement, header: Header): Refusal | null {
  const { event, members } = published
  const { computed, header: recomputed } = computeSettlement({ event, members })
  for (const [index, { line }] of computed.entries()) {
    const difference = differenceOf(members[index]!.line, figuresOf(line))
    if (difference) return { code: 'line', line: index, ...difference }
  }
  // Inputs and lines before their hashes, so that the refusal names the cause.
  const { root, leafCount, totalPay, totalFee, termsHash, ...parts } = recomputed
  const ofParts = differenceOf(published.header, { termsHash, ...parts })
  if (ofParts) return { code: 'header', whose: 'published', ...ofParts }
  const other = computed.findIndex(({ detail }, index) => members[index]!.detail !== detail)
  if (other >= 0) return { code: 'detail', line: other }
  const ofPublished = differenceOf(published.header, { root, leafCount, totalPay, totalFee })
  if (ofPublished) return { code: 'header', whose: 'published', ...ofPublished }
  const ofAnchored = differenceOf(header, recomputed)
  return ofAnchored && { code: 'header', whose: 'anchored', ...ofAnchored }
}

function refuseFirst(
  members: readonly PublishedMember[],
  refuse: (member: PublishedMember) => MemberRefusal | null,
): Refusal | null {
  for (const [index, member] of members.entries()) {
    const refusal = refuse(member)
    if (refusal) return { ...refusal, line: index }
  }
  return null
}
