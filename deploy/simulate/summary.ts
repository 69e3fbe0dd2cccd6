import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { NoModelReleasedError } from '../../schemas/errors/forecast.ts'
import { InvariantError } from '../../schemas/errors/wattproofError.ts'
import type { Address } from '../../schemas/ids.ts'
import type { IngestCounters } from '../../schemas/reading/reading.ts'
import { isoUtc } from '../../schemas/time.ts'
import { toJson } from '../../schemas/units.ts'
import type { Anchors } from '../../serving/shapes/chain.ts'
import type { Event } from '../../serving/shapes/events.ts'
import type { SettlementBody } from '../../serving/shapes/settlement.ts'
import type { Model, Status } from '../../serving/shapes/status.ts'
import { checkOnChain } from '../client/checkBundle.ts'
import type { ApiClient } from '../client/client.ts'
import { retryWhileDown } from '../client/retryWhileDown.ts'
import { readEvents } from '../engines/chain/ethersChain.ts'
import { wattproofArtifacts } from '../engines/chain/ethersChainArtifacts.ts'
import { openContracts } from '../engines/chain/ethersChainContracts.ts'
import { openRpc } from '../engines/chain/ethersChainRpc.ts'
import type { Injected } from './disturb.ts'
import { plannedEvents } from './plan.ts'

/** The answer of a demo with `--json`. Micros are whole millionths of a pound. */
export type DemoSummary = {
  readonly readings: IngestCounters
  readonly injected: Injected
  readonly forecast: { maeWh: number; naiveMaeWh: number; ratio: number }
  readonly events: readonly DemoEvent[]
  readonly settlements: readonly DemoSettlement[]
  readonly claims: { count: number; sumMicros: bigint | string | number }
  readonly proofs: { verified: number; bundles: number }
  /** sha256 of the merged views as CSV: equal for two runs with equal results. */
  readonly views: Readonly<Record<string, string>>
  readonly seconds: Readonly<Record<string, number>>
}

type DemoEvent = Pick<Event, 'id' | 'orderedMwh' | 'deliveredMwh' | 'deficiencyMwh'> & {
  readonly baselineMethod: string
  readonly speedDeliveredMwh: number | null
  readonly verifications: Event['verifications']
}

