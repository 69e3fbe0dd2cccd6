import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EventId, type MeterId, meterId } from '../../schemas/ids.ts'
import { type EpochMs, isoUtc } from '../../schemas/time.ts'
import { toJson } from '../../schemas/units.ts'
import { makeBundle } from '../../serving/settlement/bundle/makeBundle.ts'
import { recoverSigner } from '../../serving/settlement/recoverSigner.ts'
import { openSiteStore } from '../../serving/store/siteStore.ts'
import { at, draftOf, hourMs, meters, stepMs, terms, zone } from '../../serving/testing/drafts.ts'
import {
  accounts,
  addresses,
  chain,
  clock,
  closeHarness,
  moveTo,
  openHarness,
  serving,
  startValidators,
  store,
  storeUrl,
  until,
} from '../../serving/testing/settlementHarness.ts'
import { verifyBundleOnChain } from '../../serving/validate/verifyBundleOnChain.ts'
import type { ReadingsAnswer } from '../../speed/api/describeRoutes.ts'
import { registerReadingsRoutes } from '../../speed/api/readingsRoutes.ts'
import { createMeterRegistry } from '../../speed/api/registry.ts'
import { type BothLayers, openBothLayers } from '../testing/bothLayers.ts'

/**
 * Sites with PV from readings below zero to a proved claim, on a real log, store and chain: ROOF
 * has one net meter; HOUSE is settled as the load behind its PV, net + generation.
 */
let layers: BothLayers
let app: FastifyInstance

const startMs = at('2013-02-11T12:00')
const endMs = startMs + 4 * stepMs
const [roof, net, generation] = ['ROOF', 'HOUSE-NET', 'HOUSE-PV'].map(meterId)

beforeAll(async () => {
  await openHarness()
  layers = await openBothLayers([], storeUrl())
  app = Fastify()
  const { log, views } = layers
  const registry = createMeterRegistry(views)
  registerReadingsRoutes(app, { log, views, clock, registry, partitions: 2, limits: {} })
  await app.ready()
})

afterAll(async () => {
  await app?.close()
  await layers?.stop()
  await closeHarness()
})

test('a site with PV: from readings below zero to a claim that anyone can recompute', async () => {
  await enrolSites()
  const dayMs = at('2013-02-11T00:00')
  const history = await post(rowsOf(at('2013-01-05T00:00'), dayMs, usualWh))
  expect(history).toMatchObject({ rejectedCount: 0, queued: 3 * 37 * 48 })
  await refuseNegativeImport()
  await layers.publish({ highWaterMs: dayMs, zone, after: 0 })

  const draft = draftOf('sun-2013-02-11', '2013-02-11T12:00', '2013-02-11T14:00')
  const participants = [meterId('HOUSE'), meterId('ROOF')]
  expect((await serving.createEvent({ ...draft, participants })).state).toBe('announced')

  // Until an hour before the event both sites are 50 Wh above their usual: baselines follow.
  clock.ms = startMs - hourMs
  await post(rowsOf(dayMs, startMs - hourMs, (meter, ms) => usualWh(meter, ms) + lateWh(meter)))
  await layers.archive()
  await moveTo(startMs - 900_000)
  const committed = await until(draft.id, 'committed')
  // Usually -600 and 400 Wh at noon, shifted to -550 and 450; a tenth of each magnitude.
  expect(committed.orderedMwh).toBe(4 * (55_000 + 45_000))

  await moveTo(startMs)
  await until(draft.id, 'running')
  clock.ms = endMs
  await post(rowsOf(startMs, endMs, eventWh))
  await layers.catchUp()
  await layers.archive()
  await checkLive()
  // Readings of the next hour say that none of the event is to come.
  clock.ms = endMs + hourMs
  await post(rowsOf(endMs, endMs + hourMs, usualWh))
  await layers.catchUp()
  await moveTo(endMs + hourMs)
  const ended = await until(draft.id, 'ended')
  expect(ended.speedDeliveredMwh).toBe(4 * (55_000 + 45_000))

  const validators = await startValidators([0, 1, 2, 3])
  await moveTo(endMs + 2 * hourMs)
  const attested = await until(draft.id, 'attested')
  expect(attested).toMatchObject({ deliveredMwh: ended.speedDeliveredMwh, deficiencyMwh: 0 })
  await moveTo(endMs + 4 * hourMs)
  await until(draft.id, 'final')
  const report = await serving.claim(draft.id)
  await until(draft.id, 'paid')
  await validators.stop()
  // 0.40 kWh at 0.50.
  expect(report.sumMicros).toBe(200_000n)
  await checkBundles(draft.id, participants)
}, 300_000)

