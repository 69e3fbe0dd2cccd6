import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openLmdbLog } from '../../../deploy/engines/log/lmdb/lmdbLog.ts'
import { openFolderModels } from '../../../deploy/engines/models/folderModels.ts'
import { openClickHouseViews } from '../../../deploy/engines/views/clickhouseViews.ts'
import { bearer, openTestApi, standingClock } from '../../../deploy/testing/testApi.ts'
import { startTestClickHouse, type TestClickHouse } from '../../../deploy/testing/testClickHouse.ts'
import { encodeDeadLetter } from '../../../schemas/deadLetter.ts'
import type { EventProgress } from '../../../schemas/event.ts'
import { encodeFrame } from '../../../schemas/frame.ts'
import { sha256Hex } from '../../../schemas/hash.ts'
import type { MeterId } from '../../../schemas/ids.ts'
import type { Log } from '../../../schemas/ports/log.ts'
import type { Views } from '../../../schemas/ports/views.ts'
import type { InsertRow } from '../../../schemas/sql/rowSets.ts'
import { registerReadingsRoutes } from '../../../speed/api/readingsRoutes.ts'
import { createMeterRegistry } from '../../../speed/api/registry.ts'
import { firstProgress } from '../../programme/announceEvent.ts'
import type { EventDraft, ServingCommands } from '../../programme/commands.ts'
import {
  type BuildSettlementReturnType,
  buildSettlement,
} from '../../settlement/buildSettlement.ts'
import { proofBundleSchema } from '../../settlement/bundle/proofBundle.ts'
import { verifyBundle } from '../../settlement/bundle/verifyBundle.ts'
import { recomputeSettlement } from '../../settlement/recomputeSettlement.ts'
import {
  accounts,
  exampleEvent,
  exampleInputs,
  meters,
} from '../../settlement/testing/exampleEvent.ts'
import { openEventStore } from '../../store/eventStore.ts'
import type { ValidatorVerdict } from '../../store/validatorVerdict.ts'
import type { StoredDeadLetter } from '../apiPorts.ts'
import {
  findUndeclared,
  listAnswered,
  type RecordedAnswer,
  recordAnswers,
} from '../testing/recordAnswers.ts'

/** Five homes through an event, as rows in a real store; the doors over a real log. */
/** A row of an answer, as JSON has it. */
type Row = Readonly<Record<string, unknown>>

const { startMs, endMs, id } = exampleEvent
const stepMs = 1_800_000
const hourMs = 3_600_000
/** Local midnight before the event: batch rows before it, speed rows from it on. */
const highWaterMs = Date.UTC(2013, 1, 11)
const clock = standingClock(endMs + 3 * hourMs)
const iso = (ms: number) => new Date(ms).toISOString()

let dir: string
let clickhouse: TestClickHouse
let views: Views
let log: Log
let app: FastifyInstance
const warned: string[] = []
let built: BuildSettlementReturnType
const drafts: EventDraft[] = []
const verdicts: ValidatorVerdict[] = []
let retried: readonly StoredDeadLetter[] = []
let recorded: readonly RecordedAnswer[] = []

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'wattproof-doors-'))
  clickhouse = await startTestClickHouse()
  views = await openClickHouseViews({ url: clickhouse.url })
  const partitions = { 'readings.v1': 2, 'readings.v1.rejected': 1 }
  log = await openLmdbLog({ dir: path.join(dir, 'log'), partitions })
  const models = openFolderModels(path.join(dir, 'models'))
  const bytes = new TextEncoder().encode('a model')
  await models.put(bytes, cardOf(sha256Hex(bytes)))
  await models.release('day-ahead', sha256Hex(bytes))
  await fill()
  app = await openTestApi({
    views,
    log,
    models,
    clock,
    commands,
    logger: { level: 'warn', stream: { write: (line) => void warned.push(line) } },
    retryDeadLetters: async (deadLetters) => {
      retried = deadLetters
      return { queued: 1, stillRejected: ['unparsable'] }
    },
    extensions: [
      (scope) => {
        const registry = createMeterRegistry(views)
        registerReadingsRoutes(scope, { log, views, clock, registry, partitions: 2 })
      },
    ],
  })
  recorded = recordAnswers(app)
})
afterAll(async () => {
  await app?.close()
  await Promise.all([views?.close(), log?.close()])
  await clickhouse?.stop()
  rmSync(dir, { recursive: true, force: true })
})

