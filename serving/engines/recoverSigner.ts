import { recoverAddress } from 'ethers'
import { InvalidArgumentError } from '../../schemas/errors.ts'
import type { Address, Hex32 } from '../../schemas/ids.ts'

/**
 * Who signed a digest; a file of its own, so that a page loads the curve only when it is asked for.
 *
 * @throws InvalidArgumentError when the bytes are no signature.
 */
export function recoverSigner(digest: Hex32, signature: Hex32): Address {
  try {
    return recoverAddress(digest, signature).toLowerCase() as Address
  } catch (error) {
    throw new InvalidArgumentError('These 65 bytes are no signature.', { signature }, error)
  }
}
