import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { everyWord, reading } from '../../../schemas/conformance/viewsRows.ts'
import { RetryableError } from '../../../schemas/errors/wattproofError.ts'
import type { Views } from '../../../schemas/ports/views.ts'
import { startTestClickHouse, type TestClickHouse } from '../../testing/testClickHouse.ts'
import { openClickHouseViews } from './clickhouseViews.ts'

/** The process of the embedded store is killed while clients use it. */
let server: TestClickHouse
let views: Views
beforeAll(async () => {
  server = await startTestClickHouse()
  views = await openClickHouseViews({ url: server.url })
})
afterAll(async () => {
  await views.close()
  await server.stop()
})

test('no acknowledged row is lost, and inserts continue across the restart', async () => {
  let acknowledged = 0
  let isOver = false
  const insert = async () => {
    const rows = [0, 1, 2].map((row) => rowAt(acknowledged + row))
    try {
      await views.insert('readings', rows)
      acknowledged += 3
    } catch (error) {
      // On a busy machine the store is down for longer than an insert waits.
      if (!(error instanceof RetryableError)) throw error
    }
  }
  const writing = (async () => {
    while (!isOver) await insert()
  })()
  const killing = (async () => {
    for (let kill = 0; kill < 3; kill++) {
      const before = acknowledged
      while (!isOver && acknowledged < before + 30) await sleep(5)
      await server.kill()
      await server.restart()
    }
  })()
  await Promise.race([killing, writing]).finally(() => {
    isOver = true
  })
  await Promise.all([killing, writing])

  const asked = { meters: ['kill'], from_ms: 0, to_ms: 1e12, ...everyWord }
  const rows = await views.query('words_between', asked)
  // A retried insert may leave its rows twice until parts merge.
  const offsets = new Set(rows.map((row) => row.log_offset))
  expect(acknowledged).toBeGreaterThanOrEqual(90)
  expect(offsets).toEqual(new Set(Array.from({ length: acknowledged }, (_, index) => index)))
})

test('an unreachable store is a retryable error', async () => {
  await server.kill()
  const asked = [
    views.query('enrolments', { version: 0, limit: 100 }),
    views.insert('readings', [rowAt(0)]),
    views.ping(),
  ]
  for (const result of await Promise.allSettled(asked)) {
    expect(result).toMatchObject({ status: 'rejected', reason: expect.any(RetryableError) })
  }
  await server.restart()
  await expect(views.query('enrolments', { version: 0, limit: 100 })).resolves.toEqual([])
})

function rowAt(offset: number) {
  return reading({ meter: 'kill', start: offset * 1_000, log_offset: offset })
}
