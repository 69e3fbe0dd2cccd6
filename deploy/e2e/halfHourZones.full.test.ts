import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type MeterId, meterId } from '../../schemas/ids.ts'
import { type Grid, intervalAt } from '../../schemas/meter/grid.ts'
import { firstStep, withStep } from '../../schemas/meter/step.ts'
import { type EpochMs, isoUtc, localDayNamed } from '../../schemas/time.ts'
import { at, draftOf, hourMs, zone } from '../../serving/testing/drafts.ts'
import {
  accounts,
  clock,
  closeHarness,
  moveTo,
  openHarness,
  serving,
  startValidators,
  storeUrl,
  until,
} from '../../serving/testing/settlementHarness.ts'
import type { ReadingsAnswer } from '../../speed/api/describeRoutes.ts'
import { registerReadingsRoutes } from '../../speed/api/readingsRoutes.ts'
import { createMeterRegistry } from '../../speed/api/registry.ts'
import { type BothLayers, openBothLayers } from '../testing/bothLayers.ts'

/**
 * Hourly meters where local hours start half past in UTC, from the API to a settled event, on a
 * real log, store and chain. The high-water mark is midnight in London, so within an hour of each.
 */
let layers: BothLayers
let app: FastifyInstance

const kolkata = 'Asia/Kolkata'
const adelaide = 'Australia/Adelaide'
/** The hour of 12:00 in Kolkata, and the next one. */
const startMs = Date.parse('2013-02-11T12:00+05:30')
const endMs = startMs + 2 * hourMs
const changeMs = localDayNamed('2013-02-01', adelaide).startMs
const [k1, k2, a1] = ['K1', 'K2', 'A1'].map(meterId) as [MeterId, MeterId, MeterId]
const grids = new Map<MeterId, Grid>([
  [k1, { zone: kolkata, steps: firstStep(3600) }],
  [k2, { zone: kolkata, steps: firstStep(3600) }],
  [
    a1,
    {
      zone: adelaide,
      steps: withStep(firstStep(1800), { fromMs: changeMs, intervalS: 3600, gridOffsetS: 0 }),
    },
  ],
])
/** Where the next reading of each meter starts. */
const next = new Map<MeterId, EpochMs>()

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

test('hours of Kolkata and Adelaide become deviations, baselines and a settled event', async () => {
  await enrol()
  const dayMs = at('2013-02-11T00:00')
  for (const [meter, grid] of grids) {
    next.set(meter, intervalAt(grid, at('2013-01-05T00:00')).startMs)
  }
  // With the hour that contains the high-water mark.
  clock.ms = dayMs + hourMs
  expect(await post(rowsUntil(clock.ms, usualWh))).toMatchObject({ rejectedCount: 0 })
  await refuseOthers()
  await layers.publish({ highWaterMs: dayMs, zone, after: 0 })

  const draft = draftOf('half-past', isoUtc(startMs).slice(0, 16), isoUtc(endMs).slice(0, 16))
  const taking = { ...draft, participants: [k1, k2], controls: [] }
  await expect(serving.createEvent({ ...taking, startMs: startMs + hourMs / 2 })).rejects.toThrow(
    'An event begins and ends with an interval of 3600 s',
  )
  expect((await serving.createEvent(taking)).state).toBe('announced')
  clock.ms = startMs - hourMs
  await post(rowsUntil(startMs - hourMs, usualWh))
  await layers.archive()
  await moveTo(startMs - 900_000)
  // A tenth of 400 and of 500 Wh in each of two hours.
  expect((await until(draft.id, 'committed')).orderedMwh).toBe(2 * (40_000 + 50_000))

  await moveTo(startMs)
  await until(draft.id, 'running')
  clock.ms = endMs
  await post(rowsUntil(startMs, usualWh))
  await post(rowsUntil(endMs, (meter, ms) => usualWh(meter, ms) - 100))
  await layers.catchUp()
  await layers.archive()
  await checkLive()
  clock.ms = endMs + hourMs
  await post(rowsUntil(endMs + hourMs, usualWh))
  await layers.catchUp()
  await moveTo(endMs + hourMs)
  const ended = await until(draft.id, 'ended')
  expect(ended.speedDeliveredMwh).toBe(2 * (40_000 + 50_000))

  const validators = await startValidators([0, 1, 2, 3])
  await moveTo(endMs + 2 * hourMs)
  const attested = await until(draft.id, 'attested')
  expect(attested).toMatchObject({ deliveredMwh: ended.speedDeliveredMwh, deficiencyMwh: 0 })
  await validators.stop()

  // Published, what was live stays as it was, to the bit.
  clock.ms = at('2013-02-12T01:00')
  await post(rowsUntil(clock.ms, usualWh))
  await layers.catchUp()
  const before = await rowsOfDay()
  await layers.publish({ highWaterMs: at('2013-02-12T00:00'), zone, after: 1 })
  expect(await rowsOfDay()).toEqual(before)
  // 24 hours of each, and of its group, in each of two days; those that are cut are on both sides.
  expect(before.length).toBeGreaterThanOrEqual(2 * 24 * 5 - 5)
}, 300_000)

