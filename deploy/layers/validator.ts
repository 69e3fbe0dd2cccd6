import { mkdirSync, readFileSync } from 'node:fs'
import {
  ConfiguredFileError,
  NoPasswordFileError,
  NoValidatorKeyError,
  NoValidatorTokenError,
  TwoValidatorKeysError,
} from '../../schemas/errors/configuration.ts'
import type { Address } from '../../schemas/ids.ts'
import type { ContractName } from '../../schemas/ports/chain.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import { runValidator } from '../../serving/validate/runValidator.ts'
import { createApiClient } from '../client/client.ts'
import { openEthersChain } from '../engines/chain/ethersChain.ts'
import { fileJournal } from '../engines/chain/ethersChainJournal.ts'
import { openClock, openLogger } from '../engines/ports.ts'
import { openHttpPublished } from '../engines/published/httpPublished.ts'
import type { Config } from '../installation/config.ts'
import { openSecrets } from '../installation/secrets.ts'
import { sayReady } from '../process/runtime.ts'
import { journalFile, openRole, openSender, type RoleOnChain } from './chain.ts'

/** A validator: needs the API, a chain and its own key, and no store of the installation. */
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

/** With a keystore the key is the validator's own, and no secret of the installation is opened. */
async function openValidator(config: Config, clock: Clock): Promise<Validator> {
  const { validator, validatorKeystore, validatorToken } = config
  if (validatorKeystore === null) return openOurs(config, clock)
  if (validator !== null) {
    throw new TwoValidatorKeysError()
  }
  if (validatorToken === null) {
    throw new NoValidatorTokenError()
  }
  mkdirSync(config.dir, { recursive: true })
  const signer = readKeystore(validatorKeystore, config.validatorPasswordFile)
  const onChain = await openSender({ config, clock, signer })
  return { role: `validator-${onChain.signer.address}`, token: validatorToken, onChain }
}

/** One of those that `up` starts: its key is derived from the installation's secret. */
async function openOurs(config: Config, clock: Clock): Promise<Validator> {
  if (config.validator === null) {
    throw new NoValidatorKeyError()
  }
  const role = `validator-${config.validator}`
  const secrets = openSecrets(config)
  const onChain = await openRole({ config, secrets, clock, role })
  return { role, token: secrets.validatorToken, onChain }
}

function readKeystore(keystore: string, passwordFile: string | null) {
  if (passwordFile === null) {
    throw new NoPasswordFileError()
  }
  return { keystore: readText(keystore), password: readText(passwordFile).replace(/\r?\n$/, '') }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfiguredFileError({ file }, error)
  }
}
