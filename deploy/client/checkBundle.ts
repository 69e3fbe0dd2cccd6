import type { Address } from '../../schemas/ids.ts'
import {
  type VerifyBundleReturnType,
  verifyBundle,
} from '../../serving/settlement/bundle/verifyBundle.ts'
import { recoverSigner } from '../../serving/settlement/recoverSigner.ts'
import { verifyBundleOnChain } from '../../serving/validate/verifyBundleOnChain.ts'
import { readCall } from '../engines/chain/ethersChain.ts'
import { count } from '../engines/chain/ethersChainAnswers.ts'
import { wattproofArtifacts } from '../engines/chain/ethersChainArtifacts.ts'
import { openContracts } from '../engines/chain/ethersChainContracts.ts'
import { openRpc } from '../engines/chain/ethersChainRpc.ts'

/** Recomputes a bundle and checks its signatures, without network access. */
export function checkOffLine(bundle: unknown): VerifyBundleReturnType {
  return verifyBundle(bundle, { recoverSigner })
}

/**
 * Checks a bundle as `checkOffLine` does, and then compares it with the chain.
 *
 * @param at the chain; without a trusted anchor the bundle's own is used, and the answer says so.
 * @throws RetryableError when the chain does not answer.
 */
export async function checkOnChain(
  bundle: unknown,
  at: { readonly rpc: string; readonly anchor: Address | null },
): Promise<VerifyBundleReturnType> {
  const rpc = openRpc(at.rpc)
  const contracts = openContracts(wattproofArtifacts)
  return verifyBundleOnChain(bundle, {
    recoverSigner,
    trustedAnchor: at.anchor,
    read: (call, address) => readCall({ rpc, contracts }, call, address),
    readChainId: () => rpc.read(count, 'eth_chainId'),
  })
}
