import type { Terms } from './event.ts'
import { abiWords, keccak, keccakOfText, saltOf, toHex } from './hash.ts'
import type { Address, EventId, Hex32, MeterId } from './ids.ts'
import type { AnonymousLine } from './settlement.ts'

/**
 * The hashes of a settlement. `contracts/` computes the same ones from the same words (both read
 * `schemas/vectors/leaf.json`).
 *
 * Every leaf is in OpenZeppelin's `standard-v1` form: keccak256(keccak256(abi.encode(words))).
 */
export function leafHash(words: readonly (bigint | number | string)[]): Hex32 {
  return toHex(keccak(keccak(abiWords(words))))
}

/**
 * A meter's salt, derived from the secret of the event, so that one event's secret reveals no other
 * salts. That secret is derived from the installation's master secret, so salts cannot be erased
 * while the master secret exists.
 */
export function eventSalt(eventSecret: Uint8Array, meter: MeterId): Hex32 {
  return saltOf(eventSecret, meter)
}

/**
 * The salt of a meter's pseudonym. It differs from the leaf's salt, which validators receive: with
 * that one they could guess the meter id by brute force.
 */
export function pseudonymSalt(eventSecret: Uint8Array, meter: MeterId): Hex32 {
  return saltOf(eventSecret, `pseudonym ${meter}`)
}

/** Replaces a meter id in one event; cannot be linked to it without `pseudonymSalt`. */
export function meterPseudonym(salt: Hex32, meter: MeterId): Hex32 {
  return toHex(keccak(abiWords([salt, keccakOfText(meter)])))
}

export function termsHash(terms: Terms): Hex32 {
  return toHex(
    keccak(
      abiWords([
        keccakOfText(terms.programme),
        terms.version,
        keccakOfText(terms.currency),
        terms.priceMicrosPerKwh,
        terms.penaltyMicrosPerKwh,
        terms.orderPpm,
        keccakOfText(terms.baselineMethod),
        terms.bandWh,
        terms.commitLeadS,
        terms.latenessS,
      ]),
    ),
  )
}

/** Start, duration and energy of each interval, in order. */
export function readingsHash(
  intervals: readonly { startMs: number; durationS: number; energyMwh: number }[],
): Hex32 {
  const words = intervals.flatMap((each) => [each.startMs, each.durationS, each.energyMwh])
  return toHex(keccak(abiWords(words)))
}

/** What is settled of a site: its terms and those of its boundary, in order. */
export type PointDefinition = {
  readonly mayBeNegative: boolean
  readonly terms: readonly PseudonymTerm[]
  readonly boundary: readonly PseudonymTerm[]
}

type PseudonymTerm = { readonly sign: number; readonly meter: Hex32 }

export function pointHash({ mayBeNegative, terms, boundary }: PointDefinition): Hex32 {
  const words = [...terms, ...boundary].flatMap(({ sign, meter }) => [sign, meter])
  const counts = [mayBeNegative ? 1 : 0, terms.length, boundary.length]
  return toHex(keccak(abiWords([...counts, ...words])))
}

/** Several hashes in one: the parts of what a point has more than a meter by itself. */
export function hashOfAll(hashes: readonly Hex32[]): Hex32 {
  return toHex(keccak(abiWords(hashes)))
}

/** Start and baseline of each interval, in order. */
export function baselineHash(
  intervals: readonly { startMs: number; baselineMwh: number }[],
): Hex32 {
  return toHex(keccak(abiWords(intervals.flatMap((each) => [each.startMs, each.baselineMwh]))))
}

/**
 * Everything besides readings that all lines of an event depend on; without it days, prices or the
 * ordered share could be chosen afterwards. The method is part of the terms.
 */
export type EventConditions = {
  /** `termsHash`. */
  readonly terms: Hex32
  readonly zone: string
  readonly startMs: number
  readonly endMs: number
  readonly intervalS: number
  readonly excludedDates: readonly string[]
  readonly holidays: readonly string[]
}

export function conditionsHash(conditions: EventConditions): Hex32 {
  return toHex(
    keccak(
      abiWords([
        conditions.terms,
        keccakOfText(conditions.zone),
        conditions.startMs,
        conditions.endMs,
        conditions.intervalS,
        keccakOfText([...conditions.excludedDates].sort().join(',')),
        keccakOfText([...conditions.holidays].sort().join(',')),
      ]),
    ),
  )
}

/**
 * The commitment for a member before the event: its baseline, the readings used for it, the
 * conditions, and the payee's account.
 */
export function baselineContent(parts: {
  readonly conditions: Hex32
  readonly account: Address
  readonly baseline: Hex32
  readonly used: Hex32
}): Hex32 {
  return toHex(keccak(abiWords([parts.conditions, parts.account, parts.baseline, parts.used])))
}

/** The speed layer's figure for a member when the event ended, mWh; null if it had none. */
export function speedContent(deliveredMwh: number | null): Hex32 {
  return toHex(keccak(abiWords([deliveredMwh === null ? 0 : 1, deliveredMwh ?? 0])))
}

/** A leaf of the inputs root, the baselines root or the speed root: salted, one per member. */
export function memberLeafWords(leaf: {
  readonly index: number
  readonly pseudonym: Hex32
  readonly content: Hex32
  readonly salt: Hex32
}): (bigint | number | string)[] {
  return [leaf.index, leaf.pseudonym, leaf.content, leaf.salt]
}

export type DetailParts = {
  readonly eventId: EventId
  readonly revision: number
  readonly pseudonym: Hex32
  readonly readings: Hex32
  /** `baselineContent` of the commitment. */
  readonly baseline: Hex32
  readonly method: string
  readonly terms: Hex32
  readonly salt: Hex32
}

/**
 * All inputs of a line in one hash. Net, pay and the debt afterwards determine the debt before;
 * the leaf's entitlement then determines the entitlement before.
 */
export function detailHash(line: AnonymousLine, parts: DetailParts): Hex32 {
  return toHex(
    keccak(
      abiWords([
        keccakOfText(parts.eventId),
        parts.revision,
        parts.pseudonym,
        parts.readings,
        parts.baseline,
        line.delivered,
        line.deficiency,
        line.incentive,
        line.fee,
        line.net,
        line.pay,
        line.debtAfter,
        line.payPrefix,
        keccakOfText(parts.method),
        parts.terms,
        parts.salt,
      ]),
    ),
  )
}

/** The four words of a settlement's leaf: index, payee, cumulative entitlement, detail. */
export const settlementLeafTypes = ['uint256', 'address', 'uint256', 'bytes32'] as const

export function settlementLeafWords(line: AnonymousLine, detail: Hex32) {
  return [line.index, line.account, line.entitled, detail] as const
}
