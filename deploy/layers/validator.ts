import { mkdirSync, readFileSync } from 'node:fs'
import { InvalidArgumentError, sentenceOf } from '../../schemas/errors/wattproofError.ts'
import type { Address } from '../../schemas/ids.ts'
import type { ContractName } from '../../schemas/ports/chain.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import { runValidator } from '../../serving/validate/runValidator.ts'
import { createApiClient } from '../client.ts'
import type { Config } from '../config.ts'
import { openEthersChain } from '../engines/chain/ethersChain.ts'
import { fileJournal } from '../engines/chain/ethersChainJournal.ts'
import { openHttpPublished } from '../engines/published/httpPublished.ts'
import { openSecrets } from '../installation/secrets.ts'
import { openClock, openLogger } from '../ports.ts'
import { sayReady } from '../process/runtime.ts'
import { journalFile, openRole, openSender, type RoleOnChain } from './chain.ts'

/** A validator: needs the house's door, a chain and its own key, and no store of the house. */
export async function run(config: Config, signal: AbortSignal): Promise<void> {
  const clock = openClock(config)
  const { role, token, onChain } = await openValidator(config, clock)
  const logger = openLogger(config, role)
  const { signer, connect } = onChain
  const { url } = config
  const api = createApiClient({ url, token, signal, retriesMax: 20 })
  const { contracts } = await api.get<{ contracts: Record<ContractName, Address> }>('/anchors')
  const chain = openEthersChain(await connect(fileJournal(journalFile(config, role))), contracts)
  sayReady()
  await runValidator({
    ...{ chain, signer, clock, signal },
    client: openHttpPublished({ url, token }),
    say: (line) => logger.info(line),
  })
  await chain.close()
}

type Validator = { readonly role: string; readonly token: string; readonly onChain: RoleOnChain }

/** With a keystore the key is the validator's own, and nothing of the house's is opened. */
async function openValidator(config: Config, clock: Clock): Promise<Validator> {
  const { validator, validatorKeystore, validatorToken } = config
  if (validatorKeystore === null) return openOurs(config, clock)
  if (validator !== null) {
    throw new InvalidArgumentError(
      'A validator is one of ours (WATTPROOF_VALIDATOR) or has a key of its own ' +
        '(WATTPROOF_VALIDATOR_KEYSTORE), not both.',
    )
  }
  if (validatorToken === null) {
    throw new InvalidArgumentError('Give the token of the house: WATTPROOF_VALIDATOR_TOKEN.')
  }
  mkdirSync(config.dir, { recursive: true })
  const signer = readKeystore(validatorKeystore, config.validatorPasswordFile)
  const onChain = await openSender({ config, clock, signer })
  return { role: `validator-${onChain.signer.address}`, token: validatorToken, onChain }
}

/** One of those that `up` starts: its key is drawn from the house's secret. */
async function openOurs(config: Config, clock: Clock): Promise<Validator> {
  if (config.validator === null) {
    throw new InvalidArgumentError(
      'Say which validator this is: WATTPROOF_VALIDATOR=0, 1, …, or give it a key of its own ' +
        'with WATTPROOF_VALIDATOR_KEYSTORE.',
    )
  }
  const role = `validator-${config.validator}`
  const secrets = openSecrets(config)
  const onChain = await openRole({ config, secrets, clock, role })
  return { role, token: secrets.validatorToken, onChain }
}

function readKeystore(keystore: string, passwordFile: string | null) {
  if (passwordFile === null) {
    throw new InvalidArgumentError(
      'Say where the password of the keystore is: WATTPROOF_VALIDATOR_PASSWORD_FILE.',
    )
  }
  return { keystore: readText(keystore), password: readText(passwordFile).replace(/\r?\n$/, '') }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new InvalidArgumentError(`${file} cannot be read: ${sentenceOf(error)}`)
  }
}
