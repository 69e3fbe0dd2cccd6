import { afterAll, expect, test } from 'vitest'
import { RetryableError } from '../../schemas/errors/wattproofError.ts'
import type { MeterId } from '../../schemas/ids.ts'
import { memberOf } from '../../schemas/meter/membership.ts'
import { firstStep } from '../../schemas/meter/step.ts'
import { openEnrolled, readEnrolled } from '../../schemas/ports/enrolled.ts'
import { insertRowsMax, onceKeysMax, type Views } from '../../schemas/ports/views.ts'
import { statedColumns } from '../../schemas/reading/testing/aReading.ts'
import type { InsertRow } from '../../schemas/sql/rowSets.ts'
import { clock, ndjson, now, openReadingsApi, row } from '../testing/readingsApi.ts'
import type { ReadingsAnswer } from './describeRoutes.ts'

const { close, openApi, post, views } = await openReadingsApi()
afterAll(close)
const bareRow = { zone: 'UTC', groups: '', interval_s: 1_800, account: '' }

test('enrolment is idempotent; an invalid meter is refused with a message', async () => {
  const meter = { meter: 'A', zone: 'Europe/London', group: 'G', intervalS: 1800 }
  const again = await post('/api/v1/meters', {
    type: 'application/json',
    payload: JSON.stringify([meter]),
  })
  expect(again.json()).toEqual({ enrolled: 0, unchanged: 1 })
  for (const wrong of [
    { ...meter, zone: 'Mars' },
    { ...meter, meter: 'a b' },
    { ...meter, intervalS: 0 },
    { ...meter, account: '0x12' },
    { ...meter, colour: 'red' },
  ]) {
    const response = await post('/api/v1/meters', {
      type: 'application/json',
      payload: JSON.stringify([wrong]),
    })
    expect(response.statusCode).toBe(400)
  }
  const zeroAccount = JSON.stringify([{ ...meter, account: `0x${'0'.repeat(40)}` }])
  const unpaid = await post('/api/v1/meters', { type: 'application/json', payload: zeroAccount })
  expect([unpaid.statusCode, unpaid.json().type]).toEqual([
    400,
    'urn:wattproof:problem:zero-account',
  ])
  const account = `0x${'Ab'.repeat(20)}`
  const body = JSON.stringify([{ ...meter, account }])
  expect(
    (await post('/api/v1/meters', { type: 'application/json', payload: body })).json().enrolled,
  ).toBe(1)
  const [stored] = await readEnrolled(views)
  expect(stored!.account).toBe(account.toLowerCase())
})

test('a change has a version above all before it, whatever the clock shows', async () => {
  const before = await openApi({}, { ...clock, nowMs: () => now - 5_000 })
  const enrolB = async (group: string, api?: typeof before) => {
    const meter = { meter: 'B', zone: 'Europe/London', group, intervalS: 1800 }
    const payload = JSON.stringify([meter])
    const answer = await post('/api/v1/meters', { type: 'application/json', payload, api })
    expect(answer.json()).toEqual({ enrolled: 1, unchanged: 0 })
  }
  const stored = async () => {
    const meters = await readEnrolled(views)
    const versions = await views.query('meter_versions', { version: 0 })
    const ofB = (each: { readonly meter: string }) => each.meter === 'B'
    return { group: meters.find(ofB)!.groups[0]!.group, version: versions.find(ofB)!.version }
  }
  const first = await stored()
  await enrolB('H')
  const second = await stored()
  expect(second.version).toBeGreaterThan(first.version)
  await enrolB('I', before)
  const third = await stored()
  expect(third.group).toBe('I')
  expect(third.version).toBeGreaterThan(second.version)

  // Two at once take turns.
  await Promise.all([enrolB('J', before), enrolB('K', before)])
  await before.close()
  expect((await stored()).version).toBe(third.version + 2)
})

const send = async (path: string, body: object) => {
  const type = 'application/json'
  return post(path, { type, payload: JSON.stringify(body) })
}
const storedOf = async (id: string) => {
  return (await readEnrolled(views)).find(({ meter }) => meter === id)!
}

