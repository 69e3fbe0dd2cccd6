import { afterAll, expect, test } from 'vitest'
import { clock, ndjson, now, openReadingsApi, row } from '../testing/readingsApi.ts'
import type { ReadingsAnswer } from './describeRoutes.ts'

const { close, openApi, post, views } = await openReadingsApi()
afterAll(close)

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
  const [stored] = await views.query('meters')
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
    const meters = await views.query('meters')
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
