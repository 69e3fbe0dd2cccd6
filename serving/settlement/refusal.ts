import { type EpochMs, isoUtc } from '../../schemas/time.ts'
import type { Difference } from './differenceOf.ts'

/** The line of a settlement; none in a bundle, which has a single one. */
type At = { readonly line?: number }
type AtPart = At & { readonly part: 'readings' | 'baseline' }
type AsOfPlaces = {
  readonly partition: number
  readonly baselines: number
  readonly readings: number
}
type Signer = { readonly validator: string }

/** Why something is not settled, signed or taken as proof: one sentence a code, from its data. */
const sentences = {
  // A settlement, or one line of it.
  'no-lines': () => 'The settlement has no lines.',
  revision: ({ revision }: { readonly revision: number }) =>
    `The revision is ${revision}; only the first is settled.`,
  'event-range': ({ lengthS }: { readonly lengthS: number }) =>
    `The event's range of ${lengthS} s is not a whole number of intervals.`,
  'two-lines': ({ line, pseudonym }: { readonly line: number; readonly pseudonym: string }) =>
    `Line ${line}: the meter ${pseudonym} has two lines.`,
  'as-of': ({ partition, baselines, readings }: AsOfPlaces) =>
    `Partition ${partition}: the readings are as of place ${readings}, before place ` +
    `${baselines} of the committed baselines.`,
  'no-interval': ({ startMs, ...at }: AtPart & { readonly startMs: EpochMs }) =>
    `${placeOf(at)}: ${isoUtc(startMs)} is not an interval of the event.`,
  'out-of-order': ({ startMs, ...at }: AtPart & { readonly startMs: EpochMs }) =>
    `${placeOf(at)}: the reading of ${isoUtc(startMs)} is out of order.`,
  'reading-length': (reading: AtPart & { readonly startMs: EpochMs; readonly durationS: number }) =>
    `${placeOf(reading)}: ${isoUtc(reading.startMs)} lasts ${reading.durationS} s.`,
  'used-after-start': ({ startMs, line }: At & { readonly startMs: EpochMs }) =>
    `${placeOf({ line, part: 'baseline' })}: it uses a reading of ${isoUtc(startMs)}, ` +
    'after the start.',
  baseline: ({ line, ...difference }: At & Difference) =>
    `${placeOf({ line, part: 'baseline' })}: ${halfOf(difference)}.`,
  'terms-of-point': (at: AtPart) => `${placeOf(at)}: it is not the sum of the point's terms.`,
  boundary: ({ line }: At) =>
    `${placeOf({ line, part: 'baseline' })}: a boundary has a baseline where the point has one.`,
  'settled-before': ({ line, settledBefore }: At & { readonly settledBefore: string }) =>
    `${line === undefined ? 'The line' : `Line ${line}`}: settledBefore is stated as ` +
    `${settledBefore}; nothing is before the first revision.`,
  balance: ({ line, ...difference }: Difference & { readonly line: number }) =>
    `Line ${line}: balance before: ${halfOf(difference)}.`,
  line: ({ line, ...difference }: At & Difference) =>
    `${line === undefined ? 'The line or the balance before it' : `Line ${line}`}: ` +
    `${halfOf(difference)}.`,
  detail: ({ line }: At) =>
    line === undefined
      ? 'The detail hash is not that of the line, its running sum and its balance.'
      : `Line ${line}: its detail hash is another one.`,
  header: ({ whose, ...difference }: Difference & { readonly whose: 'published' | 'anchored' }) =>
    `The ${whose} header: ${halfOf(difference)}.`,
  'not-computed': (failed: At & { readonly part: string; readonly reason: string }) =>
    `${placeOf(failed)}: ${failed.reason}`,

  // The commitment of its baselines.
  'not-committed': () => 'No baselines of this event were committed.',
  'committed-start': (start: { readonly committedMs: EpochMs; readonly startMs: EpochMs }) =>
    `The baselines were committed for a start at ${isoUtc(start.committedMs)}; ` +
    `the event started at ${isoUtc(start.startMs)}.`,
  'committed-late': ({ committedAtMs }: { readonly committedAtMs: EpochMs }) =>
    `The baselines were committed at ${isoUtc(committedAtMs)}, after the start.`,

  // A bundle by itself.
  'no-bundle': ({ issues }: { readonly issues: string }) =>
    `This is not a proof bundle: ${issues}.`,
  'other-event': ({ event }: { readonly event: string }) =>
    `The header is not about the event ${event}.`,
  'other-revision': (revision: { readonly ofEvent: number; readonly ofHeader: number }) =>
    `The event's revision is ${revision.ofEvent}, the header's ${revision.ofHeader}.`,
  'line-not-computed': ({ reason }: { readonly reason: string }) =>
    `The line cannot be computed: ${reason}`,
  terms: () => 'The terms are not those the header names.',
  member: () =>
    'The meter, one of its salts or its index is another than in the trees of the settlement.',
  'point-meters': () => "The meters named are not those of the point's terms and boundary.",
  'inputs-proof': () => 'The readings, or their proof, do not lead to the inputs root.',
  'baselines-proof': () =>
    'The baseline, the account, the terms, the zone, times, excluded dates or holidays, or the ' +
    'proof, are not those that were committed before the event.',
  'speed-proof': () => 'The live figure, or its proof, does not lead to the speed root.',
  leaf: (difference: Difference) => `The leaf: ${halfOf(difference)}.`,
  'settlement-proof': () =>
    "The leaf's account, balance, proof or root is another: it does not lead to the root.",
  'too-few-lines': () => 'The header counts fewer lines than this one.',
  'too-little-pay': () => 'The header pays less than the lines up to this one.',
  'other-total': () => 'The lines do not add up to the pay.',
  'nothing-signed': () => 'It names no chain or settlement number to be signed for.',
  'counted-twice': ({ validator }: Signer) => `The validator ${validator} is counted twice.`,
  signature: ({ validator }: Signer) =>
    `The signature of ${validator} is not for this header, settlement number, chain and anchor.`,

  // A bundle against the chain.
  'no-place': () => 'It names no chain and settlement to be looked up.',
  'other-chain': (chain: { readonly ofBundle: number; readonly asked: number }) =>
    `It is about chain ${chain.ofBundle}; this is ${chain.asked}.`,
  'other-anchor': (anchor: { readonly ofBundle: string; readonly trusted: string }) =>
    `It is about the anchor ${anchor.ofBundle}; the one to trust is ${anchor.trusted}.`,
  'no-anchor': ({ anchor, reason }: { readonly anchor: string; readonly reason: string }) =>
    `What is at ${anchor} does not answer as our anchor: ${reason}`,
  'no-settlement': ({ settlementNumber }: { readonly settlementNumber: number }) =>
    `The chain has no settlement ${settlementNumber}.`,
  'not-final': ({ state }: { readonly state: string }) => `The chain has it ${state}, not final.`,
  'header-on-chain': (header: {
    readonly settlementNumber: number | null
    readonly fields: readonly string[]
  }) =>
    `The chain has another header for settlement ${header.settlementNumber}: ` +
    `${header.fields.join(', ')}.`,
  'other-baselines': ({ root }: { readonly root: string }) =>
    `The chain has other baselines committed for this event: ${root}.`,
  'no-stake': (signer: Signer & { readonly settlementNumber: number | null }) =>
    `${signer.validator} signed and has no stake in settlement ${signer.settlementNumber}.`,
  stake: ({ validator, stake }: Signer & { readonly stake: string }) =>
    `The stake of ${validator} is ${stake}, not as stated.`,
  vault: ({ vault }: { readonly vault: string }) =>
    `The vault of this anchor is ${vault}, not the stated one.`,
  registry: ({ registry }: { readonly registry: string }) =>
    `The registry of this anchor is ${registry}.`,
}

