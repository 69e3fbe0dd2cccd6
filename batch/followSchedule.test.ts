import { expect, test } from 'vitest'
import type { Jobs } from '../schemas/ports/jobs.ts'
import type { Log } from '../schemas/ports/log.ts'
import type { Views } from '../schemas/ports/views.ts'
import { followSchedule } from './followSchedule.ts'

const hourMs = 3_600_000

test('while nothing changes the views are asked once a minute, not each turn', async () => {
  const { looksMs } = await follow({ untilMs: hourMs })
  // Turns of 5, 10, 20, 40 and then 60 seconds.
  expect(looksMs.slice(0, 6)).toEqual([0, 5_000, 15_000, 35_000, 75_000, 135_000])
  expect(looksMs.length).toBeLessThan(70)
})

test('records and announcements are looked at in the next turn', async () => {
  const changes = { recordMs: 602_000, noticeMs: 1_502_000 }
  const { looksMs } = await follow({ untilMs: hourMs, ...changes })
  expect(looksMs).toContain(605_000)
  expect(looksMs).toContain(1_505_000)
})

/** Runs the schedule on a clock that its own pauses move. @returns when the views were asked. */
async function follow(options: { untilMs: number; recordMs?: number; noticeMs?: number }) {
  const { untilMs, recordMs = Number.MAX_VALUE, noticeMs = Number.MAX_VALUE } = options
  const stop = new AbortController()
  const looksMs: number[] = []
  let nowMs = 0
  const clock = {
    nowMs: () => nowMs,
    sleep: async (ms: number) => {
      nowMs += ms
      if (nowMs >= untilMs) stop.abort()
    },
  }
  const log = {
    progress: async () => {
      const end = nowMs >= recordMs ? 1 : 0
      return [{ partition: 0, start: 0, committed: end, end }]
    },
  }
  await followSchedule({
    ...{ clock, signal: stop.signal, latenessS: 3_600, idleS: 300, quietS: 300, isDaily: true },
    log: log as unknown as Log,
    views: { query: async () => [] } as unknown as Views,
    jobs: {} as unknown as Jobs,
    notices: {
      get seen() {
        return nowMs >= noticeMs ? 1 : 0
      },
    },
    readFacts: async () => {
      looksMs.push(nowMs)
      return { zone: 'UTC', published: null, excludedDates: [], holidays: [], archived: 0 }
    },
    report: (sentence) => {
      throw new Error(sentence)
    },
  })
  return { looksMs }
}
