import { type Signature, SigningKey, Wallet } from 'ethers'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../../schemas/errors/wattproofError.ts'
import type { Hex32 } from '../../schemas/ids.ts'
import { recoverSigner } from './recoverSigner.ts'

const word = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .filter((bytes) => bytes.some((byte) => byte > 0) && bytes[0]! < 255)
  .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}` as Hex32)

test('recovers the signer of an ethers signature', () => {
  fc.assert(
    fc.property(word, word, (key, digest) => {
      const signature = new SigningKey(key).sign(digest).serialized as Hex32
      expect(recoverSigner(digest, signature)).toBe(new Wallet(key).address.toLowerCase())
    }),
    { numRuns: 50 },
  )
})

const digest: Hex32 = `0x${'ab'.repeat(32)}`
const signed = new SigningKey(`0x${'11'.repeat(32)}`).sign(digest)
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

test.each([
  ['nothing', '0x'],
  ['64 bytes', signed.serialized.slice(0, -2)],
  ['66 bytes', `${signed.serialized}00`],
  ['a v of neither', `${signed.serialized.slice(0, -2)}1e`],
  ['a v of 0', `${signed.serialized.slice(0, -2)}00`],
  ['a v of 1', `${signed.serialized.slice(0, -2)}01`],
  ['a v of 35', `${signed.serialized.slice(0, -2)}23`],
  ['a v of 36', `${signed.serialized.slice(0, -2)}24`],
  ['zeros', `0x${'00'.repeat(64)}1b`],
  ['the twin with the high s', twinOf(signed)],
])('%s is no signature', (_, signature) => {
  expect(() => recoverSigner(digest, signature as Hex32)).toThrow(InvalidArgumentError)
})

/** The other signature of the same key on the same digest; contracts accept only one of the two. */
function twinOf({ r, s, v }: Signature): string {
  const high = (order - BigInt(s)).toString(16).padStart(64, '0')
  return `${r}${high}${v === 27 ? '1c' : '1b'}`
}
