import { Contract, JsonRpcProvider } from 'ethers'
import { settlementAnchor } from '../contracts/abi/SettlementAnchor.ts'
import { RetryableError, sentenceOf } from '../schemas/errors.ts'
import type { Address, Hex32 } from '../schemas/ids.ts'
import { recoverSigner } from '../serving/claims/recoverSigner.ts'
import { type VerifyBundleReturnType, verifyBundle } from '../serving/claims/verifyBundle.ts'
import { verifyBundleOnChain } from '../serving/claims/verifyBundleOnChain.ts'

/** Recomputes a bundle and checks its signatures; asks nobody. */
export function checkOffLine(bundle: unknown): VerifyBundleReturnType {
  return verifyBundle(bundle, { recoverSigner })
}

/** As off line, and asks the anchor whether the root is final. @throws RetryableError */
export async function checkOnChain(
  bundle: unknown,
  at: { readonly rpc: string; readonly anchor: Address },
): Promise<VerifyBundleReturnType> {
  const provider = new JsonRpcProvider(at.rpc, undefined, { batchMaxCount: 1 })
  const contract = new Contract(at.anchor, settlementAnchor.abi, provider)
  const readFinalRoot = async (period: number): Promise<Hex32> => {
    try {
      return (await contract.getFunction('finalRoot')(period)) as Hex32
    } catch (error) {
      throw new RetryableError(`The chain at ${at.rpc} does not answer: ${sentenceOf(error)}`)
    }
  }
  try {
    return await verifyBundleOnChain(bundle, { recoverSigner, readFinalRoot })
  } finally {
    provider.destroy()
  }
}
