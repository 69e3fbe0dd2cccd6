import { InvalidArgumentError } from '../../schemas/errors.ts'
import type { Address } from '../../schemas/ids.ts'
import type { ContractName } from '../../schemas/ports/chain.ts'
import { openEthersChain } from '../../serving/engines/ethersChain.ts'
import { fileJournal } from '../../serving/engines/ethersChainJournal.ts'
import { openHttpPublished } from '../../serving/engines/httpPublished.ts'
import { runValidator } from '../../serving/validate/runValidator.ts'
import { createApiClient } from '../commands/client.ts'
import type { Config } from '../config.ts'
import { openClock, openLogger } from '../ports.ts'
import { sayReady } from '../supervise/runtime.ts'
import { openSecrets } from '../supervise/secrets.ts'
import { journalFile, openRole } from './chain.ts'

/** A validator: needs the house's door, a chain and its own key, and no store of the house. */
export async function run(config: Config, signal: AbortSignal): Promise<void> {
  if (config.validator === null) {
    throw new InvalidArgumentError('Say which validator this is: WATTPROOF_VALIDATOR=0, 1, …')
  }
  const role = `validator-${config.validator}`
  const logger = openLogger(config, role)
  const secrets = openSecrets(config)
  const clock = openClock(config)
  const { signer, connect } = await openRole({ config, secrets, clock, role })
  const { url } = config
  const { token } = secrets
  const door = createApiClient({ url, token, signal, retriesMax: 20 })
  const { contracts } = await door.get<{ contracts: Record<ContractName, Address> }>('/anchors')
  const chain = openEthersChain(await connect(fileJournal(journalFile(config, role))), contracts)
  sayReady()
  await runValidator({
    ...{ chain, signer, clock, signal },
    client: openHttpPublished({ url, token }),
    say: (line) => logger.info(line),
  })
  await chain.close()
}
