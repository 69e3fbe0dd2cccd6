import type { ServingShell } from '../store/servingShell.ts'
import type { ValidatorVerdict } from '../store/validatorVerdict.ts'
import { type ChooseAttestationReturnType, chooseAttestation } from './chooseAttestation.ts'
import { readHasAttested } from './readAnchor.ts'
import { readStakeAt } from './readStakes.ts'

export type StakedVerdict = ValidatorVerdict & { readonly stake: bigint }

export type ReadSignaturesReturnType = ChooseAttestationReturnType & {
  readonly verdicts: readonly StakedVerdict[]
}

/** The verdicts of a settlement with each validator's stake, and what to send of them. */
export async function readSignatures(
  { store, chain }: Pick<ServingShell, 'store' | 'chain'>,
  settlementNumber: number,
  stakeTotal: bigint,
): Promise<ReadSignaturesReturnType> {
  const verdicts = await Promise.all(
    (await store.verdicts(settlementNumber)).map(async (verdict) => {
      return { ...verdict, stake: await readStakeAt(chain, settlementNumber, verdict.validator) }
    }),
  )
  const signed = await Promise.all(
    verdicts.flatMap(({ validator, signature, stake }) => {
      if (signature === null) return []
      return [
        readHasAttested(chain, settlementNumber, validator).then((isOnChain) => {
          return { validator, signature, stake, isOnChain }
        }),
      ]
    }),
  )
  return { ...chooseAttestation(signed, stakeTotal), verdicts }
}
