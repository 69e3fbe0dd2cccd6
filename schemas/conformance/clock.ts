import { describe, expect, test } from 'vitest'
import type { Clock } from '../ports/clock.ts'

/** The promise of `Clock`, as tests. */
export function describeClock(engine: string, open: () => Clock): void {
  describe(`clock: ${engine}`, () => {
    test('never goes back', () => {
      const clock = open()
      const shown = Array.from({ length: 2_000 }, () => clock.nowMs())
      expect(shown).toEqual([...shown].sort((a, b) => a - b))
      expect(shown.every(Number.isSafeInteger)).toBe(true)
    })

    test('sleeps in real time', async () => {
      const started = performance.now()
      await open().sleep(60)
      // A timer may fire up to a millisecond early.
      expect(performance.now() - started).toBeGreaterThanOrEqual(58)
    })

    test('measures real time, whatever it shows', async () => {
      const clock = open()
      const startedMs = performance.now()
      const beganMs = clock.elapsedMs()
      await clock.sleep(60)
      const passedMs = clock.elapsedMs() - beganMs
      expect(passedMs).toBeGreaterThanOrEqual(58)
      expect(passedMs).toBeLessThanOrEqual(performance.now() - startedMs)
    })

    test('a sleep ends when its signal aborts', async () => {
      const stop = new AbortController()
      const started = performance.now()
      const sleeping = open().sleep(60_000, stop.signal)
      stop.abort()
      await expect(sleeping).rejects.toThrow()
      await expect(open().sleep(60_000, stop.signal)).rejects.toThrow()
      expect(performance.now() - started).toBeLessThan(5_000)
    })
  })
}