test('what is not said of a meter stays; a new one needs its zone and interval', async () => {
  const account = `0x${'1'.repeat(40)}`
  const whole = { meter: 'P', zone: 'UTC', intervalS: 900, kind: 'load', site: 'S', account }
  await send('/api/v1/meters', [{ ...whole, groups: { tariff: 'day', feeder: 'F1' } }])
  const change = { meter: 'P', groups: { feeder: 'F2' }, from: '2013-02-11' }
  for (const enrolled of [1, 0]) {
    expect((await send('/api/v1/meters', [change])).json()).toMatchObject({ enrolled })
  }
  const day = Date.UTC(2013, 1, 11)
  expect(await storedOf('P')).toEqual({
    ...whole,
    steps: firstStep(900),
    groups: [
      { group: 'feeder:F1', fromMs: -Infinity, untilMs: day, isInherited: false },
      { group: 'feeder:F2', fromMs: day, untilMs: Infinity, isInherited: false },
      { ...memberOf('tariff:day') },
    ],
  })
  await send('/api/v1/meters', [{ meter: 'P', account: null, groups: { tariff: null } }])
  expect(await storedOf('P')).toMatchObject({ account: null, groups: [{}, {}] })
  const unknown = await send('/api/v1/meters', [{ meter: 'Q', kind: 'net' }])
  expect([unknown.statusCode, unknown.json().detail]).toEqual([
    400,
    'Q is not enrolled yet, and a new meter needs zone and intervalS (--zone and --interval).',
  ])
})

test('the meters of a feeder are its substation’s, while both are', async () => {
  const day = (text: string) => Date.parse(`${text}T00:00Z`)
  const meter = { meter: 'R', zone: 'UTC', intervalS: 1800, site: 'R1' }
  await send('/api/v1/meters', [{ ...meter, groups: { feeder: 'F9' }, from: '2013-02-10' }])
  const parent = { group: 'feeder:F9', parent: 'substation:S1', from: '2013-02-12' }
  expect((await send('/api/v1/groups', [parent])).json()).toEqual({
    ...{ changed: 1, unchanged: 0, meters: 1 },
  })
  expect((await send('/api/v1/groups', [parent])).json()).toMatchObject({ changed: 0, meters: 0 })
  const inherited = { group: 'substation:S1', isInherited: true }
  const from = { fromMs: day('2013-02-12') }
  expect((await storedOf('R')).groups).toMatchObject([{}, { ...inherited, ...from }])
  // A meter that is enrolled later is in both too; one that leaves the feeder leaves both.
  await send('/api/v1/meters', [{ ...meter, meter: 'R2', groups: { feeder: 'F9' } }])
  expect((await storedOf('R2')).groups).toMatchObject([{}, { ...inherited, ...from }])
  await send('/api/v1/meters', [{ meter: 'R', groups: { feeder: null }, from: '2013-02-20' }])
  expect((await storedOf('R')).groups[1]).toMatchObject({ untilMs: day('2013-02-20') })

  const wrong = await send('/api/v1/groups', [{ group: 'north', parent: 'substation:S1' }])
  expect(wrong.json().detail).toContain('a feeder is part of a substation')
  const twice = await send('/api/v1/meters', [{ meter: 'R2', groups: { substation: 'S2' } }])
  expect(twice.json().detail).toContain('would be in substation:S1 too, through its feeder')
})

test('a change of one meter gives its site’s others its version', async () => {
  const meter = { zone: 'UTC', intervalS: 1800, site: 'T' }
  await send('/api/v1/meters', [{ ...meter, meter: 'T1', kind: 'load' }])
  const versions = async () => {
    const rows = await views.query('meter_versions', { version: 0 })
    return new Map(rows.map((row) => [row.meter as string, row.version]))
  }
  const before = await versions()
  await send('/api/v1/meters', [{ ...meter, meter: 'T2', kind: 'net' }])
  const after = await versions()
  expect(after.get('T1')).toBe(after.get('T2'))
  expect(after.get('T1')).toBeGreaterThan(before.get('T1')!)
  // Its former site too.
  await send('/api/v1/meters', [{ meter: 'T2', site: 'elsewhere' }])
  expect((await versions()).get('T1')).toBeGreaterThan(after.get('T1')!)
})

