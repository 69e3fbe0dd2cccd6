import { Transaction, Wallet } from 'ethers'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keccak, toHex } from '../../../schemas/hash.ts'
import type { Address } from '../../../schemas/ids.ts'
import { encodeTransaction, type TransactionFields } from './encodeTransaction.ts'
import { openSigner } from './ethersChainSigner.ts'

const privateKey = `0x${'4c'.repeat(32)}` as const

/** Lengths around the borders of RLP: 1, 55 and 56, 255 and 256, 65,535 and 65,536 bytes. */
const lengths = [0, 1, 2, 54, 55, 56, 57, 255, 256, 257, 24_576, 65_535, 65_536]
const wei = fc.bigInt({ min: 0n, max: 2n ** 128n })
const fieldsOf = fc.record({
  chainId: fc.integer({ min: 1, max: 2 ** 31 }),
  nonce: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 ** 40 })),
  gasLimit: fc.bigInt({ min: 0n, max: 16_777_216n }),
  to: fc.option(fc.uint8Array({ minLength: 20, maxLength: 20 }).map((it) => toHex(it) as Address)),
  data: fc
    .tuple(fc.constantFrom(...lengths), fc.integer({ min: 0, max: 255 }))
    .map(([length, byte]) => toHex(new Uint8Array(length).fill(byte)) as string),
  maxFeePerGas: wei,
  maxPriorityFeePerGas: wei,
})

test('what is signed, and what is sent, are the bytes that ethers makes', async () => {
  const wallet = new Wallet(privateKey)
  const { signTransaction } = await openSigner({ privateKey })
  const check = async (drawn: TransactionFields) => {
    // ethers refuses a tip above the cap, as the chain does.
    const [low, high] = [drawn.maxPriorityFeePerGas, drawn.maxFeePerGas].sort(ascending)
    const fields = { ...drawn, maxPriorityFeePerGas: low!, maxFeePerGas: high! }
    const { to, ...rest } = fields
    const request = { ...rest, type: 2, value: 0n, ...(to === null ? {} : { to }) }
    const { unsignedHash } = Transaction.from(request)
    expect(toHex(keccak(encodeTransaction(fields)))).toBe(unsignedHash)
    expect(await signTransaction(fields)).toBe(await wallet.signTransaction(request))
  }
  await fc.assert(fc.asyncProperty(fieldsOf, check), { numRuns: 60 })
})

function ascending(left: bigint, right: bigint): number {
  return left < right ? -1 : Number(left > right)
}
