import type { Address } from '../../schemas/ids.ts'
import { addressOfKey } from '../engines/chain/ethersChainSigner.ts'
import type { Secrets } from '../installation/secrets.ts'
import type { London } from './london.ts'

/**
 * The payee of each home on the dynamic tariff.
 *
 * The first of them run the validators: their account is the validator's, so that what they earn
 * in one event is stake in the next.
 */
export function homeAccounts(
  secrets: Secrets,
  london: London,
  validators: number,
): Map<string, Address> {
  return new Map(
    london.dynamic.map((meter, index) => {
      const role = index < validators ? `validator-${index}` : `home-${meter}`
      return [meter, addressOfKey(secrets.keyOf(role))]
    }),
  )
}