test('a meter enrolled elsewhere is known after a refresh', async () => {
  const late = {
    meter: 'late',
    version: now,
    zone: 'UTC',
    groups: 'G',
    interval_s: 1800,
    account: '',
  }
  await views.insert('meters', [late])
  const api = await openApi()
  const body = JSON.stringify({ ...row, meter: 'late' })
  const response = await post('/api/v1/readings', { type: ndjson, payload: body, api: api })
  await api.close()
  expect(response.json<ReadingsAnswer>().queued).toBe(1)
})

test('a step changes from a local midnight on, and history keeps its own', async () => {
  const kolkata = { meter: 'K', zone: 'Asia/Kolkata', intervalS: 3600 }
  const set = async (change: object) => {
    const response = await send('/api/v1/meters', [change])
    return response.statusCode === 200 ? response.json().enrolled : response.json().detail
  }
  expect(await set(kolkata)).toBe(1)
  const change = { meter: 'K', intervalS: 1800, from: '2013-02-11' }
  for (const enrolled of [1, 0]) expect(await set(change)).toBe(enrolled)
  const fromMs = Date.parse('2013-02-11T00:00+05:30')
  const steps = [
    { fromMs: 0, intervalS: 3600, gridOffsetS: 0 },
    { fromMs, intervalS: 1800, gridOffsetS: 0 },
  ]
  expect(await storedOf('K')).toMatchObject({ intervalS: 1800, steps })
  // What is said again changes nothing, and neither does another field.
  expect(await set({ meter: 'K', intervalS: 1800, kind: 'net' })).toBe(1)
  expect((await storedOf('K'))!.steps).toEqual(steps)

  const read = (start: string, duration_s: number) => {
    const payload = JSON.stringify({ meter: 'K', start, duration_s, energy_wh: 1 })
    return post('/api/v1/readings', { type: ndjson, payload })
  }
  const reasonOf = async (start: string, duration_s: number) => {
    return (await read(start, duration_s)).json<ReadingsAnswer>().rejected[0]?.reason
  }
  expect(await reasonOf('2013-02-10T23:00+05:30', 3600)).toBeUndefined()
  expect(await reasonOf('2013-02-10T23:00+05:30', 1800)).toBe('wrong-interval')
  expect(await reasonOf('2013-02-11T00:00+05:30', 3600)).toBe('wrong-interval')
  expect(await reasonOf('2013-02-11T00:15+05:30', 1800)).toBe('overlap')
  expect(await reasonOf('2013-02-11T00:00+05:30', 1800)).toBeUndefined()
  // Readings that are in the log, and not stored yet, are in the way too.
  expect(await set({ meter: 'K', intervalS: 900, from: '2013-02-11' })).toBe(
    'K has a reading of 1800 s from 2013-02-10T18:30:00.000Z on, which is not an interval of ' +
      '900 s. Let the step begin later (--from 2013-02-12), or take back what was ingested ' +
      'wrongly: `wattproof ingest revert`.',
  )
  expect(await set({ meter: 'K', intervalS: 1800, gridOffsetS: 900 })).toMatch(/^K has a reading/)
  expect(await set({ meter: 'K', intervalS: 900, from: '2013-02-12' })).toBe(1)
  expect(await set({ meter: 'K', gridOffsetS: 900 })).toMatch(/^An offset of 900 s is not less/)
})

