import { afterEach, expect, test, vi } from 'vitest'
import { describeClock } from '../../../schemas/conformance/clock.ts'
import { systemClock } from './systemClock.ts'

describeClock('system', systemClock)

afterEach(() => vi.restoreAllMocks())

test('does not move until a machine clock that was set back has caught up', () => {
  const clock = systemClock()
  const machine = vi.spyOn(Date, 'now')
  const shown = [1_000, 900, 999, 1_001].map((ms) => {
    machine.mockReturnValue(ms)
    return clock.nowMs()
  })

  expect(shown).toEqual([1_000, 1_000, 1_000, 1_001])
})
