import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { NoModelReleasedError } from '../../schemas/errors/forecast.ts'
import type { Address } from '../../schemas/ids.ts'
import type { IngestCounters } from '../../schemas/reading/reading.ts'
import { isoUtc } from '../../schemas/time.ts'
import type { Anchors } from '../../serving/shapes/chain.ts'
import type { Model, Status } from '../../serving/shapes/status.ts'
import type { ApiClient } from '../client/client.ts'
import { collectSettled, type Settled } from './collectSettled.ts'
import type { Injected } from './disturb.ts'
import type { Fontana } from './fontana.ts'
import { type London, londonIntervalS } from './london.ts'
import { plannedEvents, solarEvent } from './plan.ts'

/**
 * The answer of a demo with `--json`: London, and the homes with PV under `solar`. Micros are whole
 * millionths of the currency of the terms.
 */
export type DemoSummary = Settled & {
  readonly readings: IngestCounters
  readonly injected: Injected
  readonly forecast: { maeWh: number; naiveMaeWh: number; ratio: number }
  readonly solar: SolarSummary
  /** sha256 of the merged views as CSV: equal for two runs with equal results. */
  readonly views: Readonly<Record<string, string>>
  readonly seconds: Readonly<Record<string, number>>
}

export type SolarSummary = Settled & {
  readonly sites: number
  /** Sent; stored and counting; of these, below zero: what was fed in, and no PV's own meter. */
  readonly readings: { readonly sent: number; readonly stored: number; readonly negative: number }
}

export type CollectSummaryParameters = {
  readonly client: ApiClient
  readonly dir: string
  readonly rpcUrl: string
  /** What was injected into London's readings. */
  readonly injected: Injected
  readonly solarSent: number
  readonly london: London
  readonly fontana: Fontana
  readonly accounts: ReadonlyMap<string, Address>
  readonly seconds: () => Readonly<Record<string, number>>
}

export async function collectSummary(parameters: CollectSummaryParameters): Promise<DemoSummary> {
  const { client, dir, london } = parameters
  const [status, models, anchors] = await Promise.all([
    client.get<Status>('/status'),
    client.get<{ models: Model[] }>('/models'),
    client.get<Anchors>('/anchors'),
  ])
  const released = models.models.find((each) => {
    return each.isReleased && each.hyperparameters.intervalS === londonIntervalS
  })
  if (!released) throw new NoModelReleasedError()
  const { maeWh = 0, naiveMaeWh = 0, ratio = 0 } = released.metrics
  const settled = await collectSettled({
    ...{ client, anchors, rpcUrl: parameters.rpcUrl, folder: path.join(dir, 'bundles') },
    ...{ events: plannedEvents.map(({ id }) => id), meters: london.dynamic },
    accounts: accountsOf(london.dynamic, parameters),
  })
  const solar = await collectSolar(parameters, anchors)
  const views = await hashViews(client)
  writePublished(dir, await fetchPublished(client, anchors))
  return {
    readings: withoutSolar(status.readings, solar),
    injected: parameters.injected,
    forecast: { maeWh, naiveMaeWh, ratio },
    ...settled,
    solar,
    views,
    seconds: parameters.seconds(),
  }
}

/** London's counters: all that was read, less the homes with PV, whose readings are all valid. */
function withoutSolar(all: IngestCounters, { readings }: SolarSummary): IngestCounters {
  const { stored } = readings
  return { ...all, read: all.read - stored, accepted: all.accepted - stored }
}

async function collectSolar(
  parameters: CollectSummaryParameters,
  anchors: Anchors,
): Promise<SolarSummary> {
  const { client, dir, rpcUrl, fontana, solarSent } = parameters
  const nets = fontana.sites.map(({ net }) => net)
  const settled = await collectSettled({
    ...{ client, anchors, rpcUrl, folder: path.join(dir, 'solar-bundles') },
    ...{ events: [solarEvent.id], meters: nets, accounts: accountsOf(nets, parameters) },
  })
  const stored = []
  for (const meter of fontana.sites.flatMap(({ net, generation }) => [net, generation])) {
    const range = `from=${isoUtc(viewsFromMs)}&to=${isoUtc(viewsToMs)}&limit=50000`
    const { rows } = await client.get<{ rows: { energyMwh: number }[] }>(
      `/views/readings?meter=${meter}&${range}`,
    )
    stored.push(...rows)
  }
  const negative = stored.filter(({ energyMwh }) => energyMwh < 0).length
  const readings = { sent: solarSent, stored: stored.length, negative }
  return { sites: nets.length, readings, ...settled }
}

function accountsOf(
  meters: readonly string[],
  { accounts }: CollectSummaryParameters,
): ReadonlySet<Address> {
  return new Set(meters.map((meter) => accounts.get(meter)!.toLowerCase() as Address))
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

const hashedViews = ['deviation', 'group', 'forecast', 'baseline'] as const
const viewsFromMs = Date.parse('2013-01-01T00:00:00Z')
const viewsToMs = Date.parse('2013-02-24T00:00:00Z')
/** Three days of 62 homes are some 9,000 rows; one answer has at most 50,000. */
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
