import { afterAll, beforeAll, expect, test } from 'vitest'
import { openClickHouseViews } from '../../deploy/engines/views/clickhouseViews.ts'
import { startTestClickHouse, type TestClickHouse } from '../../deploy/testing/testClickHouse.ts'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { encodeInputs } from '../recompute/generationInputs.ts'
import { readJobFacts } from './readJobFacts.ts'

const noEvents = async () => []

let server: TestClickHouse
let views: Views

beforeAll(async () => {
  server = await startTestClickHouse()
  views = await openClickHouseViews({ url: server.url })
})
afterAll(async () => {
  await views?.close()
  await server?.stop()
})

async function enrol(meter: string, zone: string): Promise<void> {
  const row = { meter, zone, groups: 'g', interval_s: 1800, account: '', version: 1 }
  await views.insert('meters', [row])
}

test('the first high-water mark is a midnight of the zone that most meters have', async () => {
  expect((await readJobFacts(views, noEvents)).zone).toBe('UTC')
  await enrol('b', 'Europe/London')
  await enrol('c', 'Europe/London')
  await enrol('a', 'Europe/Athens')
  expect((await readJobFacts(views, noEvents)).zone).toBe('Europe/London')
})

test('a published generation keeps its zone, whichever meters are enrolled later', async () => {
  const inputs = {
    ...{ method: 'm', excludedDates: [], holidays: [], deviation: deviationDefaults, formula: 1 },
    ...{
      zone: 'Europe/London',
      grids: [],
      models: [],
      places: [],
      metersVersion: 1,
      metersOfVersion: 3,
      occupanciesVersion: 0,
    },
  }
  const generation = { generation: 1, run: 1n, high_water: 0, horizon: 0, model_id: '' }
  await views.insert('generations', [{ ...generation, created: 0, inputs: encodeInputs(inputs) }])
  for (const meter of ['1', '2', '3']) await enrol(meter, 'America/New_York')
  const facts = await readJobFacts(views, noEvents)
  expect(facts.zone).toBe('Europe/London')
  expect(facts.published?.generation).toBe(1)
})

test('days of events, and those they exclude, are not ordinary; each is named once', async () => {
  const event = {
    // 01:00 of the 12th in Athens, 23:00 of the 11th in London.
    ...{ zone: 'Europe/Athens', startMs: Date.UTC(2013, 1, 11, 23) },
    excludedDates: ['2013-02-05', '2013-02-12'],
    holidays: ['2013-01-01'],
  }
  const other = { ...event, excludedDates: ['2013-02-01'], holidays: ['2012-12-25', '2013-01-01'] }
  const facts = await readJobFacts(views, async () => [{ event }, { event: other }])
  expect(facts.excludedDates).toEqual(['2013-02-01', '2013-02-05', '2013-02-12'])
  expect(facts.holidays).toEqual(['2012-12-25', '2013-01-01'])
})
