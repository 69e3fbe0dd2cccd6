import { afterAll, beforeAll, expect, test } from 'vitest'
import { openClickHouseViews } from '../../deploy/engines/views/clickhouseViews.ts'
import { startTestClickHouse, type TestClickHouse } from '../../deploy/testing/testClickHouse.ts'
import { formulaVersion } from '../../schemas/deviation/formulaVersion.ts'
import { deviationDefaults } from '../../schemas/deviation/options.ts'
import { firstStep } from '../../schemas/meter/step.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { statedColumns } from '../../schemas/reading/testing/aReading.ts'
import { findChangedDays, readPlaces } from './findChangedDays.ts'
import { encodeInputs, type GenerationInputs, readInputs } from './generationInputs.ts'

const highWaterMs = Date.UTC(2013, 1, 20)
const published = {
  ...{ generation: 1, run: 1n, modelId: null, heldSinceMs: null },
  ...{ highWaterMs, horizonMs: highWaterMs, createdMs: highWaterMs },
}

let server: TestClickHouse
let views: Views
beforeAll(async () => {
  server = await startTestClickHouse()
  views = await openClickHouseViews({ url: server.url })
  await enrol({ meter: 'east', zone: 'Pacific/Kiritimati' })
  await enrol({ meter: 'west', zone: 'Etc/GMT+12' })
  await archive([
    // 23:00 on the 2nd in Kiritimati, 21:00 on the 31st at GMT-12.
    { meter: 'east', start: Date.UTC(2013, 1, 2, 9) },
    { meter: 'west', start: Date.UTC(2013, 1, 1, 9) },
    { meter: 'not enrolled', start: Date.UTC(2013, 1, 9) },
  ])
})
afterAll(async () => {
  await views?.close()
  await server?.stop()
})

test('nothing new: no day changed; another formula, or unknown inputs: every day', async () => {
  const now = await inputsNow()
  const everyDay = ['2013-01-31', '2013-02-02']
  expect(await changedDays(now, now)).toEqual([])
  expect(await changedDays({ ...now, formula: formulaVersion - 1 }, now)).toEqual(everyDay)
  expect(await changedDays(null, now)).toEqual(everyDay)
})

test('a reading archived since changes its local day', async () => {
  const before = await inputsNow()
  await archive([{ meter: 'east', start: Date.UTC(2013, 1, 4, 11) }])
  expect(await changedDays(before, await inputsNow())).toEqual(['2013-02-05'])
})

test('a group may have any name; its interval counts if both generations have it', async () => {
  const now = await inputsNow()
  const gridsFor = (group: string, stepS: number) => {
    return [[group, { zone: 'UTC', steps: firstStep(stepS) }] as const]
  }
  for (const name of ['constructor', 'toString', '__proto__']) {
    const named = { ...now, grids: gridsFor(name, 1800) }
    expect(await changedDays(now, named)).toEqual([])
    expect(await changedDays(named, now)).toEqual([])
    const before = await stored(named)
    expect(before?.grids).toEqual(gridsFor(name, 1800))
    const changed = await changedDays(before, { ...now, grids: gridsFor(name, 900) })
    expect(changed, name).not.toEqual([])
  }
})

test('inputs that cannot be read are unknown', async () => {
  const now = await inputsNow()
  expect(await stored(now)).toEqual(now)
  const { formula, ...rest } = now
  expect(await stored(rest)).toBeNull()
  expect(await storedText('{')).toBeNull()
})

test('a meter that moved by 26 hours changes days two apart', async () => {
  const before = await inputsNow()
  await enrol({ meter: 'east', zone: 'Etc/GMT+12', version: 2 })
  // The reading at 11:00 UTC of the 4th was at 01:00 on the 5th and is at 23:00 on the 3rd.
  const changed = await changedDays(before, await inputsNow())
  expect(changed).toEqual(expect.arrayContaining(['2013-02-03', '2013-02-05']))
})

test('who moves in makes the days of the site dirty', async () => {
  const now = await inputsNow()
  const asked = { published, before: now, now, highWaterMs }
  expect(await findChangedDays(views, { ...asked, movedMeters: [] })).toEqual(new Set())
  const changed = await findChangedDays(views, { ...asked, movedMeters: ['west'] })
  expect([...changed]).toContain('2013-01-31')
})

async function changedDays(before: GenerationInputs | null, now: GenerationInputs) {
  const dates = await findChangedDays(views, { published, before, now, highWaterMs })
  return [...dates].sort()
}

async function inputsNow(): Promise<GenerationInputs> {
  return {
    ...{ method: 'm', excludedDates: [], holidays: [], zone: 'UTC', grids: [] },
    ...{
      models: [],
      occupanciesVersion: 0,
      formula: formulaVersion,
      deviation: deviationDefaults,
      ...(await readPlaces(views)),
    },
  }
}

let generation = 1
async function storedText(inputs: string) {
  generation += 1
  const row = { generation, run: 1n, high_water: 0, horizon: 0, model_id: '', created: 0 }
  await views.insert('generations', [{ ...row, inputs }])
  return readInputs(views, generation)
}

function stored(inputs: Partial<GenerationInputs>) {
  return storedText(encodeInputs(inputs as GenerationInputs))
}

async function enrol({ version = 1, ...meter }: { meter: string; zone: string; version?: number }) {
  const row = { ...meter, version, groups: 'g', interval_s: 1800, account: '' }
  await views.insert('meters', [row])
}

let offset = 0
async function archive(rows: readonly { meter: string; start: number }[]) {
  const value = {
    energy_mwh: 1,
    power_w: null,
    ...statedColumns,
    reactive_var: null,
    duration_s: 1800,
  }
  const whole = rows.map((row) => {
    const place = { log_partition: 0, log_offset: offset++, log_index: 0 }
    return { ...row, quality: 2, revision: 0, ...value, ...place }
  })
  await views.insert('readings', whole)
  const progress = { log_partition: 0, next_offset: offset, max_end: 0, read_at: 0 }
  await views.insert('archive_progress', [progress])
}
