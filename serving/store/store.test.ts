import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openClickHouseViews } from '../../deploy/engines/views/clickhouseViews.ts'
import { startTestClickHouse, type TestClickHouse } from '../../deploy/testing/testClickHouse.ts'
import { PageUnreadableError } from '../../schemas/errors/view.ts'
import { StoredRecordError } from '../../schemas/errors/views.ts'
import { InvariantError, NotFoundError } from '../../schemas/errors/wattproofError.ts'
import type { EventProgress } from '../../schemas/event.ts'
import { type Address, eventId, type Hex32, type MeterId } from '../../schemas/ids.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { statedColumns } from '../../schemas/reading/testing/aReading.ts'
import { firstProgress } from '../programme/announceEvent.ts'
import { buildSettlement } from '../settlement/buildSettlement.ts'
import type { SettlementRecord } from '../settlement/settlementRecord.ts'
import {
  accounts,
  exampleEvent,
  exampleInputs,
  meters,
} from '../settlement/testing/exampleEvent.ts'
import { openEventStore } from './eventStore.ts'
import { encodeProgress } from './progressJson.ts'
import { createEventReader } from './readEvents.ts'

const hourMs = 3_600_000
const built = buildSettlement(exampleInputs())

let server: TestClickHouse
let views: Views
/** Each test has events and settlement numbers of its own, in one store. */
let turn = 0

beforeAll(async () => {
  server = await startTestClickHouse()
  views = await openClickHouseViews({ url: server.url })
}, 180_000)
afterAll(async () => {
  await views?.close()
  await server?.stop()
})
beforeEach(() => {
  turn += 1
})

/** An event of this test; a later start for a higher number. */
function progressOf(number: number, changed: Partial<EventProgress> = {}): EventProgress {
  const id = eventId(`test-${turn}-${number}`)
  const startMs = exampleEvent.startMs + turn * 1_000 * hourMs + number * hourMs
  const event = { ...exampleEvent, id, startMs, endMs: startMs + 2 * hourMs }
  return { ...firstProgress(event), ...changed }
}

function recordOf(revision: number, settlementNumber: number | null): SettlementRecord {
  const { header, published, members } = built
  const event = { ...published.event, eventId: progressOf(1).event.id, revision }
  return {
    ...{ format: 'wattproof-settlement-1', state: 'final', chain: null, verdicts: [] },
    period: settlementNumber,
    ...{ header: { ...header, revision }, published: { ...published, event }, members },
  }
}

test('after a restart another store reads what the first has written', async () => {
  const unmeasured = { sites: 1, ofSites: 5, intervals: 2, ofIntervals: 4 }
  const known = { state: 'committed', orderedMwh: 640_000, version: 2, unmeasured } as const
  const progress = progressOf(1, known)
  const { id } = progress.event
  const { baselines, speedFigures } = exampleInputs()
  const { baselinesRoot } = built.header
  const inputs = { version: 1, baselines, baselinesRoot, asOf: [40, 30], speedFigures }
  const record = recordOf(1, turn)
  const first = openEventStore(views)
  await first.putEvent(progress)
  await first.putCommittedInputs(id, inputs)
  await first.putRecord({ record, version: 1, state: 'final' })
  await views.close()
  await server.kill()
  await server.restart()
  views = await openClickHouseViews({ url: server.url })
  const store = openEventStore(views)
  expect(await store.events()).toContainEqual(progress)
  expect(await store.committedInputs(id)).toEqual(inputs)
  expect(await store.record(id, 1)).toEqual({ record, version: 1, state: 'final' })
}, 180_000)

test('nothing is stored of an unknown event', async () => {
  const reader = createEventReader(views)
  const id = eventId('never-announced')
  expect(await reader.committedInputs(id)).toBeNull()
  expect(await reader.settlement(id)).toBeNull()
  expect(await reader.settlementOf(999)).toBeNull()
  await expect(reader.one(id)).rejects.toThrow(NotFoundError)
})

test('the newest start is listed first, and all are sorted by their ids', async () => {
  const store = openEventStore(views)
  for (const number of [2, 1, 3]) await store.putEvent(progressOf(number))
  const idsOf = (all: readonly EventProgress[]) => all.map(({ event }) => event.id)
  const ids = [3, 2, 1].map((number) => progressOf(number).event.id)
  expect(idsOf(await createEventReader(views).list(2))).toEqual(ids.slice(0, 2))
  const own = idsOf(await store.events()).filter((id) => ids.includes(id))
  expect(own).toEqual([...ids].reverse())
})

test('pages of events neither repeat nor miss any, also where starts are the same', async () => {
  const store = openEventStore(views)
  for (const number of [1, 2, 3]) await store.putEvent(progressOf(number))
  const first = progressOf(3)
  const twin = { ...first.event, id: eventId(`${first.event.id}-twin`) }
  await store.putEvent({ ...first, event: twin })
  const reader = createEventReader(views)
  const all = (await reader.list(1_000)).map(({ event }) => event.id)
  expect(all.length).toBeGreaterThan(3)
  const found: string[] = []
  let next: string | null | undefined
  do {
    const page = await reader.page(1, next ?? undefined)
    found.push(...page.events.map(({ event }) => event.id))
    next = page.next
  } while (next !== null)
  expect(found).toEqual(all)
  expect(await reader.page(all.length, undefined)).toMatchObject({ next: null })
  await expect(reader.page(1, 'yesterday')).rejects.toThrow(PageUnreadableError)
})