type Sentences = typeof sentences
export type RefusalCode = keyof Sentences
type DataOf = {
  readonly [Code in RefusalCode]: Parameters<Sentences[Code]> extends [infer Data] ? Data : unknown
}

/** Its code, to branch on, and the data of its sentence; money and other bigints as text. */
export type Refusal<Code extends RefusalCode = RefusalCode> = {
  [Each in Code]: { readonly code: Each } & DataOf[Each]
}[Code]

/** What a member's published inputs are refused for; `line` is added where there are several. */
export type MemberRefusal = Refusal<
  | 'baseline'
  | 'boundary'
  | 'no-interval'
  | 'not-computed'
  | 'out-of-order'
  | 'reading-length'
  | 'settled-before'
  | 'terms-of-point'
  | 'used-after-start'
>

const table: { readonly [Code in RefusalCode]: (data: DataOf[Code]) => string } = sentences

export function sentenceOfRefusal<Code extends RefusalCode>(refusal: Refusal<Code>): string {
  return table[refusal.code](refusal)
}

function placeOf({ line, part }: { readonly line?: number | undefined; readonly part: string }) {
  return line === undefined ? `The ${part}` : `Line ${line}: ${part}`
}

function halfOf({ field, stated, recomputed }: Difference): string {
  return `${field} is stated as ${stated} and recomputes to ${recomputed}`
}