const commands: ServingCommands = {
  createEvent: async (draft) => {
    drafts.push(draft)
    return firstProgress({ ...exampleEvent, id: draft.id })
  },
  claim: async (eventId, options) => {
    const claims = [{ account: accounts[0]!, amountMicros: 2n ** 60n, staked: true }]
    const gasUsed = options?.isDryRun ? 0 : 61_000
    return { eventId, claims, refused: [], sumMicros: 2n ** 60n, gasUsed }
  },
  addVerdict: async (verdict) => void verdicts.push(verdict),
  nudge: () => {},
}

describe('status', () => {
  test('tells books, lag, marks and what each layer does', async () => {
    const status = await read('/status')
    const counters = { read: 8, accepted: 5, duplicate: 1, rejected: 2, late: 1, corrected: 0 }
    expect(status.readings).toEqual(counters)
    expect(status.speed.read).toBe(7)
    // 7 ≠ 4 + 1 + 1: the speed layer's books are in the red, and that is said.
    expect(status.isBalanced).toBe(false)
    expect(status.rejectedByReason).toEqual({ 'not-a-number': 1, unparsable: 1 })
    expect(status.watermark).toBe(iso(endMs))
    expect(status.lagMs).toBe(3 * hourMs)
    // The empty one has been waited for long enough; the other lags, and is not idle for that.
    const since = iso(endMs - hourMs)
    expect(status.idlePartitions).toEqual([{ partition: 1, since }])
    expect(status.batchHighWaterMark).toBe(iso(highWaterMs))
    expect(status.generation).toMatchObject({ generation: 2, modelId: null })
    expect(status.lag).toContainEqual({
      group: 'speed',
      topic: 'readings.v1',
      partition: 0,
      committed: 1,
      end: 2,
      records: 1,
    })
    expect(status.layers.speed).toEqual({
      state: 'behind',
      sentence: '3 records of the log wait to be read.',
    })
    expect(status.layers.chain.state).toBe('down')
    expect(status.layers.batch.state).toBe('down')
    expect(status.chain).toBeNull()
  })

  test('is counted in metrics', async () => {
    const { body } = await app.inject({ url: '/metrics' })
    expect(body).toContain('wattproof_readings_total{layer="archive",outcome="duplicate"} 1')
    expect(body).toContain('wattproof_watermark_age_seconds 10800')
    expect(body).toContain('wattproof_layer_ok{layer="chain"} 0')
    expect(body).toMatch(/requests_total\{route="\/api\/v1\/status",method="GET",status="200"\} 1/)
  })

  test('dead letters come newest first, or from an offset on, with their bytes', async () => {
    const newest = await read('/rejected?limit=1')
    expect(newest.rejected).toHaveLength(1)
    expect(newest.rejected[0]).toMatchObject({ offset: 1, reason: 'not-a-number', index: 3 })
    expect(Buffer.from(newest.rejected[0].originalBase64, 'base64').toString()).toBe('M1,x')
    const first = await read('/rejected?from=0&limit=1')
    expect([first.rejected[0].offset, first.next]).toEqual([0, 1])
    const one = await read('/rejected?reason=unparsable')
    expect(one.rejected.map((each: { offset: number }) => each.offset)).toEqual([0])
  })

  test('dead letters are handed on to be checked again', async () => {
    const report = await send('/rejected/retry', { dryRun: true })
    expect(report).toEqual({
      tried: 2,
      queued: 1,
      stillRejected: { unparsable: 1 },
      isDryRun: true,
      next: null,
    })
    expect(retried.map(({ offset, reason }) => [offset, reason])).toEqual([
      [0, 'unparsable'],
      [1, 'not-a-number'],
    ])
  })
})

