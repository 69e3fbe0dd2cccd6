import { describe, expect, test } from 'vitest'
import { bearer, openTestApi } from '../../../deploy/testing/testApi.ts'
import type { Views } from '../../../schemas/ports/views.ts'
import { firstProgress } from '../../programme/announceEvent.ts'
import { accounts, exampleEvent, meters } from '../../settlement/testing/exampleEvent.ts'
import { openEventStore } from '../../store/eventStore.ts'
import { hourMs, id, startMs } from './fillViews.ts'
import { app, built, clock, drafts, iso, type Row, read, readBare, views } from './routesHarness.ts'

export function describeEvents(): void {
  describe('events', () => {
    test('an event is answered in full, its members with the token', async () => {
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
      expect(full.problem).toBe(`${meters[0]} has no account to pay to; enrol it with one.`)
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

    test('load and committed baseline are compared by phase, in sum and by member', async () => {
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
      expect(first).toMatchObject({ start: iso(startMs), members: 3, origin: 'speed' })
      // Settled baselines of three members, 400, 410 and 420 Wh in half an hour. Of the fourth this
      // reading was missing when it was settled, and the fifth has no baseline.
      expect(first.baselineW).toBeCloseTo(2 * 1230, 6)
      expect(first.orderedW).toBeCloseTo(2 * 123, 6)
      // The merged view has other readings than were settled; these figures are final.
      expect(compared.deliveredMwh).toBe(built.settlement.delivered)
      expect(compared.members.map((each: { meter: string }) => each.meter)).toEqual(meters)
      expect((await readBare(`/events/${id}/deviations`)).members).toBeUndefined()
    })

    test("an event's live and settled figures are compared, the difference explained", async () => {
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

    test('simultaneous requests for an event share a query; strangers another', async () => {
      let looks = 0
      const counting: Views = {
        ...views,
        query: (name, ...given) => {
          if (name === 'merged_of_meters') looks++
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
      // Strangers take turns: on a slow machine the answer they share grows old between two.
      expect(looks).toBeGreaterThanOrEqual(2)
      expect(looks).toBeLessThanOrEqual(5)
      await api.close()
    })

    test('sums over fewer than five meters need the token', async () => {
      const participants = exampleEvent.participants.slice(0, 4)
      const few = firstProgress({ ...exampleEvent, id: 'few' as typeof id, participants })
      await openEventStore(views).putEvent({ ...few, version: 2, orderedMwh: 7 })
      expect(await readBare('/events/few')).toMatchObject({ orderedMwh: null, isWithheld: true })
      expect(await read('/events/few')).toMatchObject({ orderedMwh: 7, isWithheld: false })
      expect((await readBare('/events/few/reconciliation')).orderedMwh).toBeNull()
      const withheld = { intervals: [], orderedMwh: 0, deliveredMwh: 0 }
      expect(await readBare('/events/few/deviations')).toMatchObject(withheld)
      const trusted = await read('/events/few/deviations')
      expect(trusted.intervals).not.toEqual([])
      expect(trusted.orderedMwh).toBeGreaterThan(0)
    })

    test('the view of events has figures with the token only', async () => {
      const rowOf = ({ rows }: { rows: Row[] }) => rows.find((row) => row.event === id)
      expect(rowOf(await read('/views/events'))).toMatchObject({ orderedMwh: 640_000 })
      const bare = { event: id, state: 'final', orderedMwh: null, speedDeliveredMwh: null }
      expect(rowOf(await readBare('/views/events'))).toMatchObject({ ...bare, deliveredMwh: null })
    })
  })
}
