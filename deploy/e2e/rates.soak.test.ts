import { expect, test } from 'vitest'
import { printCatchup } from '../bench/catchup.ts'
import { printFleet } from '../bench/fleet.ts'
import { printIdle } from '../bench/idle.ts'
import { printSenders } from '../bench/senders/senders.ts'
import { printStart } from '../bench/start.ts'
import { printSteady } from '../bench/steady/steady.ts'

/**
 * The benches with an aim in seconds, for a machine that has nothing else to do. What they bound is
 * bounded as counts, on any machine, by `work.full.test.ts`.
 */
test('an idle installation costs 2 CPU-seconds a minute and 900 MB at most', async () => {
  expect(await printIdle()).toEqual([])
})

test('a million records of one reading are caught up with at 50,000 a second', async () => {
  expect(await printCatchup()).toEqual([])
})

test('a recompute of 50,000 meters with nothing to do takes .3 ms a meter at most', async () => {
  expect(await printFleet([50_000, 2])).toEqual([])
})

test('5,000 requests of one reading a second are acknowledged within 250 ms (p99)', async () => {
  expect(await printSenders([5_000])).toEqual([])
})

test('all processes of an empty folder are up within 6 s', async () => {
  expect(await printStart()).toEqual([])
})

test('ten minutes of 5,000 readings a second, ten of all it carries: memory is flat', async () => {
  expect(await printSteady()).toEqual([])
})