describe('views', () => {
  test('the catalogue names every view with columns, units and whom it is for', async () => {
    const { views: catalogue } = await read('/views')
    const deviation = catalogue.find((view: { name: string }) => view.name === 'deviation')
    expect(deviation.scope).toBe('meter')
    expect(deviation.columns[4]).toMatchObject({ name: 'energyMwh', unit: 'mWh', kind: 'integer' })
    expect(JSON.stringify(catalogue)).not.toMatch(/log_offset|row_version|"source":/)
  })

  test('every view answers in every format under the same names', async () => {
    const { views: catalogue } = await read('/views')
    for (const { name, columns } of catalogue) {
      const event = name === 'settlement_lines' ? `event=${id}&` : ''
      const names = columns.map((each: { name: string }) => each.name)
      const { rows } = await read(`/views/${name}?${event}`)
      const csv = await app.inject({
        url: `/api/v1/views/${name}?${event}format=csv`,
        headers: bearer,
      })
      const lines = csv.body.trimEnd().split('\r\n')
      expect.soft(lines[0], name).toBe(names.join(','))
      expect.soft(lines.length - 1, name).toBe(rows.length)
      if (rows.length > 0) expect.soft(Object.keys(rows[0]), name).toEqual(names)
      const arrow = await app.inject({
        url: `/api/v1/views/${name}?${event}format=arrow`,
        headers: bearer,
      })
      const table = tableFromIPC(arrow.rawPayload)
      expect.soft(table.numRows, name).toBe(rows.length)
      expect
        .soft(
          table.schema.fields.map((field) => field.name),
          name,
        )
        .toEqual(names)
    }
  })

  test('batch rows stand before the high-water mark, speed rows from it on', async () => {
    const { rows } = await read(`/views/deviation?meter=${meters[0]}&from=2013-02-10T23:00:00Z`)
    expect(rows.slice(0, 3).map((row: Row) => [row.start, row.origin])).toEqual([
      [iso(highWaterMs - 2 * stepMs), 'batch'],
      [iso(highWaterMs - stepMs), 'batch'],
      [iso(startMs - 2 * hourMs), 'speed'],
    ])
    expect(rows[0]).toEqual({
      meter: meters[0],
      group: 'dynamic',
      start: '2013-02-10T23:00:00.000Z',
      durationS: 1800,
      energyMwh: 300_000,
      baselineMwh: 310_000,
      ratio: null,
      deviationW: -20,
      z: null,
      rollingWh: null,
      isException: false,
      origin: 'batch',
    })
  })

  test('a limit keeps whole instants, and the next page misses none', async () => {
    const pages: Row[] = []
    let from: string | null = iso(startMs - 2 * hourMs)
    while (from !== null) {
      const page: { rows: Row[]; next: string | null } = await read(
        `/views/deviation?from=${from}&to=${iso(endMs)}&limit=7`,
      )
      pages.push(...page.rows)
      from = page.next
    }
    const whole = await read(`/views/deviation?from=${iso(startMs - 2 * hourMs)}&to=${iso(endMs)}`)
    expect(whole.isTruncated).toBe(false)
    // Five homes, eight half-hours.
    expect(pages).toHaveLength(40)
    expect(pages).toEqual(whole.rows)
  })

  test('a sum over one member is shown with the token only', async () => {
    const url = '/views/group?from=2013-02-11T00:00:00Z'
    const groupsOf = (answer: { rows: Row[] }) => new Set(answer.rows.map((row) => row.group))
    expect(groupsOf(await read(url))).toEqual(new Set(['dynamic', 'lonely']))
    expect(groupsOf(await readBare(url))).toEqual(new Set(['dynamic']))
  })

  test('readings are the versions that count; too many are refused unread', async () => {
    const { rows } = await read(`/views/readings?meter=${meters[0]}&from=${iso(startMs)}`)
    expect(rows).toEqual([
      {
        meter: meters[0],
        start: iso(startMs),
        durationS: 1800,
        energyMwh: 341_000,
        quality: 2,
      },
    ])
    const url = '/api/v1/views/readings?from=2012-01-15T00:00:00Z&to=2013-02-01T00:00:00Z'
    const small = await openTestApi({ views, clock, limits: { readingsMax: 10_000 } })
    const refused = await small.inject({ url, headers: bearer })
    expect(refused.statusCode).toBe(400)
    // 383 days × 48 × 6 meters.
    expect(refused.json().detail).toMatch(/6 meters have some 110304 readings; .* 10000/)
    await small.close()
  })

  test('an unchanged answer is not sent again', async () => {
    const url = '/api/v1/views/events'
    const first = await app.inject({ url })
    const headers = { 'if-none-match': String(first.headers.etag) }
    const second = await app.inject({ url, headers })
    expect([second.statusCode, second.body]).toEqual([304, ''])
  })

  test('forecasts are summed over a group, and one meter wants the token', async () => {
    clock.ms = highWaterMs
    const summed = await readBare('/forecasts?group=dynamic&horizon=1')
    // Five homes of 200 Wh in half an hour: 1 kWh, 2 kW.
    expect(summed.intervals).toEqual([
      {
        start: iso(highWaterMs),
        durationS: 1800,
        forecastMwh: 1_000_000,
        forecastW: 2000,
        members: 5,
        model: 'ridge',
        flag: '',
      },
    ])
    const own = await read(`/forecasts?meter=${meters[2]}&horizon=1`)
    expect(own.intervals[0]).toMatchObject({ forecastMwh: 200_000, members: 1 })
    expect((await readBare('/forecasts?group=lonely&horizon=1')).intervals).toEqual([])
    clock.ms = endMs + 3 * hourMs
  })

  test('groups name their meters to whoever has the token', async () => {
    const open = await readBare('/groups')
    expect(open.groups[0]).toEqual({
      group: 'dynamic',
      zone: 'Europe/London',
      intervalS: 1800,
      members: 5,
      accounts: 5,
    })
    expect((await read('/groups')).groups[0].meters).toEqual(meters)
  })
})

