import type { Terms } from './event.ts'
import { abiWords, keccak, keccakOfText, saltOf, toHex } from './hash.ts'
import type { Address, EventId, Hex32, MeterId } from './ids.ts'
import type { AnonymousLine } from './settlement.ts'

/**
 * The hashes a settlement is made of. `contracts/` computes the same from the same words
 * (`schemas/vectors/leaf.json` is read by both).
 *
 * Every leaf is in OpenZeppelin's `standard-v1` form: keccak256(keccak256(abi.encode(words))).
 */
export function leafHash(words: readonly (bigint | number | string)[]): Hex32 {
  return toHex(keccak(keccak(abiWords(words))))
}

/**
 * A meter's salt, drawn from the secret of the event: who knows one event's knows no other's. The
 * secret itself is drawn from the house's master, so that no salt is gone while the master exists.
 */
export function eventSalt(eventSecret: Uint8Array, meter: MeterId): Hex32 {
  return saltOf(eventSecret, meter)
}

/**
 * What a meter's pseudonym is drawn with. Not the leaf's salt: validators get that one, and meter
 * ids are short enough to be guessed with it.
 */
export function pseudonymSalt(eventSecret: Uint8Array, meter: MeterId): Hex32 {
  return saltOf(eventSecret, `pseudonym ${meter}`)
}

/** Stands for a meter in one event; without its own salt (`pseudonymSalt`) it says nothing. */
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

/** Start and baseline of each interval, in order. */
export function baselineHash(
  intervals: readonly { startMs: number; baselineMwh: number }[],
): Hex32 {
  return toHex(keccak(abiWords(intervals.flatMap((each) => [each.startMs, each.baselineMwh]))))
}

/**
 * What all lines of an event depend on besides readings; without it days, prices or the share that
 * is ordered could be chosen afterwards. The method is one of the terms.
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
 * What is committed of a member before the event: its baseline, the readings that was made of, the
 * conditions, and the account that is paid.
 */
export function baselineContent(parts: {
  readonly conditions: Hex32
  readonly account: Address
  readonly baseline: Hex32
  readonly used: Hex32
}): Hex32 {
  return toHex(keccak(abiWords([parts.conditions, parts.account, parts.baseline, parts.used])))
}

/** What the speed layer showed for a member when the event ended, mWh; null: it showed nothing. */
export function speedContent(deliveredMwh: number | null): Hex32 {
  return toHex(keccak(abiWords([deliveredMwh === null ? 0 : 1, deliveredMwh ?? 0])))
}

/** A leaf of the inputs root, the baselines root or the speed root: salted, one a member. */
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
  /** `baselineContent` of what was committed. */
  readonly baseline: Hex32
  readonly method: string
  readonly terms: Hex32
  readonly salt: Hex32
}

/**
 * Everything a line was computed from, in one hash. With net, pay and debt after it, the debt
 * before it follows; with the leaf's entitlement, so does the entitlement before it.
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
