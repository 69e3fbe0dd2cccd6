import { afterEach, expect, test, vi } from 'vitest'
import { describeClock } from '../../../schemas/conformance/clock.ts'
import { systemClock } from './systemClock.ts'

describeClock('system', systemClock)

afterEach(() => vi.restoreAllMocks())

/** What the clock shows while the machine's clock shows these, one after the other. */
function follow(machineMs: readonly number[]): number[] {
  const clock = systemClock()
  const machine = vi.spyOn(Date, 'now')
  return machineMs.map((ms) => {
    machine.mockReturnValue(ms)
    return clock.nowMs()
  })
}

test('does not move until a machine clock that was set back a little has caught up', () => {
  expect(follow([1_000, 900, 999, 1_001])).toEqual([1_000, 1_000, 1_000, 1_001])
  expect(follow([20_000, 10_000, 19_999, 20_001])).toEqual([20_000, 20_000, 20_000, 20_001])
})

test('follows a machine clock that goes back by more than 10 s, at once and in small steps', () => {
  expect(follow([20_000, 9_999, 10_000])).toEqual([20_000, 9_999, 10_000])
  // Each is a small step, and all together are none.
  expect(follow([20_000, 14_000, 9_000, 10_000])).toEqual([20_000, 20_000, 9_000, 10_000])
})

test('a month ahead and back: it goes on from where the machine is', () => {
  const nowMs = Date.UTC(2013, 1, 11)
  const monthMs = 30 * 86_400_000
  const shown = [nowMs, nowMs + monthMs, nowMs + 1_000, nowMs + 61_000]
  expect(follow(shown)).toEqual(shown)
})
