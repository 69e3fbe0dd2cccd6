import { expect, test } from 'vitest'
import type { Follower } from './advance.ts'
import type { Shell } from './following.ts'
import { gather, isPointerDue, noteLook } from './waitForWork.ts'

const notices = { seen: 1, announce: () => {}, wait: async () => {}, close: () => {} }
let nowMs = 0
const clock = {
  nowMs: () => 0,
  elapsedMs: () => nowMs,
  sleep: async (ms: number) => void slept.push(ms),
}
const slept: number[] = []
const shell = { clock, notices } as unknown as Shell

test('the pauses between two looks double while nothing is announced, up to five seconds', () => {
  const look = { dueMs: 0, pauseMs: 250, seen: 1 }
  const pauses = [1, 2, 3, 4, 5, 6].map(() => {
    noteLook(shell, look, false)
    return look.pauseMs
  })
  expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 5_000, 5_000])
  expect(isPointerDue(shell, look)).toBe(false)
  nowMs += 5_000
  expect(isPointerDue(shell, look)).toBe(true)
})

test('an announcement makes a look due, and the next pauses short', () => {
  const look = { dueMs: nowMs + 60_000, pauseMs: 5_000, seen: 1 }
  const notified = { clock, notices: { ...notices, seen: 2 } } as unknown as Shell
  expect(isPointerDue(shell, look)).toBe(false)
  expect(isPointerDue(notified, look)).toBe(true)
  noteLook(notified, look, false)
  expect([look.seen, look.pauseMs, isPointerDue(notified, look)]).toEqual([2, 250, false])
})

test('without notices the pause stays the shortest, as it does while a part is left out', () => {
  const look = { dueMs: 0, pauseMs: 250, seen: -1 }
  noteLook({ clock } as unknown as Shell, look, false)
  expect(look.pauseMs).toBe(250)
  const resting = { dueMs: 0, pauseMs: 4_000, seen: 1 }
  noteLook(shell, resting, true)
  expect(resting.pauseMs).toBe(250)
})

test('a small live micro-batch gathers for the rest of 100 ms, and no other does', async () => {
  const waiting = { clock, signal: new AbortController().signal } as unknown as Shell
  const at = async (latestReadings: number, change: object = {}, agoMs = 0) => {
    slept.length = 0
    const current = { latestReadings, backlog: null }
    const resting = { current, next: null, preparing: null, ...change } as unknown as Follower
    await gather(waiting, resting, nowMs - agoMs)
    return slept[0] ?? 0
  }
  expect([await at(9_999), await at(1, {}, 30), await at(1, {}, 99)]).toEqual([100, 70, 1])
  // Enough of them; none; a turn that took as long; a replay that is to catch up.
  expect([await at(10_000), await at(0), await at(1, {}, 100)]).toEqual([0, 0, 0])
  expect([await at(1, { next: {} }), await at(1, { preparing: {} })]).toEqual([0, 0])
  expect(await at(1, { current: { latestReadings: 1, backlog: {} } })).toBe(0)
})