test('a step is refused where stored readings are in the way, the last one by name', async () => {
  const set = async (change: object) => {
    const response = await send('/api/v1/meters', [{ meter: 'L', ...change }])
    return response.statusCode === 200 ? response.json().enrolled : response.json().detail
  }
  expect(await set({ zone: 'Europe/London', intervalS: 1800 })).toBe(1)
  const rows = Array.from({ length: 200 }, (_, slot) => ({
    ...{ meter: 'L', start: Date.UTC(2013, 0, 7) + slot * 1_800_000, duration_s: 1800 },
    ...{ quality: 2, revision: 0, energy_mwh: 1, ...statedColumns },
    ...{ log_partition: 0, log_offset: slot, log_index: 0 },
  }))
  await views.insert('readings', rows)
  // 200 half-hours end on the eleventh at 04:00.
  for (const from of [undefined, '2013-01-07', '2013-01-11']) {
    expect(await set({ intervalS: 3600, from })).toBe(
      'L has a reading of 1800 s from 2013-01-11T03:30:00.000Z on, which is not an interval of ' +
        '3600 s. Let the step begin later (--from 2013-01-12), or take back what was ' +
        'ingested wrongly: `wattproof ingest revert`.',
    )
  }
  expect(await set({ intervalS: 3600, from: '2013-01-12' })).toBe(1)
  expect((await storedOf('L'))!.steps.map(({ intervalS }) => intervalS)).toEqual([1800, 3600])
})

test('two processes that enrol at once lose no change and share no version', async () => {
  const meter = { meter: 'both', zone: 'UTC', intervalS: 1800 }
  await send('/api/v1/meters', [meter])
  const reader = openEnrolled(views)
  await reader.refresh()
  const versions: number[] = []
  let arrived = 0
  let open = () => {}
  const both = new Promise<void>((resolve) => {
    open = resolve
  })
  // Neither inserts before both have read.
  const late: Views = {
    ...views,
    insert: async (rowSet, given, options) => {
      arrived += 1
      if (arrived === 2) open()
      await both
      versions.push(Number((given as InsertRow<'meters'>[])[0]!.version))
      await views.insert(rowSet, given, options)
      await reader.refresh()
    },
  }
  const apis = await Promise.all([openApi({}, clock, late), openApi({}, clock, late)])
  // A store that was killed has used up what both send first.
  const dead = [{ ...bareRow, meter: 'dead', version: 1 }]
  await views.insert('meters', dead, { onceKey: `after ${reader.revision()}/0` })
  const account = `0x${'2'.repeat(40)}`
  const changes = [
    [
      { meter: 'both', kind: 'load' },
      { ...meter, meter: 'only-one' },
    ],
    [
      { meter: 'both', account },
      { ...meter, meter: 'only-two' },
    ],
  ]
  const answers = await Promise.all(
    changes.map((change, at) => {
      const payload = JSON.stringify(change)
      return post('/api/v1/meters', { type: 'application/json', payload, api: apis[at] })
    }),
  )
  await Promise.all(apis.map((api) => api.close()))
  for (const answer of answers) expect(answer.json()).toEqual({ enrolled: 2, unchanged: 0 })
  expect(await storedOf('both')).toMatchObject({ kind: 'load', account })
  // Both sent two keys with one version, of which one insert was stored; the other followed it.
  const [first] = versions
  expect(versions.filter((each) => each === first).length).toBe(4)
  expect(versions.filter((each) => each !== first)).toEqual([first! + 1])
  for (const each of ['only-one', 'only-two']) {
    expect(reader.byId.has(each as MeterId), each).toBe(true)
  }
})

