import * as z from 'zod'
import { address, eventIdText, hex32, instant, tokenMicros } from './common.ts'

const count = z.int().nonnegative()

const anchorStates = ['proposed', 'attested', 'final', 'rejected'] as const

/** `GET /validators`: who may attest, with what stake. */
export const validators = z.object({
  validators: z.array(
    z.object({
      validator: address,
      /** Staked incentives. */
      earnedMicros: tokenMicros,
      /** A founder's genesis stake; decays to zero. */
      genesisMicros: tokenMicros,
      stakeMicros: tokenMicros,
      /** Share of all stake, 0 … 1. */
      share: z.number(),
      isFounder: z.boolean(),
    }),
  ),
  totalMicros: tokenMicros,
  earnedMicros: tokenMicros,
  /** Share of the stake that was earned rather than given, 0 … 1. */
  earnedShare: z.number(),
  /** The least stake that makes a settlement attested: two thirds, rounded up. */
  quorumMicros: tokenMicros,
})
export type Validators = z.infer<typeof validators>

const attestation = z.object({
  validator: address,
  /** Null before a verdict. */
  verdict: z.enum(['signed', 'refused']).nullable(),
  /** Why it refuses, with the token only: it may contain a meter's readings. */
  refusal: z.string().nullable().optional(),
  stakeMicros: tokenMicros,
  /** Counted by the contract. */
  isOnChain: z.boolean(),
})

const chainTransaction = z.object({
  event: z.string().describe('Proposed, Attested, QuorumReached, Finalized or Rejected'),
  transaction: hex32,
  block: count,
  /** Gas of the whole transaction; null if it was sent by another account. */
  gasUsed: count.nullable(),
})

/** One settlement of the anchor: one settlement on its way to final. */
export const anchor = z.object({
  period: count,
  state: z.enum(anchorStates),
  /** Null for an event unknown to this installation. */
  eventId: eventIdText.nullable(),
  revision: count,
  root: hex32,
  inputsRoot: hex32,
  baselinesRoot: hex32,
  speedRoot: hex32,
  leafCount: count,
  totalPayMicros: tokenMicros,
  totalFeeMicros: tokenMicros,
  stakeForMicros: tokenMicros,
  stakeAgainstMicros: tokenMicros,
  stakeTotalMicros: tokenMicros,
  earnedStakeShare: z.number(),
  proposed: instant,
  attested: instant.nullable(),
  challengeEnds: instant.nullable(),
  attestations: z.array(attestation),
  transactions: z.array(chainTransaction),
})
export type Anchor = z.infer<typeof anchor>
export const anchors = z.object({
  chainId: z.int(),
  contracts: z.record(z.string(), address),
  anchors: z.array(anchor),
})
export type Anchors = z.infer<typeof anchors>

/** `POST /anchors/{settlement}/verdicts`: a signature or a refusal, never both. */
export const verdictBody = z
  .strictObject({
    validator: address,
    signature: z
      .string()
      .regex(/^0x[0-9a-fA-F]{130}$/)
      .nullable(),
    refusal: z.string().min(1).max(4_000).nullable(),
  })
  .refine((verdict) => (verdict.signature === null) !== (verdict.refusal === null), {
    error: 'A verdict is a signature or a refusal: one of the two, the other null.',
  })
export const verdictKept = z.object({ period: count, validator: address })
