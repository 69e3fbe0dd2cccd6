import { afterAll, beforeAll, expect, test } from 'vitest'
import { openClickHouseViews } from '../../deploy/engines/views/clickhouseViews.ts'
import { startTestClickHouse, type TestClickHouse } from '../../deploy/testing/testClickHouse.ts'
import { AsOfBeyondError } from '../../schemas/errors/view.ts'
import type { DrEvent } from '../../schemas/event.ts'
import { eventId, type MeterId } from '../../schemas/ids.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { statedColumns } from '../../schemas/reading/testing/aReading.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import { addDays, localDayNamed } from '../../schemas/time.ts'
import { recomputeSettlement } from '../settlement/recomputeSettlement.ts'
import { exampleEvent, exampleInputs } from '../settlement/testing/exampleEvent.ts'
import { openEventStore } from '../store/eventStore.ts'
import type { ServingShell } from '../store/servingShell.ts'
import { firstProgress } from './announceEvent.ts'
import { computeCommittedInputs } from './committedInputsOf.ts'
import { rerunSettlement } from './rerunSettlement.ts'
import { settle } from './settleStep.ts'

const stepMs = 1_800_000
const { metered, eventSecret: _, ...example } = exampleInputs()
let server: TestClickHouse
let views: Views
let shell: ServingShell

beforeAll(async () => {
  server = await startTestClickHouse()
  views = await openClickHouseViews({ url: server.url })
  const clock = { nowMs: () => exampleEvent.endMs, sleep: async () => {} }
  const master = new Uint8Array(32).fill(7)
  const store = openEventStore(views)
  const archivedMs = async () => Number.POSITIVE_INFINITY
  shell = { store, clock, master, archivedMs, say: () => {} } as unknown as ServingShell
}, 180_000)
afterAll(async () => {
  await views?.close()
  await server?.stop()
})

test('a settlement is the same at its places, whatever is said or taken back since', async () => {
  const event = { ...exampleEvent, id: eventId('pinned') }
  await fillEvent(event)
  await archived([6, 0])
  const progress = firstProgress(event)
  await computeCommittedInputs(shell, event)
  await say(eventRows(event), { offset: 6, ingest: 'of the day' })
  await archived([9, 0])
  await settle(shell, progress)
  const settled = (await shell.store.record(event.id, 1))!.record.published
  expect(settled.asOf).toEqual({ baselines: [6, 0], readings: [9, 0] })

  const same = await rerunSettlement(shell, progress)
  expect(same).toMatchObject({ root: settled.header.root, difference: null })
  // Later: a day of a baseline restated, the event restated, and a withdrawal of all it had.
  const history = historyRows(event).map((row) => ({ ...row, energy_mwh: 1_000 }))
  const lower = eventRows(event).map((row) => ({ ...row, energy_mwh: row.energy_mwh - 50_000 }))
  await say([...history, ...lower], { offset: 9, ingest: 'restated' })
  await archived([12, 0])
  expect(await rerunSettlement(shell, progress)).toEqual(same)
  const later = { baselines: settled.asOf.baselines, readings: [12, 0] }
  const restated = await rerunSettlement(shell, progress, later)
  expect(restated.rerunRoot).not.toBe(same.root)
  expect(restated.difference).toMatchObject({ line: 0, field: 'readings' })
  // Beyond what is archived the answer would change: an equal one is refused, not given.
  const beyond = rerunSettlement(shell, progress, { ...later, readings: [13, 0] })
  await expect(beyond).rejects.toThrow(AsOfBeyondError)

  await views.insert('acts', [withdrawal(12, 'of the day'), withdrawal(13, 'restated')])
  await archived([14, 0])
  expect(await rerunSettlement(shell, progress)).toEqual(same)
  const withdrawn = await rerunSettlement(shell, progress, { ...later, readings: [14, 0] })
  expect(withdrawn.difference).toMatchObject({ line: 0, field: 'delivered', rerun: '0' })
  expect(withdrawn.difference?.settled).not.toBe('0')

  // What validators recompute from is what was published, and names no earlier readings.
  expect(recomputeSettlement(settled, settled.header)).toEqual({ ok: true })
  const swapped = { ...settled, asOf: { baselines: [9, 0], readings: [6, 0] } }
  expect(recomputeSettlement(swapped, settled.header)).toMatchObject({
    refusal: { code: 'as-of', partition: 0, baselines: 9, readings: 6 },
  })
})

