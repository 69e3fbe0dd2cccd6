import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Chain } from '../../schemas/ports/chain.ts'
import type { Clock } from '../../schemas/ports/clock.ts'
import { type HeadWatch, watchHead } from '../../serving/validate/watchHead.ts'
import { blockFile, readDurableBlock } from '../embedded/anvilState.ts'
import { deployContracts } from '../engines/chain/deployContracts.ts'
import { connectChain, openEthersChain } from '../engines/chain/ethersChain.ts'
import { wattproofArtifacts } from '../engines/chain/ethersChainArtifacts.ts'
import { readHead } from '../engines/chain/ethersChainHead.ts'
import type { Journal } from '../engines/chain/ethersChainJournal.ts'
import { openRpc } from '../engines/chain/ethersChainRpc.ts'
import {
  addressOfKey,
  openSigner,
  type Signer,
  type SignerConfig,
} from '../engines/chain/ethersChainSigner.ts'
import { watchFolder } from '../engines/notices/watchFolder.ts'
import { chainUrlOf, keepContracts } from '../installation/addresses.ts'
import type { Config } from '../installation/config.ts'
import type { Secrets } from '../installation/secrets.ts'

export type RoleOnChain = {
  readonly signer: Signer
  /** @param healMs as of `connectChain`. */
  connect(journal: Journal, healMs?: number | null): Connecting
}
type Connecting = ReturnType<typeof connectChain>

/** A role of the installation on the chain: its key, and a connection that sends with it. */
export async function openRole(options: {
  readonly config: Config
  readonly secrets: Secrets
  readonly clock: Clock
  readonly role: string
}): Promise<RoleOnChain> {
  const { config, secrets, clock, role } = options
  return openSender({ config, clock, signer: { privateKey: secrets.keyOf(role) } })
}

/**
 * Any key on the chain, and a connection that sends with it; no secret of the installation is
 * needed.
 */
export async function openSender(options: {
  readonly config: Config
  readonly clock: Clock
  readonly signer: SignerConfig
}): Promise<RoleOnChain> {
  const { config, clock } = options
  const signer = await openSigner(options.signer)
  const durableBlock = () => readDurableBlock(path.join(config.dir, 'chain'))
  return {
    signer,
    connect: (journal, healMs) =>
      connectChain({
        url: chainUrlOf(config),
        artifacts: wattproofArtifacts,
        ...{ signer, journal },
        ...(healMs === undefined ? {} : { healMs }),
        ...(config.isChainEmbedded ? { followClock: clock, durableBlock } : { confirmations: 2 }),
      }),
  }
}

/** The longest pause between two reads of the head while no block comes, ms. */
const headPauseMsMax = 2_000
/** The same where blocks are announced. */
const announcedPauseMsMax = 10_000

/** The newest block of the configured chain. */
export function openHeadWatch(config: Config, clock: Clock, signal: AbortSignal): HeadWatch {
  const rpc = openRpc(chainUrlOf(config))
  const read = async () => (await readHead(rpc)).hash
  const chainDir = path.join(config.dir, 'chain')
  // Somebody else's validator has no folder of the chain, nor has one on another machine.
  const isHere = config.isChainEmbedded && existsSync(chainDir)
  if (!isHere) return watchHead({ read, clock, signal, pauseMsMax: headPauseMsMax })
  const notices = watchFolder(chainDir, (name) => name === blockFile)
  return watchHead({ read, clock, signal, notices, pauseMsMax: announcedPauseMsMax })
}

/** The operator's chain, with all contracts deployed and connected. */
export async function openOperatorChain(options: {
  readonly config: Config
  readonly secrets: Secrets
  readonly connected: Awaited<Connecting>
}): Promise<Chain> {
  const { config, secrets, connected } = options
  const addressOf = (role: string) => addressOfKey(secrets.keyOf(role))
  // The registry has no meaning without a founder: where none is to run, one that does not.
  const foundersOurs = Math.max(config.validators, 1)
  const ours = Array.from({ length: foundersOurs }, (_, at) => addressOf(`validator-${at}`))
  const addresses = await deployContracts(connected, {
    guardian: addressOf('guardian'),
    founders: (config.founders ?? ours).map((address) => {
      return { address, stakeMicros: config.genesisMicros }
    }),
    genesisPeriods: config.genesisPeriods,
    challengeWindowS: config.challengeWindowS,
    unbondingS: 7 * config.challengeWindowS,
    fundMicros: config.fundMicros,
  })
  keepContracts(config, addresses)
  return openEthersChain(connected, addresses)
}

/** The journal of a sender without a store. */
export function journalFile(config: Config, role: string): string {
  return path.join(config.dir, `transactions-${role}.jsonl`)
}