async function enrolSites(): Promise<void> {
  const common = { zone, group: 'sun', intervalS: 1800 }
  const bodies = [
    { meter: 'ROOF', kind: 'net', account: accounts[4] },
    { meter: 'HOUSE-NET', site: 'HOUSE', kind: 'net', account: accounts[5] },
    { meter: 'HOUSE-PV', site: 'HOUSE', kind: 'generation' },
  ].map((each) => ({ ...common, ...each }))
  const url = '/api/v1/meters'
  const { statusCode, body } = await app.inject({ method: 'POST', url, payload: bodies })
  expect([statusCode, body]).toEqual([200, expect.any(String)])
  const point = {
    site: 'HOUSE',
    programme: terms.programme,
    from: '2013-01-01',
    quantity: 'load',
  } as const
  await openSiteStore({ views: layers.views, clock }).setPoints([point])
}

/** A register that only counts up has no such value; which kind it is, is said. */
async function refuseNegativeImport(): Promise<void> {
  const answer = await post([lineOf(meters[0]!, at('2013-02-10T12:00'), -1)])
  expect(answer.rejected).toMatchObject([
    { reason: 'negative-energy', detail: expect.stringContaining('of the kind import') },
  ])
}

/** Wh an interval. At noon ROOF feeds in 600, and HOUSE 500 while its PV makes 900. */
function usualWh(meter: MeterId, ms: EpochMs): number {
  const hour = (ms - at('2013-01-01T00:00')) / hourMs
  const isNoon = hour % 24 >= 10 && hour % 24 < 15
  if (meter === roof) return isNoon ? -600 : 200
  if (meter === generation) return isNoon ? 900 : 0
  return isNoon ? -500 : 250
}

/** How much more than usual on the day. */
function lateWh(meter: MeterId): number {
  return meter === generation ? 0 : 50
}

/** ROOF feeds in 60 Wh more than its baseline of -550; HOUSE uses 400, 50 less than its 450. */
function eventWh(meter: MeterId): number {
  if (meter === roof) return -610
  return meter === generation ? 700 : -300
}

/** The live row of a net meter: a baseline below zero, no ratio, the shift of the day so far. */
async function checkLive(): Promise<void> {
  const range = { from_ms: startMs, to_ms: startMs + stepMs, limit: 10 }
  const [row] = await layers.views.query('merged_deviation', { meter: 'ROOF', group: '', ...range })
  expect(row).toMatchObject({ energy_mwh: -610_000, baseline_mwh: -600_000, ratio: null })
  // -1220 W against a usual of -1200 W, and the day so far was 100 W above its usual.
  expect(row!.deviation_w).toBeCloseTo(-120, 2)
  const [sum] = await layers.views.query('merged_group', { group: 'sun', ...range })
  // 610 and 300 Wh fed in within half an hour; the PV behind HOUSE is in its net already.
  expect(sum).toMatchObject({ members: 2, load_w: -1820 })
}

async function checkBundles(id: EventId, members: readonly MeterId[]): Promise<void> {
  const { record } = (await store().record(id, 0))!
  expect(record.verdicts.filter(({ signature }) => signature !== null)).toHaveLength(4)
  for (const meter of members) {
    const bundle = makeBundle({ record, meter })
    expect(bundle.line.intervals.some((each) => each.metered < 0)).toBe(meter === roof)
    const verified = await verifyBundleOnChain(JSON.parse(toJson(bundle)), {
      recoverSigner,
      read: (call) => chain.read(call),
      readChainId: async () => (await chain.identity()).chainId,
      trustedAnchor: addresses.SettlementAnchor,
    })
    expect(verified.checks.filter(({ ok }) => !ok)).toEqual([])
    expect(verified.sentence).toContain('all of it is claimed')
  }
}

function rowsOf(fromMs: EpochMs, toMs: EpochMs, whOf: (meter: MeterId, ms: EpochMs) => number) {
  const lines: string[] = []
  for (let ms = fromMs; ms < toMs; ms += stepMs) {
    for (const meter of [roof!, net!, generation!]) lines.push(lineOf(meter, ms, whOf(meter, ms)))
  }
  return lines
}

function lineOf(meter: MeterId, ms: EpochMs, energyWh: number): string {
  return JSON.stringify({ meter, start: isoUtc(ms), duration_s: 1800, energy_wh: energyWh })
}

async function post(lines: readonly string[]): Promise<ReadingsAnswer> {
  const response = await app.inject({
    ...{ method: 'POST', url: '/api/v1/readings', payload: lines.join('\n') },
    headers: { 'content-type': 'application/x-ndjson' },
  })
  expect([response.statusCode, response.body]).toEqual([202, expect.any(String)])
  return response.json<ReadingsAnswer>()
}
