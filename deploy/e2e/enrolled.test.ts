import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { MeterId } from '../../schemas/ids.ts'
import { openEnrolled, readEnrolled } from '../../schemas/ports/enrolled.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { openClickHouseViews } from '../engines/views/clickhouseViews.ts'
import { startTestClickHouse, type TestClickHouse } from '../testing/testClickHouse.ts'

/** What a process knows of the enrolments, against what the real store has. */
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

let version = 0
const rowOf = (meter: number, group: number) => ({
  meter: `M${meter}`,
  version,
  zone: 'Europe/London',
  groups: `g${group}`,
  interval_s: 1800,
  account: '',
})
/** Records of one insert, and whether it has a version of its own: two writers may choose one. */
const insert = fc.record({
  meters: fc.uniqueArray(fc.nat(20), { minLength: 1, maxLength: 5 }),
  group: fc.nat(3),
  isNewVersion: fc.boolean(),
})

test('whatever was enrolled or changed since, all of it is known after a refresh', async () => {
  // In pieces of three records.
  const enrolled = openEnrolled(views, 3)
  await fc.assert(
    fc.asyncProperty(fc.array(insert, { minLength: 1, maxLength: 4 }), async (inserts) => {
      const seen = new Set<number>()
      for (const { meters, group, isNewVersion } of inserts) {
        if (isNewVersion || meters.some((each) => seen.has(each))) {
          version += 1
          seen.clear()
        }
        for (const each of meters) seen.add(each)
        await views.insert(
          'meters',
          meters.map((each) => rowOf(each, group)),
        )
        await Promise.all([enrolled.refresh(), enrolled.refresh(), enrolled.refresh()])
        expect(enrolled.all()).toEqual(
          (await views.query('enrolments', { version: 0, limit: 100 })).map(({ meter }) => meter),
        )
        expect(await readEnrolled(views)).toEqual(enrolled.all())
        expect(enrolled.revision()).toBe(version)
      }
      version += 1
    }),
    { numRuns: 10 },
  )
})

test('what another process enrols between two pieces is known whole, or not at all', async () => {
  version += 1
  const enrol = async (...moved: number[]) => {
    version += 1
    await views.insert(
      'meters',
      moved.map((each) => rowOf(each, version)),
    )
  }
  await enrol(30, 31, 32, 33)
  let isOpen = true
  const late: Pick<Views, 'query'> = {
    query: async (name, ...rest) => {
      const rows = await views.query(name, ...rest)
      // After the piece with the first of both, and before that of the other.
      if (isOpen && name === 'enrolments' && JSON.stringify(rows).includes('"M30"')) {
        isOpen = false
        await enrol(30, 33)
      }
      return rows
    },
  }
  const enrolled = openEnrolled(late, 2)
  const changed = await enrolled.refresh()
  expect(isOpen).toBe(false)
  const groupOf = (meter: string) => enrolled.byId.get(meter as MeterId)!.groups[0]!.group
  expect([groupOf('M30'), groupOf('M33')]).toEqual([`g${version}`, `g${version}`])
  expect(enrolled.revision()).toBe(version)
  expect(new Map(changed.map((each) => [each.meter, each]))).toEqual(enrolled.byId)
})

test('unchanged enrolments are the same array, and cost one question', async () => {
  const asked: string[] = []
  const query: Views['query'] = (name, ...rest) => {
    asked.push(name)
    return views.query(name, ...rest)
  }
  const store = { query }
  const before = await readEnrolled(store)
  asked.length = 0
  expect(await readEnrolled(store)).toBe(before)
  expect(asked).toEqual(['newest_meters'])
  version += 1
  await views.insert('meters', [rowOf(99, 1)])
  const after = await readEnrolled(store)
  expect(after.length).toBe(before.length + 1)
  expect(asked).toEqual(['newest_meters', 'newest_meters', 'enrolments'])
})
