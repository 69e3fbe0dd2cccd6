import { secp256k1 } from '@noble/curves/secp256k1.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { SignatureError } from '../../schemas/errors/verdict.ts'
import { fromHex, keccak, toHex } from '../../schemas/hash.ts'
import type { Address, Hex32 } from '../../schemas/ids.ts'

/**
 * The signer of a digest from 65 bytes r, s, v, as the anchor expects them. Also runs in a page.
 *
 * @throws SignatureError when the bytes are not a signature, or one with a high s or a v of 0,
 * 1, 35 or above, which the contract refuses too.
 */
export function recoverSigner(digest: Hex32, signature: Hex32): Address {
  const point = recoverPoint(digest, signature)
  const hash = keccak(point.toBytes(false).subarray(1))
  return toHex(hash.subarray(12))
}

function recoverPoint(digest: Hex32, signature: Hex32) {
  const length = (signature.length - 2) / 2
  if (length !== 65) throw new SignatureError({ signature, fault: 'length' })
  try {
    const bytes = fromHex(signature)
    const recovery = bytes[64]! - 27
    const recovered = concatBytes(Uint8Array.of(recovery), bytes.subarray(0, 64))
    const parsed = secp256k1.Signature.fromBytes(recovered, 'recovered')
    if (!parsed.hasHighS()) return parsed.recoverPublicKey(fromHex(digest))
  } catch (error) {
    throw new SignatureError({ signature, fault: 'value' }, error)
  }
  throw new SignatureError({ signature, fault: 'high-s' })
}