type DemoSettlement = {
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

export type CollectSummaryParameters = {
  readonly client: ApiClient
  readonly dir: string
  readonly rpcUrl: string
  readonly injected: Injected
  readonly meters: readonly string[]
  readonly seconds: () => Readonly<Record<string, number>>
}

/**
 * Collects the results of a demo and checks them: bundles are fetched and verified against the
 * chain, claims are read from the vault's own events.
 */
export async function collectSummary(parameters: CollectSummaryParameters): Promise<DemoSummary> {
  const { client, dir, rpcUrl } = parameters
  const [status, models, anchors] = await Promise.all([
    client.get<Status>('/status'),
    client.get<{ models: Model[] }>('/models'),
    client.get<Anchors>('/anchors'),
  ])
  const events = await Promise.all(
    plannedEvents.map((each) => client.get<Event>(`/events/${each.id}`)),
  )
  const settlements = await Promise.all(
    events.map(async (event) => {
      const settlement = await client.get<SettlementBody>(`/events/${event.id}/settlement`)
      return describeSettlement(settlement, anchors)
    }),
  )
  const released = models.models.find((each) => each.isReleased)
  if (!released) throw new NoModelReleasedError()
  const { maeWh = 0, naiveMaeWh = 0, ratio = 0 } = released.metrics
  const proofs = await fetchBundles(parameters, { events, anchors })
  const vault = anchors.contracts.IncentiveVault as Address
  const views = await hashViews(client)
  writePublished(dir, await fetchPublished(client, anchors))
  return {
    readings: status.readings,
    injected: parameters.injected,
    forecast: { maeWh, naiveMaeWh, ratio },
    events: events.map(describeEvent),
    settlements,
    claims: await retryWhileDown(() => readClaims(rpcUrl, vault)),
    proofs,
    views,
    seconds: parameters.seconds(),
  }
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

async function fetchBundles(
  { client, dir, rpcUrl, meters }: CollectSummaryParameters,
  { events, anchors }: { events: readonly Event[]; anchors: Anchors },
): Promise<DemoSummary['proofs']> {
  const folder = path.join(dir, 'bundles')
  mkdirSync(folder, { recursive: true })
  const anchor = anchors.contracts.SettlementAnchor as Address
  let verified = 0
  let bundles = 0
  for (const event of events) {
    for (const meter of meters) {
      const bundle = await client.get<unknown>(`/meters/${meter}/bundles/${event.id}`)
      writeFileSync(path.join(folder, `${event.id}-${meter}.json`), `${toJson(bundle, 2)}\n`)
      bundles++
      const verdict = await retryWhileDown(() => checkOnChain(bundle, { rpc: rpcUrl, anchor }))
      if (verdict.ok) verified++
    }
  }
  return { verified, bundles }
}

async function fetchPublished(client: ApiClient, { anchors }: Anchors) {
  const fetched = anchors.map(async ({ period: settlementNumber, eventId }) => {
    return {
      name: eventId ?? `settlement-${settlementNumber}`,
      body: await client.text(`/anchors/${settlementNumber}/published`),
    }
  })
  return Promise.all(fetched)
}

function writePublished(dir: string, published: readonly { name: string; body: string }[]): void {
  const folder = path.join(dir, 'published')
  mkdirSync(folder, { recursive: true })
  for (const { name, body } of published) writeFileSync(path.join(folder, `${name}.json`), body)
}

/** What the vault paid or staked, from its own events. */
async function readClaims(rpcUrl: string, vault: Address): Promise<DemoSummary['claims']> {
  const chain = { rpc: openRpc(rpcUrl), contracts: openContracts(wattproofArtifacts) }
  const place = { contract: 'IncentiveVault', address: vault, fromBlock: 0 } as const
  const claims = (await readEvents(chain, place)).filter(({ name }) => name === 'Claimed')
  const sumMicros = claims.reduce((sum, { args }) => sum + BigInt(String(args.amount)), 0n)
  return { count: claims.length, sumMicros }
}

const hashedViews = ['deviation', 'group', 'forecast', 'baseline'] as const
const viewsFromMs = Date.parse('2013-01-01T00:00:00Z')
const viewsToMs = Date.parse('2013-02-24T00:00:00Z')
/** Three days of 60 homes are 8,640 rows; one answer has at most 50,000. */
const pageMs = 3 * 86_400_000

async function hashViews(client: ApiClient): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {}
  for (const view of hashedViews) {
    const hash = createHash('sha256')
    for (let ms = viewsFromMs; ms < viewsToMs; ms += pageMs) {
      const range = `from=${isoUtc(ms)}&to=${isoUtc(ms + pageMs)}`
      hash.update(await client.text(`/views/${view}?${range}&limit=50000&format=csv`))
    }
    hashes[view] = hash.digest('hex')
  }
  return hashes
}

/** The summary as text. */
export function describeSummary(summary: DemoSummary): string {
  const { readings, forecast, claims, proofs } = summary
  const pounds = (micros: number | string | bigint) => `£${(Number(micros) / 1e6).toFixed(2)}`
  const kwh = (mwh: number | null) => `${((mwh ?? 0) / 1e6).toFixed(3)} kWh`
  const events = summary.events.map((event, index) => {
    const settlement = summary.settlements[index]!
    return (
      `  ${event.id}: ${kwh(event.deliveredMwh)} of ${kwh(event.orderedMwh)} delivered ` +
      `(live figure ${kwh(event.speedDeliveredMwh)}); ${pounds(settlement.payMicros)} in ` +
      `${settlement.leaves} lines under ${settlement.root.slice(0, 10)}…; attested by ` +
      `${settlement.validators} validators, ` +
      `${Math.round(settlement.earnedStakeShare * 100)} % of the stake was earned.`
    )
  })
  return [
    `Readings: ${readings.read} read = ${readings.accepted} accepted + ${readings.duplicate} ` +
      `duplicate + ${readings.rejected} rejected (${readings.late} late, ` +
      `${readings.corrected} corrected).`,
    `Forecast: ${forecast.maeWh.toFixed(1)} Wh mean error against ` +
      `${forecast.naiveMaeWh.toFixed(1)} for last week's (ratio ${forecast.ratio.toFixed(3)}).`,
    ...events,
    `Paid: ${pounds(claims.sumMicros)} in ${claims.count} claims; ${proofs.verified} of ` +
      `${proofs.bundles} proofs verify against the chain.`,
    `Seconds: ${Object.entries(summary.seconds)
      .map(([name, seconds]) => `${name} ${seconds}`)
      .join(', ')}.`,
  ].join('\n')
}
