import * as z from 'zod'
import type { Address, Hex32 } from '../../../schemas/ids.ts'

/**
 * What a node answers, by method. Any node may be behind the URL: a quantity that is none would be
 * NaN, by which no nonce is taken and no block deep enough.
 */
const quantity = z.string().regex(/^0x[0-9a-f]{1,64}$/i, 'not a quantity')
export const count = quantity.transform(Number).pipe(z.int())
/** wei, of a balance or a gas. */
export const wei = quantity.transform(BigInt)
export const bytes = z.string().regex(/^0x([0-9a-f]{2})*$/i, 'not bytes')
const hash = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/i, 'not 32 bytes')
  .transform((text) => text.toLowerCase() as Hex32)
const address = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/i, 'not an address')
  .transform((text) => text.toLowerCase() as Address)

export const block = z.object({
  number: count,
  hash,
  timestamp: count,
  baseFeePerGas: wei.optional(),
})

export const receipt = z.object({
  status: count,
  blockNumber: count,
  gasUsed: count,
  contractAddress: address.nullish(),
})

export const logs = z.array(
  z.object({
    topics: z.array(hash),
    data: bytes,
    blockNumber: count,
    transactionHash: hash,
  }),
)
export type RawLog = z.infer<typeof logs>[number]

/** Anything that the node knows; null for what it does not. */
export const known = z.looseObject({}).nullable()
