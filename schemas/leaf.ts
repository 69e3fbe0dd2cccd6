import type { Terms } from './event.ts'
import { abiWords, keccak, keccakOfText, saltOf, toHex } from './hash.ts'
import type { EventId, Hex32, MeterId } from './ids.ts'
import type { SettlementLine } from './settlement.ts'

/**
 * The hashes a settlement is made of. `contracts/` computes the same from the same words
 * (`schemas/vectors/leaf.json` is read by both).
 *
 * Every leaf is in OpenZeppelin's `standard-v1` form: keccak256(keccak256(abi.encode(words))).
 */
export function leafHash(words: readonly (bigint | number | string)[]): Hex32 {
  return toHex(keccak(keccak(abiWords(words))))
}

/** What an event's salts are drawn from: one secret an event, so that one can be erased alone. */
export function eventSalt(eventSecret: Uint8Array, meter: MeterId): Hex32 {
  return saltOf(eventSecret, meter)
}

/** Stands for a meter in one event; without its salt it says nothing. */
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

/** A leaf of the inputs root, the baselines root or the speed root: salted, one a member. */
export function memberLeafWords(
  index: number,
  pseudonym: Hex32,
  content: Hex32,
  salt: Hex32,
): (bigint | number | string)[] {
  return [index, pseudonym, content, salt]
}

export type DetailParts = {
  readonly eventId: EventId
  readonly revision: number
  readonly pseudonym: Hex32
  readonly readings: Hex32
  readonly baseline: Hex32
  readonly method: string
  readonly terms: Hex32
  readonly salt: Hex32
}

/** Everything a line was computed from, in one hash. */
export function detailHash(line: SettlementLine, parts: DetailParts): Hex32 {
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
        line.pay,
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

export function settlementLeafWords(line: SettlementLine, detail: Hex32) {
  return [line.index, line.account, line.entitled, detail]
}
