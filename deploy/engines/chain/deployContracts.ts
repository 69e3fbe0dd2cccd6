import { setTimeout as sleep } from 'node:timers/promises'
import { NoCodeYetError } from '../../../schemas/errors/chain.ts'
import { InvariantError } from '../../../schemas/errors/wattproofError.ts'
import type { Address } from '../../../schemas/ids.ts'
import type { ContractName } from '../../../schemas/ports/chain.ts'
import { type ConnectedChain, readCall } from './ethersChain.ts'
import { bytes } from './ethersChainAnswers.ts'

export type DeployContractsOptions = {
  /** The sender of the connection: proposes, commits baselines, deploys. */
  readonly guardian: Address
  /** The first validators and their initial stakes, micros; in any order. */
  readonly founders: readonly { readonly address: Address; readonly stakeMicros: number | bigint }[]
  /** Number of settlements until genesis stake counts nothing. */
  readonly genesisPeriods: number
  readonly challengeWindowS: number
  /** Longer than the challenge window. */
  readonly unbondingS: number
  /** Minted to the vault, once, micros. */
  readonly fundMicros: number | bigint
}

export type ContractAddresses = Readonly<Record<ContractName, Address>>

/**
 * Deploys our contracts to a chain and connects them; the connection's sender is their operator.
 *
 * What does not need each other's address is sent at once: 12 transactions are waited for in 4
 * rounds. Every step has a name in the sender's journal and happens once, so that a deployment that
 * was killed midway is continued by the next start, and later starts only read. Deployed contracts
 * stay: later changes of the options have no effect.
 */
export async function deployContracts(
  chain: ConnectedChain,
  options: DeployContractsOptions,
): Promise<ContractAddresses> {
  const operator = chain.transactions.sender
  const deploy = (contract: ContractName, args: readonly unknown[]) =>
    deployOne(chain, contract, args)
  const [token, baselines, notifier] = await Promise.all([
    deploy('ProgrammeToken', [operator]),
    deploy('BaselineCommitment', [operator]),
    deploy('SettlementNotifier', [operator]),
  ])
  const [registry, vault, ledger] = await Promise.all([
    deploy('ValidatorRegistry', [
      token,
      options.founders.map((each) => each.address),
      options.founders.map((each) => each.stakeMicros),
      options.genesisPeriods,
      options.unbondingS,
      operator,
    ]),
    deploy('IncentiveVault', [token, operator]),
    deploy('SettlementLedger', [notifier]),
  ])
  const anchor = await deploy('SettlementAnchor', [
    ...[operator, options.guardian, registry, vault, baselines, notifier],
    options.challengeWindowS,
  ])
  const addresses: ContractAddresses = {
    ProgrammeToken: token,
    BaselineCommitment: baselines,
    ValidatorRegistry: registry,
    SettlementAnchor: anchor,
    IncentiveVault: vault,
    SettlementNotifier: notifier,
    SettlementLedger: ledger,
  }
  await connectContracts(chain, addresses, options)
  return addresses
}

async function connectContracts(
  chain: ConnectedChain,
  at: ContractAddresses,
  options: DeployContractsOptions,
): Promise<void> {
  const call = async (contract: ContractName, method: string, args: readonly unknown[]) => {
    const data = chain.contracts.encode({ contract, method, args })
    const once = `deploy ${contract}.${method}`
    await chain.transactions.submit({ once, contract, method, to: at[contract], data })
  }
  await Promise.all([
    call('ValidatorRegistry', 'connect', [at.IncentiveVault, at.SettlementAnchor]),
    call('IncentiveVault', 'connect', [at.SettlementAnchor, at.ValidatorRegistry]),
    call('SettlementNotifier', 'connect', [at.SettlementAnchor]),
    call('SettlementNotifier', 'subscribe', [at.SettlementLedger]),
    BigInt(options.fundMicros) > 0n &&
      call('ProgrammeToken', 'mint', [at.IncentiveVault, options.fundMicros]),
  ])
}

/** The address of a contract that is deployed when this resolves. */
async function deployOne(
  chain: ConnectedChain,
  contract: ContractName,
  args: readonly unknown[],
): Promise<Address> {
  const { contractAddress } = await chain.transactions.submit({
    once: `deploy ${contract}`,
    contract,
    method: 'constructor',
    to: null,
    data: chain.contracts.encodeDeploy(contract, args),
  })
  if (!contractAddress) throw new InvariantError(`${contract} was deployed without an address.`)
  await waitForCode(chain, contract, contractAddress)
  return contractAddress
}

const codeLooksMax = 10
const codeLookMs = 250

/** Behind one URL there may be several nodes, of which one is a few blocks late. */
async function waitForCode(
  { rpc }: ConnectedChain,
  contract: ContractName,
  address: Address,
): Promise<void> {
  for (let looks = 1; ; looks++) {
    if ((await rpc.read(bytes, 'eth_getCode', [address, 'latest'])) !== '0x') return
    if (looks === codeLooksMax) throw new NoCodeYetError({ contract, address })
    await sleep(codeLookMs)
  }
}

/** What the vault may pay out, micros: the sum transferred to it. */
export async function vaultBalance(chain: ConnectedChain, at: ContractAddresses): Promise<bigint> {
  const call = {
    contract: 'ProgrammeToken' as const,
    method: 'balanceOf',
    args: [at.IncentiveVault],
  }
  return (await readCall(chain, call, at.ProgrammeToken)) as bigint
}