test('keys that a killed store has used up are passed over, and not for ever', async () => {
  const reader = openEnrolled(views)
  await reader.refresh()
  const useUp = (tries: number) => {
    const dead = [{ ...bareRow, meter: 'dead', version: 1 }]
    return views.insert('meters', dead, { onceKey: `after ${reader.revision()}/${tries}` })
  }
  for (const tries of [0, 1, 2]) await useUp(tries)
  const meter = { meter: 'after-kills', zone: 'UTC', intervalS: 1800 }
  expect((await send('/api/v1/meters', [meter])).json()).toEqual({ enrolled: 1, unchanged: 0 })
  expect(await storedOf('after-kills')).toMatchObject({ intervalS: 1800 })

  await reader.refresh()
  for (let tries = 0; tries < onceKeysMax; tries++) await useUp(tries)
  const sent: (string | undefined)[] = []
  const noting: Views = {
    ...views,
    insert: async (rowSet, given, options) => {
      sent.push(options?.onceKey)
      await views.insert(rowSet, given, options)
    },
  }
  const api = await openApi({}, clock, noting)
  const payload = JSON.stringify([{ ...meter, kind: 'net' }])
  const answer = await post('/api/v1/meters', { type: 'application/json', payload, api })
  await api.close()
  expect(answer.statusCode).toBe(500)
  expect(answer.json().message).toBe(
    `Of ${onceKeysMax} inserts of enrolments after version ${reader.revision()} the store kept ` +
      'none, and it shows no other one.',
  )
  expect(new Set(sent).size).toBe(onceKeysMax)
  expect(sent).toHaveLength(onceKeysMax)
  // A version of its own, after which the others can enrol again.
  await views.insert('meters', [{ ...bareRow, meter: 'dead', version: reader.revision() + 1 }])
})

test('what another process changes while a change is decided is not undone', async () => {
  const meter = { meter: 'slow', zone: 'UTC', intervalS: 1800, kind: 'load' }
  await send('/api/v1/meters', [meter])
  let isOpen = true
  const late: Views = {
    ...views,
    query: async (name, ...given) => {
      if (name === 'stored_quarters' && isOpen) {
        isOpen = false
        await send('/api/v1/meters', [{ meter: 'slow', kind: 'net' }])
        // A reading of an unknown meter makes the process look, once a second.
        await new Promise((resolve) => setTimeout(resolve, 1_100))
        const payload = JSON.stringify({ ...row, meter: 'nobody' })
        await post('/api/v1/readings', { type: ndjson, payload, api })
      }
      return views.query(name, ...given)
    },
  }
  const api = await openApi({}, clock, late)
  const payload = JSON.stringify([{ meter: 'slow', intervalS: 900 }])
  const answer = await post('/api/v1/meters', { type: 'application/json', payload, api })
  await api.close()
  expect([answer.json(), isOpen]).toEqual([{ enrolled: 1, unchanged: 0 }, false])
  expect(await storedOf('slow')).toMatchObject({ kind: 'net', intervalS: 900 })
})

test('no version spans two inserts, and a reader between them misses none', async () => {
  const many = Array.from({ length: insertRowsMax + 1 }, (_, at) => {
    return { meter: `many-${at}`, zone: 'UTC', intervalS: 1800 }
  })
  const inserts: (readonly number[])[] = []
  const enrolled = openEnrolled(views)
  let fails = true
  const noting: Views = {
    ...views,
    insert: async (rowSet, given, options) => {
      if (inserts.length === 1 && fails) throw new RetryableError('The store is gone.')
      await views.insert(rowSet, given, options)
      inserts.push((given as InsertRow<'meters'>[]).map(({ version }) => Number(version)))
      await enrolled.refresh()
    },
  }
  await enrolled.refresh()
  const api = await openApi({}, clock, noting)
  const payload = JSON.stringify(many)
  const cut = await post('/api/v1/meters', { type: 'application/json', payload, api })
  expect(cut.statusCode).toBe(503)
  fails = false
  // The same request again completes it.
  const answer = await post('/api/v1/meters', { type: 'application/json', payload, api })
  await api.close()
  expect(answer.json()).toEqual({ enrolled: 1, unchanged: insertRowsMax })
  expect(inserts.map((versions) => versions.length)).toEqual([insertRowsMax, 1])
  const versions = inserts.map((each) => [...new Set(each)])
  expect(versions).toEqual([[expect.any(Number)], [versions[0]![0]! + 1]])
  expect(enrolled.byId.has(many.at(-1)!.meter as MeterId)).toBe(true)
  expect(enrolled.revision()).toBe(versions[1]![0])
})