describe('events', () => {
  test('an event is told in full, its members with the token', async () => {
    const open = await readBare(`/events/${id}`)
    expect(open).toMatchObject({
      id,
      state: 'final',
      start: iso(startMs),
      participants: 5,
      terms: { priceMicrosPerKwh: 672_000 },
      period: 1,
      isStuck: true,
    })
    expect(JSON.stringify(open)).not.toContain(meters[0])
    const full = await read(`/events/${id}`)
    expect(full.problem).toBe(`${meters[0]} has no account.`)
    expect(full.members[0]).toEqual({ meter: meters[0], account: accounts[0] })
    expect((await readBare('/events')).events).toEqual([open])
  })

  test('an event that does not exist is 404', async () => {
    const response = await app.inject({ url: '/api/v1/events/no-such' })
    expect(response.statusCode).toBe(404)
    expect(response.json().detail).toBe('There is no event named no-such.')
  })

  test('a draft reaches the settlement loop with exact money and instants', async () => {
    const terms = { ...exampleEvent.terms, priceMicrosPerKwh: '9007199254740993' }
    const answer = await app.inject({
      method: 'POST',
      url: '/api/v1/events',
      headers: { ...bearer, 'content-type': 'application/json' },
      payload: JSON.stringify(
        {
          id: 'second',
          terms,
          start: '2013-02-20T17:00:00+01:00',
          end: '2013-02-20T18:00:00Z',
          participants: meters,
        },
        (_, value) => (typeof value === 'bigint' ? Number(value) : value),
      ),
    })
    expect(answer.statusCode).toBe(201)
    expect(answer.headers.location).toBe('/api/v1/events/second')
    expect(drafts[0]).toMatchObject({
      startMs: Date.UTC(2013, 1, 20, 16),
      terms: { priceMicrosPerKwh: 9_007_199_254_740_993n },
      controls: [],
    })
  })

  test('load stands beside the committed baseline, by phase, summed and by member', async () => {
    const compared = await read(`/events/${id}/deviations`)
    expect(compared.isProvisional).toBe(false)
    expect(compared.adjustment).toEqual({
      start: iso(startMs - 4 * hourMs),
      end: iso(startMs - hourMs),
    })
    const phases = compared.intervals.map((each: { phase: string }) => each.phase)
    expect(phases).toEqual([
      ...Array(2).fill('adjustment'),
      ...Array(2).fill('before'),
      ...Array(4).fill('event'),
    ])
    const first = compared.intervals[4]
    expect(first).toMatchObject({ start: iso(startMs), members: 5, origin: 'speed' })
    // Settled baselines of four homes (400, 410, 420, 430 Wh); the fifth has none and is shown by
    // its live one of 310 Wh: 1,970 Wh in half an hour.
    expect(first.baselineW).toBeCloseTo(2 * 1970, 6)
    expect(first.orderedW).toBeCloseTo(2 * 197, 6)
    expect(compared.members.map((each: { meter: string }) => each.meter)).toEqual(meters)
    expect((await readBare(`/events/${id}/deviations`)).members).toBeUndefined()
  })

  test("an event's two figures stand side by side, the difference explained", async () => {
    const open = await readBare(`/events/${id}/reconciliation`)
    expect(open).toMatchObject({
      speedDeliveredMwh: 6000,
      deliveredMwh: built.settlement.lines.reduce((sum, line) => sum + line.delivered, 0),
    })
    expect(open.differenceMwh).toBe(open.deliveredMwh - 6000)
    expect(open.sentence).toMatch(
      /4 of 5 members differ.* 1 had no live figure; 2 miss readings\.$/,
    )
    expect(open.members).toBeUndefined()
    const { members } = await read(`/events/${id}/reconciliation`)
    expect(members[1]).toMatchObject({ meter: meters[1], speedDeliveredMwh: 1000 })
  })

  test('whoever looks at an event at once shares one look at the meters', async () => {
    let looks = 0
    const counting: Views = {
      ...views,
      query: (name, ...given) => {
        if (name === 'merged_deviation') looks++
        return views.query(name, ...given)
      },
    }
    const api = await openTestApi({ views: counting, clock })
    const url = `/api/v1/events/${id}/deviations`
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        api.inject(index % 2 === 0 ? { url } : { url, headers: bearer }),
      ),
    )
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(20).fill(200))
    expect(looks).toBe(1)
    await api.close()
  })

  test('sums over fewer than five homes want the token', async () => {
    const participants = exampleEvent.participants.slice(0, 4)
    const few = firstProgress({ ...exampleEvent, id: 'few' as typeof id, participants })
    await openEventStore(views).putEvent({ ...few, version: 2, orderedMwh: 7 })
    expect(await readBare('/events/few')).toMatchObject({ orderedMwh: null, isWithheld: true })
    expect(await read('/events/few')).toMatchObject({ orderedMwh: 7, isWithheld: false })
    expect((await readBare('/events/few/reconciliation')).orderedMwh).toBeNull()
    expect((await readBare('/events/few/deviations')).intervals).toEqual([])
    expect((await read('/events/few/deviations')).intervals).not.toEqual([])
  })

  test('the view of events has figures with the token only', async () => {
    const rowOf = ({ rows }: { rows: Row[] }) => rows.find((row) => row.event === id)
    expect(rowOf(await read('/views/events'))).toMatchObject({ orderedMwh: 640_000 })
    const bare = { event: id, state: 'final', orderedMwh: null, speedDeliveredMwh: null }
    expect(rowOf(await readBare('/views/events'))).toMatchObject({ ...bare, deliveredMwh: null })
  })
})

