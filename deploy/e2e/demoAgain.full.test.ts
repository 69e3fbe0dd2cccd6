import { expect, test } from 'vitest'
import type { DemoSummary } from '../simulate/summary.ts'
import { runDemoOnce } from './runDemo.ts'

/** The demo a second time: with its readings disturbed, and on the folder of the first. */
const homes = ['--homes', '16']
let first: { readonly summary: DemoSummary; readonly dir: string }

test('the same readings in another order, duplicated and late: the same roots', async () => {
  // Side by side, as both wait for their engines.
  const [plain, { summary: shuffled }] = await Promise.all([
    runDemoOnce(homes),
    runDemoOnce([...homes, '--shuffle', '7']),
  ])
  first = plain
  const { summary } = plain
  expect(shuffled.settlements.map((each) => each.root)).toEqual(
    summary.settlements.map((each) => each.root),
  )
  expect(summary.settlements).toHaveLength(2)
  expect(shuffled.views).toEqual(summary.views)
  expect(shuffled.events).toEqual(summary.events)
  // The counters show that it really was disturbed: everything twice, much of it late.
  expect(shuffled.readings.read).toBe(2 * summary.readings.read)
  // An original that comes again after its restatement is a correction; first words are as many.
  const firstsOf = ({ accepted, corrected }: typeof summary.readings) => accepted - corrected
  expect(firstsOf(shuffled.readings)).toBe(firstsOf(summary.readings))
  expect(shuffled.readings.late).toBeGreaterThan(summary.readings.late + 100)
}, 480_000)

test('a folder can be reused: nothing is sent, settled or paid twice', async () => {
  const { summary, dir } = first
  const again = (await runDemoOnce(homes, dir)).summary
  expect({ ...again, seconds: null }).toEqual({ ...summary, seconds: null })
}, 480_000)