test('an occupant is settled by days of its own, and by the documented fallback', async () => {
  const [full, few, none] = await Promise.all([
    baselineSince(undefined),
    // Thursday: of ten weekdays two, 7 and 8 February, are the occupant's own.
    baselineSince(localDayNamed('2013-02-07', exampleEvent.zone).startMs),
    baselineSince(localDayNamed('2013-02-11', exampleEvent.zone).startMs),
  ])
  expect(full?.days).toHaveLength(10)
  expect(few?.days).toEqual(['2013-02-08', '2013-02-07'])
  expect(few?.flags).toContain('few-days:2-of-10')
  expect(none).toBe(undefined)
})

async function baselineSince(occupiedFromMs: number | undefined) {
  const [participant] = exampleEvent.participants
  const since = occupiedFromMs === undefined ? {} : { occupiedFromMs }
  const id = eventId(`since-${occupiedFromMs ?? 'ever'}`)
  const event = { ...exampleEvent, id, participants: [{ ...participant!, ...since }] }
  const { baselines } = await computeCommittedInputs(shell, event)
  return baselines.get(participant!.meter)
}

async function fillEvent(event: DrEvent): Promise<void> {
  await say(historyRows(event), { offset: 5, ingest: 'history' })
}

/** 400 Wh in each half-hour of the evenings of four weeks. */
function historyRows({ zone, startMs, endMs }: DrEvent) {
  const rows: ReturnType<typeof rowOf>[] = []
  for (let days = 1; days <= 28; days++) {
    const shiftMs = startMs - addDays(localDayNamed('2013-02-11', zone), -days, zone).startMs
    const dayMs = localDayNamed('2013-02-11', zone).startMs
    for (let ms = dayMs; ms < endMs; ms += stepMs) {
      const ownMs = ms - dayMs + startMs - shiftMs
      for (const meter of meteredMeters) rows.push(rowOf(meter, ownMs, 400_000))
    }
  }
  return rows
}

function eventRows({ startMs }: DrEvent) {
  return meteredMeters.flatMap((meter) =>
    [...metered.get(meter)!].map(([ms, energy]) => {
      return rowOf(meter, startMs + (ms - exampleEvent.startMs), energy)
    }),
  )
}

const meteredMeters = example.event.participants.map(({ meter }) => meter)

function rowOf(meter: MeterId, start: number, energy: number) {
  const figures = { power_w: null, reactive_var: null, duration_s: 1800, energy_mwh: energy }
  return { meter, start, quality: 2, revision: 0, ...statedColumns, ...figures }
}

async function say(
  rows: readonly ReturnType<typeof rowOf>[],
  { offset, ingest }: { readonly offset: number; readonly ingest: string },
): Promise<void> {
  const place = { log_partition: 0, log_offset: offset, ingest, logged: offset }
  await views.insert(
    'readings',
    rows.map((row, log_index): InsertRow<'readings'> => ({ ...row, ...place, log_index })),
  )
}

/** The archive has read this far, by partition. */
async function archived(places: readonly number[]): Promise<void> {
  const when = { max_end: null, read_at: places[0]! }
  await views.insert(
    'archive_progress',
    places.map((next_offset, log_partition) => ({ log_partition, next_offset, ...when })),
  )
}

function withdrawal(offset: number, ingest: string): InsertRow<'acts'> {
  const place = { log_partition: 0, log_offset: offset, logged: offset }
  return { ...place, kind: 'withdrawal', ingest, source: '', from: 0, rank: 0 }
}