test('more events than one answer has are all read', async () => {
  const rows = Array.from({ length: 120 }, (_, number) => encodeProgress(progressOf(number)))
  await views.insert('events', rows)
  const ids = rows.map((row) => row.event_id).sort()
  const isOwn = ({ event }: EventProgress) => event.id.startsWith(`test-${turn}-`)
  const all = (await openEventStore(views).events()).filter(isOwn)
  expect(all.map(({ event }) => event.id)).toEqual(ids)
  const listed = (await createEventReader(views).list(10_000)).filter(isOwn)
  expect(listed.map(({ event }) => event.id).sort()).toEqual(ids)
})

test('a reader that has an event decoded sees its next version', async () => {
  const store = openEventStore(views)
  const reader = createEventReader(views)
  const { id } = progressOf(1).event
  await store.putEvent(progressOf(1))
  const known = await reader.one(id)
  expect(known.state).toBe('announced')
  expect(await reader.one(id)).toBe(known)
  await store.putEvent(progressOf(1, { state: 'committed', version: 2 }))
  expect((await reader.one(id)).state).toBe('committed')
})

test('of two writers with one key the higher version counts, whichever comes last', async () => {
  const [one, other] = [openEventStore(views), openEventStore(views)]
  const { id } = progressOf(1).event
  await one.putEvent(progressOf(1, { state: 'running', version: 3 }))
  await other.putEvent(progressOf(1, { state: 'committed', version: 2 }))
  const reader = createEventReader(views)
  expect((await reader.one(id)).state).toBe('running')
  expect((await reader.states()).get(id)).toBe('running')
  // The same row again is one row.
  await one.putEvent(progressOf(1, { state: 'running', version: 3 }))
  const events = await other.events()
  expect(events.filter(({ event }) => event.id === id)).toHaveLength(1)
})

test('the newest revision counts, also when an older one is written again', async () => {
  const store = openEventStore(views)
  const { id } = progressOf(1).event
  const [first, second] = [recordOf(1, turn), recordOf(2, turn + 1_000)]
  await store.putRecord({ record: first, version: 1, state: 'final' })
  await store.putRecord({ record: second, version: 1, state: 'proposed' })
  await store.putRecord({ record: first, version: 2, state: 'paid' })
  const reader = createEventReader(views)
  expect(await reader.settlement(id)).toEqual(second)
  expect(await reader.record(id, 1)).toEqual({ record: first, version: 2, state: 'paid' })
  expect(await reader.settlementOf(turn)).toEqual(first)
  expect((await reader.settlementNumbers()).get(id)).toBe(turn + 1_000)
})

test('an event whose body cannot be decoded is reported by name, and hides no other', async () => {
  const store = openEventStore(views)
  const [broken, whole] = [progressOf(2), progressOf(1)]
  await views.insert('events', [{ ...encodeProgress(broken), body: '{}' }])
  await store.putEvent(whole)
  const reader = createEventReader(views)
  await expect(reader.one(broken.event.id)).rejects.toThrow(InvariantError)
  const reported: string[] = []
  const other = openEventStore(views, (id, { message }) => reported.push(`${id}: ${message}`))
  for (const read of [other.events, other.events, () => reader.list(1_000)]) {
    const ids = (await read()).map(({ event }) => event.id)
    expect(ids).toContain(whole.event.id)
    expect(ids).not.toContain(broken.event.id)
  }
  // Once, however often it is read.
  const { id } = broken.event
  expect(reported).toEqual([
    expect.stringContaining(`${id}: The stored event ${id} cannot be read`),
  ])
  expect(await reader.one(whole.event.id)).toEqual(whole)
  // Mended, it is read again.
  await store.putEvent({ ...broken, version: 2 })
  expect((await store.events()).length).toBeGreaterThan(1)
  expect((await reader.one(id)).version).toBe(2)
})

test('what could not be read again is not stored', async () => {
  const store = openEventStore(views)
  const { event, ...progress } = progressOf(1)
  // A minute past the last instant of 9999.
  const far = { ...event, endMs: 253_402_300_859_999 }
  await expect(store.putEvent({ ...progress, event: far })).rejects.toThrow(StoredRecordError)
  await expect(createEventReader(views).one(event.id)).rejects.toThrow(NotFoundError)
})

test('an event of the last year that the store takes is listed', async () => {
  const { event, ...progress } = progressOf(1)
  const startMs = Date.UTC(2299, 5, 1)
  const late = { ...progress, event: { ...event, startMs, endMs: startMs + hourMs } }
  await openEventStore(views).putEvent(late)
  const reader = createEventReader(views)
  expect(await reader.one(event.id)).toEqual(late)
  expect(await reader.list(1)).toEqual([late])
  expect((await reader.states()).get(event.id)).toBe('announced')
  // It would be the newest of the other tests.
  await views.insert('events', [{ ...encodeProgress(late), version: 2, start: 0 }])
})

