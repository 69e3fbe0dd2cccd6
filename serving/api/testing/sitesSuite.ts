import { describe, expect, test } from 'vitest'
import { bearer } from '../../../deploy/testing/testApi.ts'
import { accounts } from '../../settlement/testing/exampleEvent.ts'
import { app, read, send, views } from './routesHarness.ts'

export function describeSites(): void {
  const row = { version: 1, zone: 'Europe/London', interval_s: 1800, account: '', site: 'SOLAR' }

  describe('sites', () => {
    test('meters are listed in pages, by site, kind or group', async () => {
      await views.insert('meters', [
        { ...row, meter: 'SOLAR-in', kind: 'import', groups: 'sunny feeder:F1@1360540800000' },
        { ...row, meter: 'SOLAR-out', kind: 'export', groups: 'sunny' },
        { ...row, meter: 'SOLAR-pv', kind: 'generation', groups: '' },
      ])
      const all: string[] = []
      for (let after = ''; ; ) {
        const page = await read(`/meters?limit=2${after && `&after=${after}`}`)
        expect(page.meters.length).toBeLessThanOrEqual(2)
        for (const { meter } of page.meters) all.push(meter)
        if (page.next === null) break
        after = page.next
      }
      expect(all).toEqual([...all].sort())
      expect(all).toHaveLength(9)
      const idsOf = async (query: string) => {
        const { meters } = await read(`/meters?${query}`)
        return meters.map(({ meter }: { meter: string }) => meter)
      }
      expect(await idsOf('site=SOLAR&kind=export')).toEqual(['SOLAR-out'])
      expect(await idsOf('group=sunny')).toEqual(['SOLAR-in', 'SOLAR-out'])
      const { meters } = await read('/meters?meter=SOLAR-in')
      expect(meters[0]).toMatchObject({ site: 'SOLAR', kind: 'import', intervalS: 1800 })
      expect(meters[0].groups[1]).toEqual({
        ...{ group: 'feeder:F1', kind: 'feeder', isInherited: false },
        ...{ from: '2013-02-11T00:00:00.000Z', until: null },
      })
    })

    test('a settlement point is a signed sum of meters of its site, from a midnight', async () => {
      const point = { site: 'SOLAR', programme: 'flex', quantity: 'load', from: '2013-07-01' }
      expect(await send('/points', [point])).toEqual({ changed: 1, unchanged: 0 })
      expect(await send('/points', [point])).toEqual({ changed: 0, unchanged: 1 })
      const terms = [
        { meter: 'SOLAR-in', sign: 1 },
        { meter: 'SOLAR-out', sign: -1 },
        { meter: 'SOLAR-pv', sign: 1 },
      ]
      const { points } = await read('/points?site=SOLAR')
      // Midnight in London in summer.
      expect(points).toMatchObject([{ programme: 'flex', from: '2013-06-30T23:00:00.000Z', terms }])
      expect(points[0].hash).toMatch(/^0x[0-9a-f]{64}$/)
      // Another definition from the same date takes its place, in whatever programme.
      const net = { ...point, programme: 'other', quantity: 'net' }
      expect(await send('/points', [net])).toEqual({ changed: 1, unchanged: 0 })
      const after = await read('/points?site=SOLAR')
      expect(after.points).toMatchObject([{ programme: 'other', terms: terms.slice(0, 2) }])
    })

    test('a point of other meters, or a site without any, is refused', async () => {
      const refused = async (url: string, payload: object) => {
        const at = { method: 'POST', url: `/api/v1${url}`, headers: bearer } as const
        const answer = await app.inject({ ...at, payload })
        return [answer.statusCode, answer.json().detail]
      }
      const point = { site: 'SOLAR', programme: 'flex' }
      for (const [terms, detail] of [
        ['+SOLAR-in -M9', 'M9 is not a meter of the site SOLAR'],
        ['SOLAR-in', 'is not a settlement point'],
      ]) {
        const answer = await refused('/points', [{ ...point, terms }])
        expect(answer).toEqual([400, expect.stringContaining(detail!)])
      }
      const both = [{ ...point, terms: '', quantity: 'net' }]
      expect((await refused('/points', both))[1]).toContain('needs quantity or terms, not both')
      const nowhere = [{ site: 'NOWHERE', account: null }]
      expect(await refused('/occupancies', nowhere)).toEqual([
        400,
        'No meter is enrolled at the site NOWHERE. Enrol its meters first.',
      ])
    })

    test('occupancies are by date; none of a site needs an account', async () => {
      const moves = [
        { site: 'SOLAR', account: accounts[0]! },
        { site: 'SOLAR', account: null, from: '2013-02-11' },
      ]
      expect(await send('/occupancies', moves)).toEqual({ changed: 2, unchanged: 0 })
      expect(await send('/occupancies', moves)).toEqual({ changed: 0, unchanged: 2 })
      const first = await read('/occupancies?site=SOLAR&limit=1')
      expect(first.occupancies).toEqual([
        { site: 'SOLAR', from: '1970-01-01T00:00:00.000Z', account: accounts[0] },
      ])
      const rest = await read(`/occupancies?site=SOLAR&limit=1&after=${first.next}`)
      expect(rest).toEqual({
        occupancies: [{ site: 'SOLAR', from: '2013-02-11T00:00:00.000Z', account: null }],
        next: null,
      })
    })
  })
}