describe('settlement', () => {
  test('the invoice adds up, and has no lines for strangers', async () => {
    const open = await readBare(`/events/${id}/settlement`)
    const full = await read(`/events/${id}/settlement`)
    const { lines, totals, header } = full
    const sum = (name: string) =>
      lines.reduce((all: number, line: Row) => all + Number(line[name]), 0)
    expect(sum('payMicros')).toBe(header.totalPay)
    expect(sum('feeMicros')).toBe(totals.feeMicros)
    expect(sum('deliveredMwh')).toBe(totals.deliveredMwh)
    expect(header.root).toBe(built.header.root)
    // The second and the fifth line are of one account: the fifth has what is left of its debt.
    expect(totals.debtAfterMicros).toBe(
      sum('debtAfterMicros') - Number(built.settlement.lines[1]!.debtAfter),
    )
    expect(lines[1]).toMatchObject({ meter: meters[1], account: accounts[1] })
    const { lines: _, ...rest } = full
    expect(open).toEqual(rest)
    expect(open).toMatchObject({ isFinal: true, period: 1, currency: 'GBP' })
    const text = JSON.stringify(open)
    const { published } = built
    const hashes = published.members.flatMap(({ pseudonym, detail }) => [pseudonym, detail])
    for (const secret of [...meters, ...accounts, ...hashes]) expect(text).not.toContain(secret)
  })

  test('what validators are given recomputes to the header', async () => {
    const published = await read('/anchors/1/published')
    const { parsePublishedSettlement } = await import('../../settlement/published.ts')
    const parsed = parsePublishedSettlement(published)
    expect(recomputeSettlement(parsed, built.header)).toEqual({ ok: true })
    for (const meter of meters) expect(JSON.stringify(published)).not.toContain(meter)
    const missing = await app.inject({ url: '/api/v1/anchors/9/published', headers: bearer })
    expect(missing.statusCode).toBe(404)
  })

  test('a bundle verifies, and there is none for a stranger', async () => {
    const bundle = await read(`/meters/${meters[1]}/bundles/${id}`)
    const verdict = await verifyBundle(proofBundleSchema.parse(bundle))
    expect(verdict).toMatchObject({ ok: true })
    const url = `/api/v1/meters/STRANGER/bundles/${id}`
    expect((await app.inject({ url, headers: bearer })).statusCode).toBe(404)
  })

  test('claims are asked of final events only', async () => {
    const report = await send(`/events/${id}/claims`, {})
    expect(report).toEqual({
      eventId: id,
      claims: [{ account: accounts[0], amountMicros: (2n ** 60n).toString(), staked: true }],
      refused: [],
      sumMicros: (2n ** 60n).toString(),
      gasUsed: 61_000,
    })
    const foretold = await send(`/events/${id}/claims`, { dryRun: true })
    expect(foretold).toEqual({ ...report, gasUsed: 0 })
    await openEventStore(views).putEvent(
      firstProgress({ ...exampleEvent, id: 'young' as typeof id }),
    )
    for (const [method, url] of [
      ['POST', '/api/v1/events/young/claims'],
      ['GET', '/api/v1/events/young/settlement'],
    ] as const) {
      const payload = method === 'POST' ? { payload: {} } : {}
      const early = await app.inject({ method, url, headers: bearer, ...payload })
      expect(early.statusCode).toBe(409)
      expect(early.json().detail).toMatch(
        /^young is announced; (it is settled|what it pays can be claimed) once/,
      )
    }
  })

  test('a verdict is a signature or a refusal', async () => {
    const validator = accounts[0]!
    const signature = `0x${'Ab'.repeat(65)}`
    await send('/anchors/1/verdicts', { validator, signature, refusal: null })
    expect(verdicts).toEqual([
      { period: 1, validator, signature: signature.toLowerCase(), refusal: null },
    ])
    const both = await app.inject({
      method: 'POST',
      url: '/api/v1/anchors/1/verdicts',
      headers: bearer,
      payload: { validator, signature, refusal: 'No.' },
    })
    expect(both.statusCode).toBe(400)
    expect(both.json().detail).toMatch(/one of the two, the other null/)
  })
})