test('a settlement whose body cannot be decoded is refused', async () => {
  const { id } = progressOf(1).event
  const amounts = { leaf_count: 0, pay_micros: 0n, fee_micros: 0n }
  const row = { event_id: id, revision: 1, version: 1, period: null, root: '', state: 'settled' }
  await views.insert('settlements', [{ ...row, ...amounts, body: '{}' }])
  await expect(createEventReader(views).settlement(id)).rejects.toThrow()
})

test('a signature replaces a refusal, and no later refusal replaces it', async () => {
  const store = openEventStore(views)
  const verdict = { period: turn, validator: accounts[0]! }
  const signed = { ...verdict, signature: `0x${'1f'.repeat(65)}` as Hex32, refusal: null }
  const refused = { ...verdict, signature: null, refusal: 'The root is another.' }
  await store.putVerdict(refused)
  expect(await store.verdicts(turn)).toEqual([refused])
  await store.putVerdict(signed)
  await store.putVerdict(refused)
  expect(await store.verdicts(turn)).toEqual([signed])
  expect(await store.verdicts(turn + 1_000)).toEqual([])
})

test('accounts compare in lower case, however they were stored', async () => {
  const account = `0x${'aBcD'.repeat(10)}`
  const lower = account.toLowerCase() as Address
  const row = { meter: 'MIXED', zone: 'UTC', groups: 'g', interval_s: 1800, version: 1 }
  await views.insert('meters', [{ ...row, account }])
  await views.insert('attestations', [
    { period: turn, validator: account, version: 1, signature: '', refusal: 'no' },
  ])
  const store = openEventStore(views)
  expect((await store.meters()).find(({ meter }) => meter === 'MIXED')?.account).toBe(lower)
  expect((await store.verdicts(turn)).map(({ validator }) => validator)).toEqual([lower])
})

test('balances are those after the latest final settlement', async () => {
  const store = openEventStore(views)
  const record = recordOf(1, 500)
  const { id } = progressOf(1).event
  const lines = {
    ...built,
    settlement: { ...built.settlement, eventId: id },
  }
  await store.putLines(lines, 1)
  await store.putRecord({ record: { ...record, state: 'proposed' }, version: 1, state: 'proposed' })
  const before = await store.balances()
  await store.putRecord({ record, version: 2, state: 'final' })
  const after = await store.balances()
  // One account has the second and the fifth line: the balance of the last one counts.
  const last = built.settlement.lines[4]!
  expect(last.account).toBe(accounts[1])
  expect(before.get(last.account)).not.toEqual({ entitled: last.entitled, debt: last.debtAfter })
  expect(after.get(last.account)).toEqual({ entitled: last.entitled, debt: last.debtAfter })
})

test('readings of another interval length are skipped', async () => {
  const meter = meters[0]!
  const startMs = exampleEvent.startMs
  const row = {
    ...{ meter, quality: 2, revision: 0, power_w: null, ...statedColumns, reactive_var: null },
    ...{ log_partition: 0, log_offset: 0, log_index: 0 },
  }
  await views.insert('readings', [
    { ...row, start: startMs, duration_s: 1800, energy_mwh: 400_000 },
    { ...row, start: startMs + 1_800_000, duration_s: 900, energy_mwh: 200_000 },
  ])
  const range = { startMs, endMs: startMs + hourMs }
  const asked = { range, meters: [meter], intervalS: 1800 }
  const found = await openEventStore(views).readings(asked, [1])
  expect(found.get(meter)).toEqual(new Map([[startMs, 400_000]]))
})

/** Rows of the speed view: of the half-hours of the example event. */
const liveRow = (meter: string, half: number, energy_mwh: number) => ({
  ...{ meter, start: exampleEvent.startMs + half * 1_800_000, version: 1n, group_id: '' },
  ...{ duration_s: 1_800, energy_mwh, is_exception: false, is_missing: false },
})

test('what is shown of a participant does not depend on how many others report', async () => {
  const others = Array.from({ length: 20 }, (_, at) => `AAA${at}`)
  const rows = [0, 1].flatMap((half) => {
    return [...others.map((meter) => liveRow(meter, half, 1)), liveRow('ZZZ', half, 900 + half)]
  })
  await views.insert('speed_deviation', rows)
  const narrow = await openClickHouseViews({ url: server.url, limits: { resultRows: 10 } })
  const startMs = exampleEvent.startMs
  const range = { startMs, endMs: startMs + hourMs }
  const asked = { range, meters: ['ZZZ' as MeterId], intervalS: 1_800 }
  const shown = await openEventStore(narrow).shown(asked)
  expect([...shown]).toEqual([
    [
      'ZZZ',
      new Map([
        [startMs, 900],
        [startMs + 1_800_000, 901],
      ]),
    ],
  ])
  // What is too much is refused, not cut.
  const all = { ...asked, meters: [...others, 'ZZZ'] as MeterId[] }
  await expect(openEventStore(narrow).shown(all)).rejects.toThrow('larger than a read may be')
  await narrow.close()
})
