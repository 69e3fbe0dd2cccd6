import {
  NoStakeError,
  NotOpenForVerdictsError,
  OtherSignerError,
  VerdictShapeError,
} from '../../schemas/errors/verdict.ts'
import { digestOfHeader } from '../settlement/digestOfHeader.ts'
import { recoverSigner } from '../settlement/recoverSigner.ts'
import type { EventStore } from '../store/eventStore.ts'
import type { ServingShell } from '../store/servingShell.ts'
import type { ValidatorVerdict } from '../store/validatorVerdict.ts'
import { placeOf } from './placeOf.ts'
import { readHeader, readInfo } from './readAnchor.ts'
import { readStakeAt } from './readStakes.ts'

type Shell = Pick<ServingShell, 'chain' | 'say'> & {
  readonly store: Pick<EventStore, 'putVerdict'>
}

/**
 * Stores a validator's verdict on a settlement.
 *
 * @throws VerdictError for a settlement that is not open, a signature that is not the
 * validator's or not in the form the anchor accepts, or a validator without stake at the
 * settlement.
 */
export async function keepVerdict(shell: Shell, verdict: ValidatorVerdict): Promise<void> {
  const { chain, store } = shell
  const { period: settlementNumber, validator, signature, refusal } = verdict
  if ((signature === null) === (refusal === null)) throw new VerdictShapeError()
  const { state } = await readInfo(chain, settlementNumber)
  if (state !== 'proposed' && state !== 'attested' && state !== 'final') {
    throw new NotOpenForVerdictsError({ settlementNumber, state })
  }
  if (signature !== null) {
    const { chainId, anchor } = await placeOf(chain)
    const header = await readHeader(chain, settlementNumber)
    // As strict as the anchor: one signature that it refuses would make it refuse all others.
    const signer = recoverSigner(
      digestOfHeader({ chainId, anchor, settlementNumber, header }),
      signature,
    )
    if (signer !== validator) throw new OtherSignerError({ settlementNumber, validator })
  }
  const stake = await readStakeAt(chain, settlementNumber, validator)
  if (stake <= 0n) throw new NoStakeError({ settlementNumber, validator })
  await store.putVerdict(verdict)
  if (refusal !== null) shell.say(`${validator} refuses settlement ${settlementNumber}: ${refusal}`)
}
