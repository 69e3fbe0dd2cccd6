import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { NoChainError } from '../../schemas/errors/chain.ts'
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
import type { HeadWatch } from '../../serving/validate/watchHead.ts'
import { createApiClient } from '../client/client.ts'
import { openEthersChain } from '../engines/chain/ethersChain.ts'
import { fileJournal } from '../engines/chain/ethersChainJournal.ts'
import { openClock, openLogger } from '../engines/ports.ts'
import { openHttpPublished } from '../engines/published/httpPublished.ts'
import { engineDir } from '../installation/addresses.ts'
import type { Config } from '../installation/config.ts'
import { openSecrets } from '../installation/secrets.ts'
import { sayReady } from '../process/runtime.ts'
import { chainSocket } from '../sockets/enginePlaces.ts'
import { journalFile, openHeadWatch, openRole, openSender, type RoleOnChain } from './chain.ts'
import { runEach } from './runEach.ts'

/**
 * One validator, or all that `up` starts. Each has its own key, journal and connection and checks
 * by itself; they share the process and the look at the chain's newest block. A validator needs
 * the API and a chain, and no store of the installation.
 */
export async function run(config: Config, signal: AbortSignal): Promise<void> {
  const clock = openClock(config)
  const heads = openHeadWatch(config, clock, signal)
  const around = { config, clock, heads, signal }
  const parts = listValidators(config).map((index) => ({
    ...{ name: index === null ? 'The validator' : `Validator ${index}` },
    open: () => openValidator(around, index),
  }))
  const logger = openLogger(config, 'validators')
  await runEach(parts, {
    ...{ clock, signal, whenOpen: sayReady },
    warn: (sentence, error) => logger.warn({ err: error }, sentence),
  })
}

type Surroundings = {
  readonly config: Config
  readonly clock: Clock
  readonly heads: HeadWatch
  readonly signal: AbortSignal
}

/** Indices of the validators this process runs; null stands for one with a keystore. */
function listValidators({ validator, validatorKeystore, validators }: Config): (number | null)[] {
  if (validatorKeystore !== null) {
    if (validator !== null) throw new TwoValidatorKeysError()
    return [null]
  }
  if (validator === null) throw new NoValidatorKeyError()
  return validator === 'all' ? Array.from({ length: validators }, (_, index) => index) : [validator]
}

/** @returns a function that runs the validator until it is stopped. */
async function openValidator(around: Surroundings, index: number | null) {
  const { config, clock, heads, signal } = around
  const { role, token, onChain } =
    index === null ? await openTheirs(config, clock) : await openOurs(config, clock, index)
  const logger = openLogger(config, role)
  const { signer, connect } = onChain
  const { url } = config
  const api = createApiClient({ url, token, signal, retriesMax: 20 })
  const { contracts } = await api.get<{ contracts: Record<ContractName, Address> }>('/anchors')
  // Its one transaction is sent again after each block that lacks it: nothing heals in between.
  const connected = await connect(fileJournal(journalFile(config, role)), null)
  const chain = openEthersChain(connected, contracts)
  return async () => {
    try {
      const say = (line: string) => logger.info(line)
      const client = openHttpPublished({ url, token })
      await runValidator({ chain, signer, client, heads, signal, say })
    } finally {
      await chain.close()
    }
  }
}

type Validator = { readonly role: string; readonly token: string; readonly onChain: RoleOnChain }

/** With a keystore the key is the validator's own, and no secret of the installation is opened. */
async function openTheirs(config: Config, clock: Clock): Promise<Validator> {
  const { validatorKeystore, validatorPasswordFile, validatorToken } = config
  if (validatorToken === null) throw new NoValidatorTokenError()
  const hasChain = config.chainUrl !== null || existsSync(chainSocket(engineDir(config, 'chain')))
  if (!hasChain) throw new NoChainError({ dir: config.dir })
  mkdirSync(config.dir, { recursive: true, mode: 0o700 })
  const signer = readKeystore(validatorKeystore!, validatorPasswordFile)
  const onChain = await openSender({ config, clock, signer })
  return { role: `validator-${onChain.signer.address}`, token: validatorToken, onChain }
}

/** One of those that `up` starts: its key is derived from the installation's secret. */
async function openOurs(config: Config, clock: Clock, index: number): Promise<Validator> {
  const role = `validator-${index}`
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
