import { tableFromIPC } from 'apache-arrow'
import { describe, expect, test } from 'vitest'
import { bearer, openTestApi } from '../../../deploy/testing/testApi.ts'
import { meters } from '../../settlement/testing/exampleEvent.ts'
import { endMs, highWaterMs, hourMs, id, startMs, stepMs } from './fillViews.ts'
import { app, clock, iso, log, type Row, read, readBare, views } from './routesHarness.ts'

export function describeViews(): void {
  describe('views', () => {
    test('the catalogue lists every view with columns, units and access', async () => {
      const { views: catalogue } = await read('/views')
      const deviation = catalogue.find((view: { name: string }) => view.name === 'deviation')
      expect(deviation.scope).toBe('meter')
      expect(deviation.columns[4]).toMatchObject({
        name: 'energyMwh',
        unit: 'mWh',
        kind: 'integer',
      })
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

    test('instants that no store takes are refused, the others answered', async () => {
      const { views: catalogue } = await read('/views')
      const routes = [
        ...catalogue
          .filter(({ columns }: { columns: { name: string }[] }) =>
            columns.some(({ name }) => name === 'start'),
          )
          .map(({ name }: { name: string }) => `/views/${name}?limit=5&`),
        '/forecasts?',
      ]
      expect(routes.length).toBeGreaterThan(6)
      const statusOf = async (route: string, end: string, instant: string) => {
        const url = `/api/v1${route}${end}=${encodeURIComponent(instant)}`
        const response = await app.inject({ url, headers: bearer })
        return [url, response.statusCode, response.json().type]
      }
      for (const route of routes) {
        const ends = route.startsWith('/views') ? ['from', 'to'] : ['from']
        for (const end of ends) {
          for (const instant of [
            ...['0000-01-01T00:00:00Z', '0000-01-01T00:00:00+14:00', '1969-12-31T23:59:59Z'],
            ...['2200-01-01T00:00:00Z', '9999-12-31T00:00:00Z', '9999-12-31T23:59:00-14:00'],
          ]) {
            const [url, ...answer] = await statusOf(route, end, instant)
            expect.soft(answer, url).toEqual([400, 'urn:wattproof:problem:shape'])
          }
          const [last, lastStatus] = await statusOf(route, end, '2199-12-31T23:59:59Z')
          expect.soft(lastStatus, last).toBe(200)
          const [first, firstStatus] = await statusOf(route, end, '1970-01-01T00:00:00Z')
          expect.soft(firstStatus, first).toBe(end === 'from' ? 200 : 400)
        }
      }
    })

    test('rows are batch before the high-water mark and speed from it on', async () => {
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

    test('every view leads on from page to page, however many rows one instant has', async () => {
      const { views: catalogue } = await read('/views')
      for (const { name } of catalogue as { name: string }[]) {
        const event = name === 'settlement_lines' ? `event=${id}&` : ''
        const whole = await read(`/views/${name}?${event}`)
        const paged: Row[] = []
        let page = ''
        for (let pages = 1; ; pages++) {
          const { rows, next } = await read(`/views/${name}?${event}limit=1${page}`)
          expect(rows.length, name).toBeLessThanOrEqual(1)
          paged.push(...rows)
          if (next === null) break
          page = `&page=${encodeURIComponent(next)}`
          expect(pages, name).toBeLessThanOrEqual(whole.rows.length)
        }
        expect(paged, name).toEqual(whole.rows)
      }
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
      const whole = await read(
        `/views/deviation?from=${iso(startMs - 2 * hourMs)}&to=${iso(endMs)}`,
      )
      expect(whole.isTruncated).toBe(false)
      // Five meters, eight half-hours.
      expect(pages).toHaveLength(40)
      expect(pages).toEqual(whole.rows)
    })

    test('a sum over one member needs the token', async () => {
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

    test('asOf beyond what the archive has read is refused, and says how far it is', async () => {
      const ask = async (asOf: string) => {
        const range = `from=${iso(startMs)}&to=${iso(endMs)}`
        const url = `/api/v1/views/readings?${range}&asOf=${encodeURIComponent(asOf)}`
        const response = await app.inject({ url, headers: bearer })
        return { status: response.statusCode, ...response.json() }
      }
      const before = clock.ms
      const conflict = { status: 409, type: 'urn:wattproof:problem:conflict' }
      expect(await ask('0,0')).toMatchObject({ status: 200, rows: [] })
      for (const places of ['1,0', '0,1']) {
        const details = { asOf: places, archived: [0, 0] }
        expect(await ask(places)).toMatchObject({ ...conflict, ...details })
      }
      // A partition without a place would have no rows in the answer.
      for (const places of ['0', '0,0,0']) expect((await ask(places)).status).toBe(400)
      // Nothing that was logged is unread, so that the present is known, and the future is not.
      clock.ms = Date.now() + 10_000
      expect((await ask(iso(clock.ms - 1))).status).toBe(200)
      const until = { archivedUntil: iso(clock.ms - 1) }
      expect(await ask(iso(clock.ms))).toMatchObject({ ...conflict, ...until })
      // One record is logged that the archive has not read.
      const [empty, topic] = [new Uint8Array(), 'readings.v1']
      const offset = await log.append(topic, 1, [{ key: empty, value: empty }])
      const [{ loggedMs } = { loggedMs: 0 }] = await log.read({ topic, partition: 1, offset }, 1)
      expect((await ask(iso(loggedMs - 1))).status).toBe(200)
      const lagging = { archivedUntil: iso(loggedMs - 1), archived: [0, 0] }
      expect(await ask(iso(loggedMs))).toMatchObject({ ...conflict, ...lagging })
      for (const group of ['archive', 'speed']) {
        await log.commit(group, { topic, partition: 1, offset: offset + 1 })
      }
      expect((await ask(iso(loggedMs))).status).toBe(200)
      clock.ms = before
    })

    test('an unchanged answer is not sent again', async () => {
      const url = '/api/v1/views/events'
      const first = await app.inject({ url })
      const headers = { 'if-none-match': String(first.headers.etag) }
      const second = await app.inject({ url, headers })
      expect([second.statusCode, second.body]).toEqual([304, ''])
    })

    test('forecasts are summed over a group, and one meter needs the token', async () => {
      clock.ms = highWaterMs
      const summed = await readBare('/forecasts?group=dynamic&horizon=1')
      // Five meters of 200 Wh in half an hour: 1 kWh, 2 kW.
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

    test('groups list their meters with the token only', async () => {
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
}
