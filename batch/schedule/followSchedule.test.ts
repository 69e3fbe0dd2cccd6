import { afterEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../deploy/engines/clock/systemClock.ts'
import type { Generation } from '../../schemas/generation.ts'
import type { Job, Jobs } from '../../schemas/ports/jobs.ts'
import type { Log } from '../../schemas/ports/log.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { followSchedule } from './followSchedule.ts'

const hourMs = 3_600_000
const monthMs = 30 * 24 * hourMs

afterEach(() => vi.restoreAllMocks())

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

test('who does not lead asks nothing, and goes on where it leads later', async () => {
  const { looksMs } = await follow({ untilMs: hourMs, leadsMs: 1_800_000 })
  expect(looksMs[0]).toBeGreaterThanOrEqual(1_800_000)
  expect(looksMs[0]).toBeLessThanOrEqual(1_860_000)
})

test('a turn is no longer than the quiet time that is asked for', async () => {
  const { looksMs } = await follow({ untilMs: hourMs, quietS: 1, recordMs: 602_000 })
  expect(looksMs.slice(0, 4)).toEqual([0, 1_000, 3_000, 7_000])
  expect(looksMs).toContain(602_000)
})

describe('a machine clock that was a month ahead for an hour, and was set right', () => {
  test('the views are asked as often as before, with nothing to wake the schedule', async () => {
    const { looksMs } = await followMachine({})
    const gapsMs = looksMs.slice(1).map((ms, index) => ms - looksMs[index]!)
    expect(Math.max(...gapsMs)).toBe(60_000)
    expect(looksMs.at(-1)).toBeGreaterThan(backMs + hourMs)
  })

  test('a day is computed though a partition looks as if it was read just now', async () => {
    const { asked } = await followMachine({
      // Stamped in the last second of the wrong clock.
      emptyReadMs: startMs + backMs - 1_000 + monthMs,
      reachedMs: (ms) => midnightMs - (ms < backMs + 600_000 ? hourMs : 0),
    })
    expect(asked.map(({ job }) => job.data.highWaterMs)).toEqual([midnightMs])
    // One idle time for the empty partition, one more for a delivery that has just begun.
    expect(asked[0]!.ms - (backMs + 600_000)).toBeLessThanOrEqual(2 * 300_000 + 60_000)
  })

  test('a high-water mark published meanwhile is taken back', async () => {
    const ahead = { ...published, generation: 2, highWaterMs: midnightMs + monthMs }
    const { asked } = await followMachine({
      publishedAt: (ms) => (ms < backMs - 60_000 ? published : ahead),
    })
    expect(asked[0]!.job.data).toMatchObject({
      takesBack: true,
      highWaterMs: midnightMs - 24 * hourMs,
    })
    expect(asked[0]!.ms - backMs).toBeLessThanOrEqual(300_000 + 60_000)
  })

  test('days that became dirty meanwhile are computed again', async () => {
    const { asked } = await followMachine({ lateMs: backMs - 30_000 })
    expect(asked[0]!.job.id).toBe(`recompute-${published.highWaterMs}-after-1-at-90`)
    expect(asked[0]!.ms - backMs).toBeLessThanOrEqual(300_000 + 60_000)
  })
})

const midnightMs = Date.UTC(2013, 1, 11)
const startMs = midnightMs + 2 * hourMs
const aheadMs = hourMs
const backMs = 2 * hourMs
const published: Generation = {
  ...{ generation: 1, run: 1n, highWaterMs: midnightMs - 24 * hourMs, createdMs: startMs },
  ...{ horizonMs: startMs, modelId: '', heldSinceMs: null },
}

/** What happens, by the time that has really passed since the start. */
type Story = {
  /** When the partition without records was looked at last, by the machine's clock. */
  readonly emptyReadMs?: number
  /** Event time of the other one. */
  reachedMs?(ms: number): number
  publishedAt?(ms: number): Generation
  /** When readings of closed days arrive. */
  readonly lateMs?: number
}

/** The schedule on the machine's own clock, which is wrong for the second of four hours. */
async function followMachine(story: Story) {
  const reachedMs = story.reachedMs ?? (() => midnightMs - hourMs)
  const publishedAt = story.publishedAt ?? (() => published)
  const { emptyReadMs = 0, lateMs = Number.MAX_VALUE } = story
  const stop = new AbortController()
  const looksMs: number[] = []
  const asked: { readonly ms: number; readonly job: Job }[] = []
  let ms = 0
  const isAhead = () => ms >= aheadMs && ms < backMs
  vi.spyOn(Date, 'now').mockImplementation(() => startMs + ms + (isAhead() ? monthMs : 0))
  const clock = {
    nowMs: systemClock().nowMs,
    elapsedMs: () => ms,
    sleep: async (pauseMs: number) => {
      ms += pauseMs
      if (ms >= 4 * hourMs) stop.abort()
    },
  }
  const end = () => (ms >= lateMs ? 2 : 1)
  const progress = () => [
    { partition: 0, start: 0, committed: end(), end: end() },
    { partition: 1, start: 0, committed: 0, end: 0 },
  ]
  const archived = () => [
    { log_partition: 0, next_offset: end(), max_end_ms: reachedMs(ms), read_ms: startMs },
    { log_partition: 1, next_offset: 0, max_end_ms: null, read_ms: emptyReadMs },
  ]
  const query = async (name: string) => {
    if (name === 'archive_progress') return archived()
    if (name === 'changed_quarters') return [{ zone: 'UTC', quarter_ms: 0 }]
    return name === 'changed_meters' ? [{ meter: 'M1' }] : []
  }
  await followSchedule({
    ...{ clock, signal: stop.signal, latenessS: 3_600, idleS: 300, quietS: 300, isDaily: true },
    isLeading: () => true,
    log: { progress: async () => progress() } as unknown as Log,
    views: { query, insert: async () => {} } as unknown as Views,
    jobs: {
      // Asked for once, and then under way.
      report: async (_: string, id: string) => {
        return { state: asked.some(({ job }) => job.id === id) ? 'active' : 'unknown' }
      },
      add: async (job: Job) => void asked.push({ ms, job }),
    } as unknown as Jobs,
    notices: { seen: 0 },
    readFacts: async () => {
      looksMs.push(ms)
      const facts = { zone: 'UTC', published: publishedAt(ms), archived: 90 }
      return { ...facts, excludedDates: [], holidays: [] }
    },
    report: (sentence) => {
      throw new Error(sentence)
    },
  })
  return { looksMs, asked: asked.filter((each) => each.ms >= backMs) }
}

/** Runs the schedule on a clock that its own pauses move. @returns when the views were asked. */
async function follow(options: {
  untilMs: number
  quietS?: number
  recordMs?: number
  noticeMs?: number
  leadsMs?: number
}) {
  const {
    untilMs,
    quietS = 300,
    recordMs = Number.MAX_VALUE,
    noticeMs = Number.MAX_VALUE,
    leadsMs = 0,
  } = options
  const stop = new AbortController()
  const looksMs: number[] = []
  let nowMs = 0
  const clock = {
    nowMs: () => nowMs,
    elapsedMs: () => performance.now(),
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
    ...{ clock, signal: stop.signal, latenessS: 3_600, idleS: 300, quietS, isDaily: true },
    isLeading: () => nowMs >= leadsMs,
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