test('none of it was anything to be logged', () => {
  expect(warned).toEqual([])
})

describe('work', () => {
  test('models are listed with what they were measured by', async () => {
    const { models } = await readBare('/models')
    expect(models[0]).toMatchObject({
      name: 'day-ahead',
      isReleased: true,
      metrics: { ratio: 0.7 },
    })
    expect(await readBare(`/models/${models[0].id}`)).toEqual(models[0])
  })

  test('a job is started for a mark', async () => {
    const body = { name: 'recompute', highWater: iso(highWaterMs) }
    const answer = await app.inject({
      method: 'POST',
      url: '/api/v1/jobs',
      headers: bearer,
      payload: body,
    })
    expect(answer.statusCode).toBe(202)
    expect(answer.json()).toEqual({ name: 'recompute', id: `recompute-${highWaterMs}` })
  })
})

describe('the document', () => {
  /** As a generated client would: by what the document says of the operation. */
  const sendDescribed = async (path: string, type: string, payload: string | Buffer) => {
    const { paths } = await readBare('/openapi.json')
    const { requestBody, parameters = [] } = paths[path].post
    expect(Object.keys(requestBody.content)).toContain(type)
    const names = parameters.map((each: { name: string }) => each.name)
    const url = names.includes('layout') ? `${path}?layout=tidy&unit=kwh&step=1&zone=UTC` : path
    const key = names.includes('idempotency-key') ? { 'idempotency-key': type } : {}
    const headers = { ...bearer, ...key, 'content-type': type }
    return app.inject({ method: 'POST', url, headers, payload })
  }
  const reading = { meter: meters[0], start: iso(startMs), duration_s: 1800, energy_wh: 1 }

  test.each([
    ['application/json', JSON.stringify([reading, { ...reading, meter: 'nobody' }])],
    ['application/x-ndjson', JSON.stringify(reading)],
    ['text/csv', `meter,start,duration_s,energy_wh\n${meters[0]},${iso(startMs)},1800,nan`],
    ['application/vnd.wattproof.frame', Buffer.from(encodeFrame([]))],
  ])('readings are sent as it says, as %s', async (type, payload) => {
    const { paths } = await readBare('/openapi.json')
    expect(Object.keys(paths['/api/v1/readings'].post.responses)).toContain('202')
    expect((await sendDescribed('/api/v1/readings', type, payload)).statusCode).toBe(202)
  })

  test('meters are enrolled as it says', async () => {
    const meter = { meter: 'fresh', zone: 'UTC', group: 'G', intervalS: 1800, account: accounts[0] }
    const body = JSON.stringify([meter])
    const answer = await sendDescribed('/api/v1/meters', 'application/json', body)
    expect(answer.json()).toEqual({ enrolled: 1, unchanged: 0 })
  })

  test('every answer of this file is one it declares, and no operation is left out', async () => {
    const wrong = { method: 'POST', headers: bearer, payload: '{' } as const
    for (const path of ['/readings', '/meters', '/events']) {
      await app.inject({ ...wrong, url: `/api/v1${path}` })
    }
    for (const url of ['/livez', '/readyz', '/api/v1/jobs', '/api/v1/validators']) {
      await app.inject({ url })
    }
    const document = await readBare('/openapi.json')
    expect(findUndeclared(document, recorded)).toEqual([])
    const answered = listAnswered(document, recorded)
    const operations = Object.entries(document.paths).flatMap(([path, methods]) => {
      return Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`)
    })
    expect(operations.filter((each) => !answered.has(each)).sort()).toEqual([
      // The chain and the queue of jobs are out of reach here, the stream has no end.
      'GET /api/v1/anchors',
      'GET /api/v1/jobs',
      'GET /api/v1/stream',
      'GET /api/v1/validators',
      'GET /readyz',
    ])
  })
})

/** What JSON holds: a test looks at what it expects of it. */
type Answer = ReturnType<typeof JSON.parse>

async function read(url: string, headers: object = bearer): Promise<Answer> {
  const response = await app.inject({ url: `/api/v1${url}`, headers: { ...headers } })
  if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${response.body}`)
  return response.json()
}

function readBare(url: string) {
  return read(url, {})
}

async function send(url: string, payload: object) {
  const response = await app.inject({
    method: 'POST',
    url: `/api/v1${url}`,
    headers: bearer,
    payload,
  })
  if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${response.body}`)
  return response.json()
}

async function fill(): Promise<void> {
  await fillLog()
  await views.insert('meters', [
    ...meters.map((meter, index) => meterRow(meter, 'dynamic', accounts[index]!)),
    meterRow('ALONE' as MeterId, 'lonely', ''),
  ])
  const reading = { meter: meters[0]!, start: startMs, duration_s: 1800, power_w: null }
  const at = { reactive_var: null, log_partition: 0, log_offset: 0 }
  await views.insert('readings', [
    { ...reading, ...at, quality: 2, revision: 0, energy_mwh: 340_000, log_index: 0 },
    { ...reading, ...at, quality: 2, revision: 1, energy_mwh: 341_000, log_index: 1 },
  ])
  await fillMerged()
  await fillEvent()
}

async function fillLog(): Promise<void> {
  const empty = new Uint8Array()
  await log.append('readings.v1', 0, [
    { key: empty, value: empty },
    { key: empty, value: empty },
  ])
  await log.commit('speed', { topic: 'readings.v1', partition: 0, offset: 1 })
  await log.commit('archive', { topic: 'readings.v1', partition: 0, offset: 2 })
  const deadLetter = (reason: 'unparsable' | 'not-a-number', index: number) => {
    const original = new TextEncoder().encode('M1,x')
    const rejection = { reason, detail: 'It is no number.', original, source: 'a.csv', index }
    return encodeDeadLetter(rejection, clock.ms)
  }
  const deadLetters = [deadLetter('unparsable', 2), deadLetter('not-a-number', 3)]
  await log.append(
    'readings.v1.rejected',
    0,
    deadLetters.map((value) => ({ key: empty, value })),
  )
  const rows = deadLetters.map((bytes, offset) => {
    const each = JSON.parse(new TextDecoder().decode(bytes))
    return {
      reason: each.reason,
      log_offset: offset,
      detail: each.detail,
      source: each.source,
      source_index: each.index,
      received: each.receivedMs,
      original_base64: each.originalBase64,
    }
  })
  await views.insert('rejected', rows)
  const record = { log_partition: 0, version: 1, late: 0, corrected: 0 }
  const readings = { ...record, topic: 'readings.v1', log_offset: 0 }
  const refused = { ...record, topic: 'readings.v1.rejected', log_offset: 0, accepted: 0 }
  await views.insert('ingest_counters', [
    { ...readings, layer: 'archive', read: 6, accepted: 5, duplicate: 1, rejected: 0, late: 1 },
    { ...refused, layer: 'archive', read: 2, duplicate: 0, rejected: 2 },
    { ...readings, layer: 'speed', read: 6, accepted: 4, duplicate: 1, rejected: 0 },
    { ...refused, layer: 'speed', read: 1, duplicate: 0, rejected: 1 },
  ])
  await views.insert('watermarks', [{ log_partition: 0, version: 1, watermark: endMs }])
  const progress = { next_offset: 0, max_end: null, read_at: endMs - hourMs }
  await views.insert(
    'archive_progress',
    [0, 1].map((log_partition) => ({ log_partition, ...progress })),
  )
}

async function fillMerged(): Promise<void> {
  const created = {
    horizon: highWaterMs + 48 * hourMs,
    model_id: '',
    created: highWaterMs,
    inputs: '',
  }
  await views.insert('generations', [
    { generation: 1, run: 1, high_water: highWaterMs - 24 * hourMs, ...created },
    { generation: 2, run: 2, high_water: highWaterMs, ...created },
  ])
  const day = new Date(highWaterMs - stepMs).toISOString().slice(0, 10)
  await views.insert('manifest', [{ run: 2, day, rows_run: 2, sums_run: 2, since: day }])
  const values = { duration_s: 1800, ratio: null, z: null, rolling_wh: null, is_exception: false }
  const row = (meter: string, start: number) => ({
    ...{ meter, start, group_id: 'dynamic', ...values },
    ...{ energy_mwh: 300_000, baseline_mwh: 310_000, deviation_w: -20 },
  })
  const batchStarts = [highWaterMs - 2 * stepMs, highWaterMs - stepMs]
  await views.insert(
    'batch_deviation',
    meters.flatMap((meter) => batchStarts.map((start) => ({ ...row(meter, start), day, run: 2 }))),
  )
  const speedStarts = Array.from({ length: 8 }, (_, slot) => startMs - 2 * hourMs + slot * stepMs)
  await views.insert(
    'speed_deviation',
    meters.flatMap((meter) => speedStarts.map((start) => ({ ...row(meter, start), version: 1 }))),
  )
  const group = { duration_s: 1800, version: 1, load_w: 600, baseline_w: 620, deviation_w: -20 }
  await views.insert('speed_group', [
    { ...group, group_id: 'dynamic', start: startMs, members: 5 },
    { ...group, group_id: 'lonely', start: startMs, members: 1 },
  ])
  const ahead = { run: 2, start: highWaterMs, duration_s: 1800 }
  const forecast = { forecast_mwh: 200_000, model: 'ridge', flag: '' }
  const everybody = [...meters, 'ALONE']
  await views.insert(
    'batch_forecast',
    everybody.map((meter) => ({ ...ahead, ...forecast, meter })),
  )
  await views.insert(
    'batch_baseline',
    everybody.map((meter) => ({ ...ahead, baseline_mwh: 310_000, sigma_w: 9, meter })),
  )
}

async function fillEvent(): Promise<void> {
  const inputs = exampleInputs()
  built = buildSettlement(inputs)
  const store = openEventStore(views)
  const delivered = built.settlement.lines.reduce((sum, line) => sum + line.delivered, 0)
  const progress: EventProgress = {
    ...firstProgress(exampleEvent),
    version: 7,
    state: 'final',
    reachedMs: { announced: exampleEvent.announcedMs, final: clock.ms },
    orderedMwh: 640_000,
    // 0 + 1,000 + 2,000 + 3,000, and nothing of the fifth.
    speedDeliveredMwh: 6000,
    deliveredMwh: delivered,
    deficiencyMwh: 0,
    problem: `${meters[0]} has no account.`,
  }
  await store.putEvent(progress)
  await store.putCommittedInputs(id, {
    version: 1,
    baselines: inputs.baselines,
    baselinesRoot: built.header.baselinesRoot,
    speedFigures: inputs.speedFigures,
  })
  const { published, header, members } = built
  const record = {
    ...{ format: 'wattproof-settlement-1' as const, published, header, members },
    ...{ state: 'final' as const, period: 1, chain: null, verdicts: [] },
  }
  await store.putRecord({ record, version: 1, state: 'final' })
  await store.putLines(built, 1)
}

function meterRow(meter: MeterId, group_id: string, account: string): InsertRow<'meters'> {
  return { meter, version: 1, zone: 'Europe/London', group_id, interval_s: 1800, account }
}

function cardOf(modelId: string) {
  const range = ['2013-01-01T00:00:00Z', '2013-02-01T00:00:00Z'] as const
  return {
    ...{ id: modelId, name: 'day-ahead', kind: 'ridge', createdMs: highWaterMs, meters: 5 },
    split: { train: range, validate: range, test: range },
    ...{ hyperparameters: { lambda: 0.1 }, inputs: { z: ['n', 336] }, outputs: { y: ['n', 48] } },
    ...{ metrics: { ratio: 0.7 }, notes: '' },
  }
}
