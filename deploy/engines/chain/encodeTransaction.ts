import { concatBytes } from '@noble/hashes/utils.js'
import { fromHex } from '../../../schemas/hash.ts'
import type { Address } from '../../../schemas/ids.ts'

export type TransactionFields = {
  readonly chainId: number
  readonly nonce: number
  readonly to: Address | null
  readonly data: string
  readonly gasLimit: bigint
  readonly maxFeePerGas: bigint
  readonly maxPriorityFeePerGas: bigint
}

export type TransactionSignature = {
  readonly yParity: 0 | 1
  readonly r: bigint
  readonly s: bigint
}

const typeByte = Uint8Array.of(2)

/**
 * The bytes of an EIP-1559 transaction without value and access list: to be signed, or signed.
 *
 * The encoder of ethers lists each byte of a contract's code twice, which was an eighth of the
 * operator's start.
 */
export function encodeTransaction(
  fields: TransactionFields,
  signature?: TransactionSignature,
): Uint8Array {
  const { chainId, nonce, maxPriorityFeePerGas, maxFeePerGas, gasLimit, to, data } = fields
  const noValue = 0n
  const noAccess = encodeList([])
  return concatBytes(
    typeByte,
    encodeList([
      ...[chainId, nonce, maxPriorityFeePerGas, maxFeePerGas, gasLimit].map(encodeInteger),
      encodeBytes(to === null ? new Uint8Array() : fromHex(to)),
      encodeInteger(noValue),
      encodeBytes(fromHex(data)),
      noAccess,
      ...(signature ? [signature.yParity, signature.r, signature.s].map(encodeInteger) : []),
    ]),
  )
}

/** RLP (yellow paper, appendix B); 0 is the empty string. */
function encodeInteger(value: number | bigint): Uint8Array {
  return encodeBytes(minimalBytes(BigInt(value)))
}

function encodeBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 1 && bytes[0]! < 0x80) return bytes
  return concatBytes(lengthPrefix(0x80, bytes.length), bytes)
}

function encodeList(items: readonly Uint8Array[]): Uint8Array {
  const payload = concatBytes(...items)
  return concatBytes(lengthPrefix(0xc0, payload.length), payload)
}

function lengthPrefix(base: number, length: number): Uint8Array {
  if (length < 56) return Uint8Array.of(base + length)
  const bytes = minimalBytes(BigInt(length))
  return concatBytes(Uint8Array.of(base + 55 + bytes.length), bytes)
}

function minimalBytes(value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array()
  const digits = value.toString(16)
  return fromHex(`0x${digits.length % 2 === 0 ? '' : '0'}${digits}`)
}