async function enrol(): Promise<void> {
  const india = { zone: kolkata, group: 'india', intervalS: 3600 }
  const bodies = [
    { ...india, meter: k1, account: accounts[4] },
    { ...india, meter: k2, account: accounts[5] },
    { meter: a1, zone: adelaide, group: 'south', intervalS: 1800 },
  ]
  const change = { meter: a1, intervalS: 3600, from: '2013-02-01' }
  for (const payload of [bodies, [change]]) {
    const answer = await app.inject({ method: 'POST', url: '/api/v1/meters', payload })
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { enrolled: payload.length, unchanged: 0 },
    ])
  }
}

/** An hour of UTC, and an hour before the step was one, are none of theirs. */
async function refuseOthers(): Promise<void> {
  const { rejected } = await post([
    lineOf(k1, { startMs: Date.parse('2013-02-10T12:00Z'), durationS: 3600 }, 1),
    lineOf(a1, { startMs: Date.parse('2013-01-20T12:00+10:30'), durationS: 3600 }, 1),
    lineOf(a1, { startMs: Date.parse('2013-02-02T12:00+10:30'), durationS: 1800 }, 1),
  ])
  const reasons = rejected.map(({ reason }) => reason)
  expect(reasons).toEqual(['overlap', 'wrong-interval', 'wrong-interval'])
}

/**
 * The hours at noon in Kolkata, and at 17:00 in Adelaide, with the half-hours before its change.
 */
async function checkLive(): Promise<void> {
  const range = { from_ms: startMs, to_ms: startMs + hourMs, limit: 10 }
  const ask = (meter: MeterId) => ({ meter, group: '', ...range })
  const [row] = await layers.views.query('merged_deviation', ask(k1))
  expect(row).toMatchObject({ start_ms: startMs, energy_mwh: 300_000, baseline_mwh: 400_000 })
  const [sum] = await layers.views.query('merged_group', { group: 'india', ...range })
  expect(sum).toMatchObject({ start_ms: startMs, duration_s: 3600, members: 2, load_w: 700 })
  const [south] = await layers.views.query('merged_deviation', ask(a1))
  // Like days before the first of February have half-hours of 30 Wh, the later ones hours of 60.
  expect(south).toMatchObject({ start_ms: startMs, duration_s: 3600, baseline_mwh: 60_000 })
}

/** Rows of the meters of this test and of their groups. */
async function rowsOfDay() {
  const range = { from_ms: at('2013-02-10T00:00'), to_ms: at('2013-02-12T00:00'), limit: 10_000 }
  const found: object[] = []
  for (const meter of grids.keys()) {
    found.push(...(await layers.views.query('merged_deviation', { meter, group: '', ...range })))
  }
  for (const group of ['india', 'south']) {
    found.push(...(await layers.views.query('merged_group', { group, ...range })))
  }
  return found.map((row) => ({ ...row, origin: null }))
}

/** Wh of an interval. */
function usualWh(meter: MeterId, ms: EpochMs): number {
  if (meter === a1) return ms < changeMs ? 30 : 60
  return meter === k1 ? 400 : 500
}

/** Every interval that ended by an instant and was not sent yet. */
function rowsUntil(toMs: EpochMs, whOf: (meter: MeterId, ms: EpochMs) => number): string[] {
  const lines: string[] = []
  for (const [meter, grid] of grids) {
    let own = intervalAt(grid, next.get(meter)!)
    for (; own.endMs <= toMs; own = intervalAt(grid, own.endMs)) {
      const durationS = (own.endMs - own.startMs) / 1000
      const { startMs } = own
      lines.push(lineOf(meter, { startMs, durationS }, Math.max(0, whOf(meter, startMs))))
    }
    next.set(meter, own.startMs)
  }
  return lines
}

type Interval = { readonly startMs: EpochMs; readonly durationS: number }

function lineOf(meter: MeterId, { startMs, durationS }: Interval, energyWh: number): string {
  const start = isoUtc(startMs)
  return JSON.stringify({ meter, start, duration_s: durationS, energy_wh: energyWh })
}

async function post(lines: readonly string[]): Promise<ReadingsAnswer> {
  const response = await app.inject({
    ...{ method: 'POST', url: '/api/v1/readings', payload: lines.join('\n') },
    headers: { 'content-type': 'application/x-ndjson' },
  })
  expect([response.statusCode, response.body]).toEqual([202, expect.any(String)])
  return response.json<ReadingsAnswer>()
}
