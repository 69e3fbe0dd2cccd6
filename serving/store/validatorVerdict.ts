import type { Address, Hex32 } from '../../schemas/ids.ts'

/** A validator's result of recomputing a settlement: a signature, or the reason to refuse. */
export type ValidatorVerdict = {
  readonly period: number
  readonly validator: Address
  /** EIP-712 signature of the header; null for a refusal. */
  readonly signature: Hex32 | null
  /** A sentence that names the part that is wrong; null with a signature. */
  readonly refusal: string | null
}
