import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { describeClock } from '../../../schemas/conformance/clock.ts'
import { InvalidArgumentError, InvariantError } from '../../../schemas/errors/wattproofError.ts'
import { openSimulatedClock } from './simulatedClock.ts'

const folders: string[] = []
const february = Date.parse('2013-02-11T17:00:00Z')

describeClock('simulated', () => openSimulatedClock(folder()))

afterEach(() => {
  for (const dir of folders.splice(0)) rmSync(dir, { recursive: true, force: true })
})

test('shows 1970 until it is set, and then what it was set to', async () => {
  const dir = folder()
  const clock = openSimulatedClock(dir)
  const other = openSimulatedClock(dir)
  expect(clock.nowMs()).toBe(0)

  await clock.set(february)

  expect([clock.nowMs(), other.nowMs(), openSimulatedClock(dir).nowMs()]).toEqual([
    february,
    february,
    february,
  ])
})

test('does not move between two settings', async () => {
  const clock = openSimulatedClock(folder())
  await clock.set(february)
  await clock.sleep(20)
  expect(clock.nowMs()).toBe(february)
})

test('does not go back, also for a driver that has only just opened it', async () => {
  const dir = folder()
  await openSimulatedClock(dir).set(february)

  await expect(openSimulatedClock(dir).set(february - 1)).rejects.toThrow(InvalidArgumentError)
  await expect(openSimulatedClock(dir).set(february + 0.5)).rejects.toThrow(InvalidArgumentError)
  expect(openSimulatedClock(dir).nowMs()).toBe(february)
})

test('a file with other content is refused', () => {
  const dir = folder()
  writeFileSync(path.join(dir, 'clock'), 'not a clock at all')
  expect(() => openSimulatedClock(dir).nowMs()).toThrow(InvariantError)
})

test('another process follows each step, without torn reads and without going back', async () => {
  const dir = folder()
  const clock = openSimulatedClock(dir)
  await clock.set(february)
  const reader = path.join(import.meta.dirname, '../../testing/simulatedClockReader.ts')
  const last = february + 200 * 1_800_000
  const child = spawn(process.execPath, ['--import', 'tsx', reader, dir, String(last)])
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()

  // A process that starts later sees the earlier setting.
  expect((await lines.next()).value).toBe(String(february))
  for (let step = 1; step <= 200; step++) {
    await clock.set(february + step * 1_800_000)
    if (step % 10 === 0) await wait(1)
  }
  const report = JSON.parse((await lines.next()).value ?? '{}')

  expect(report).toMatchObject({ shown: last, wentBack: 0 })
  expect(report.changes).toBeGreaterThan(1)
})

function folder(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'clock-'))
  folders.push(dir)
  return dir
}
