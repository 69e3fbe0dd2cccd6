import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { InvariantError } from '../../schemas/errors/wattproofError.ts'
import type { Address, EventId } from '../../schemas/ids.ts'
import { toJson } from '../../schemas/units.ts'
import type { Anchors } from '../../serving/shapes/chain.ts'
import type { Event } from '../../serving/shapes/events.ts'
import type { SettlementBody } from '../../serving/shapes/settlement.ts'
import { checkOnChain } from '../client/checkBundle.ts'
import type { ApiClient } from '../client/client.ts'
import { retryWhileDown } from '../client/retryWhileDown.ts'
import { readEvents } from '../engines/chain/ethersChain.ts'
import { wattproofArtifacts } from '../engines/chain/ethersChainArtifacts.ts'
import { openContracts } from '../engines/chain/ethersChainContracts.ts'
import { openRpc } from '../engines/chain/ethersChainRpc.ts'

export type DemoEvent = Pick<Event, 'id' | 'orderedMwh' | 'deliveredMwh' | 'deficiencyMwh'> & {
  readonly baselineMethod: string
  readonly speedDeliveredMwh: number | null
  readonly verifications: Event['verifications']
}

export type DemoSettlement = {
  readonly event: string
  readonly leaves: number
  readonly payMicros: number | string
  readonly feeMicros: number | string
  readonly root: string
  readonly final: boolean
  readonly validators: number
  readonly stakeFor: number | string
  readonly stakeTotal: number | string
  readonly earnedStakeShare: number
  readonly gas: number
}

/** What became of some events, from the API, the chain and the proofs themselves. */
export type Settled = {
  readonly events: readonly DemoEvent[]
  readonly settlements: readonly DemoSettlement[]
  readonly claims: { count: number; sumMicros: bigint | string | number }
  readonly proofs: { verified: number; bundles: number }
}

export type CollectSettledParameters = {
  readonly client: ApiClient
  readonly rpcUrl: string
  readonly anchors: Anchors
  readonly events: readonly EventId[]
  readonly meters: readonly string[]
  /** Accounts whose claims are counted. */
  readonly accounts: ReadonlySet<Address>
  /** Where the bundles are written. */
  readonly folder: string
}

/**
 * Bundles are fetched and verified against the chain, claims are read from the vault's own events.
 */
export async function collectSettled(parameters: CollectSettledParameters): Promise<Settled> {
  const { client, anchors, accounts, rpcUrl } = parameters
  const events = await Promise.all(
    parameters.events.map((id) => client.get<Event>(`/events/${id}`)),
  )
  const settlements = await Promise.all(
    events.map(async ({ id }) => {
      const settlement = await client.get<SettlementBody>(`/events/${id}/settlement`)
      return describeSettlement(settlement, anchors)
    }),
  )
  const proofs = await fetchBundles(parameters)
  const vault = anchors.contracts.IncentiveVault as Address
  const claims = await retryWhileDown(() => readClaims(rpcUrl, { vault, accounts }))
  return { events: events.map(describeEvent), settlements, claims, proofs }
}

function describeEvent(event: Event): DemoEvent {
  const { id, orderedMwh, deliveredMwh, deficiencyMwh, speedDeliveredMwh, verifications } = event
  const { baselineMethod } = event.terms
  return {
    ...{ id, baselineMethod, orderedMwh, deliveredMwh, deficiencyMwh, speedDeliveredMwh },
    verifications,
  }
}

function describeSettlement(settlement: SettlementBody, { anchors }: Anchors): DemoSettlement {
  const anchor = anchors.find((each) => each.period === settlement.period)
  if (!anchor) throw new InvariantError(`${settlement.id} was never proposed on chain.`)
  const gasOf = new Map(anchor.transactions.map((each) => [each.transaction, each.gasUsed ?? 0]))
  return {
    event: settlement.id,
    leaves: settlement.header.leafCount,
    payMicros: settlement.header.totalPay,
    feeMicros: settlement.header.totalFee,
    root: settlement.header.root,
    final: settlement.isFinal,
    validators: anchor.attestations.filter((each) => each.isOnChain).length,
    stakeFor: anchor.stakeForMicros,
    stakeTotal: anchor.stakeTotalMicros,
    earnedStakeShare: anchor.earnedStakeShare,
    gas: [...gasOf.values()].reduce((sum, each) => sum + each, 0),
  }
}

async function fetchBundles(parameters: CollectSettledParameters): Promise<Settled['proofs']> {
  const { client, rpcUrl, anchors, folder } = parameters
  mkdirSync(folder, { recursive: true })
  const anchor = anchors.contracts.SettlementAnchor as Address
  let verified = 0
  let bundles = 0
  for (const event of parameters.events) {
    for (const meter of parameters.meters) {
      const bundle = await client.get<unknown>(`/meters/${meter}/bundles/${event}`)
      writeFileSync(path.join(folder, `${event}-${meter}.json`), `${toJson(bundle, 2)}\n`)
      bundles++
      const verdict = await retryWhileDown(() => checkOnChain(bundle, { rpc: rpcUrl, anchor }))
      if (verdict.ok) verified++
    }
  }
  return { verified, bundles }
}

/** What the vault paid or staked of the accounts, from its own events. */
async function readClaims(
  rpcUrl: string,
  { vault, accounts }: { vault: Address; accounts: ReadonlySet<Address> },
): Promise<Settled['claims']> {
  const chain = { rpc: openRpc(rpcUrl), contracts: openContracts(wattproofArtifacts) }
  const place = { contract: 'IncentiveVault', address: vault, fromBlock: 0 } as const
  const claims = (await readEvents(chain, place)).filter(({ name, args }) => {
    return name === 'Claimed' && accounts.has(String(args.account).toLowerCase() as Address)
  })
  const sumMicros = claims.reduce((sum, { args }) => sum + BigInt(String(args.amount)), 0n)
  return { count: claims.length, sumMicros }
}
