import { validateArgument } from '../../schemas/errors.ts'
import type { ValidatorVerdict } from '../commands.ts'
import { placeOf, type ServingShell } from '../programme/servingShell.ts'
import { readHeader, readInfo, readStakeAt } from './readAnchor.ts'

/**
 * Keeps what a validator says of a period.
 *
 * @throws InvalidArgumentError for a period that is not open, a signature that is not the
 * validator's, or a validator without stake at the period.
 */
export async function keepVerdict(shell: ServingShell, verdict: ValidatorVerdict): Promise<void> {
  const { chain, store } = shell
  const { period, validator, signature, refusal } = verdict
  validateArgument(
    (signature === null) !== (refusal === null),
    'A verdict is a signature or a refusal, one of the two.',
  )
  const { state } = await readInfo(chain, period)
  validateArgument(
    state === 'proposed' || state === 'attested' || state === 'final',
    `Period ${period} is ${state === 'none' ? 'not proposed' : state}; nothing is signed for it.`,
  )
  if (signature !== null) {
    const signer = shell.recoverSigner(
      { ...(await placeOf(chain)), period },
      await readHeader(chain, period),
      signature,
    )
    validateArgument(
      signer === validator,
      `The signature for period ${period} is not by ${validator}; sign the anchor's header with ` +
        'the domain of this chain and this anchor.',
    )
  }
  const stake = await readStakeAt(chain, period, validator)
  validateArgument(stake > 0n, `${validator} has no stake at period ${period}.`)
  await store.putVerdict(verdict)
  if (refusal !== null) shell.say(`${validator} refuses period ${period}: ${refusal}`)
}
