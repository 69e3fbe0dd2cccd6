import type { Address, Hex32 } from '../../schemas/ids.ts'

/** What a validator found when it recomputed a settlement: a signature, or why it refuses. */
export type ValidatorVerdict = {
  readonly period: number
  readonly validator: Address
  /** EIP-712 signature of the header; null for a refusal. */
  readonly signature: Hex32 | null
  /** A sentence that says which part does not hold; null with a signature. */
  readonly refusal: string | null
}
