import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { openSimulatedClock } from '../engines/clock/simulatedClock.ts'
import { plannedEvents } from '../simulate/plan.ts'
import { type Random, seededRandom } from '../simulate/random.ts'
import { doneMsOf } from '../simulate/replay.ts'
import type { DemoSummary } from '../simulate/summary.ts'
import { readProcessTable } from '../supervise/processTable.ts'
import { type DemoRun, runDemoOnce, startDemo, temporaryDir } from './runDemo.ts'

/**
 * kill -9 of any one process in mid-replay, at 20 seeded moments: the run, or the one that is
 * started after it, ends with the same roots and byte-equal merged views.
 */
const flags = ['--homes', '14']
const victims = [
  'supervisor',
  'clickhouse',
  'postgres',
  'chain',
  'serve',
  'speed',
  'batch',
  'validator-0',
  'validator-2',
]
const kills = 20
const pollMs = 20

let undisturbed: DemoSummary

beforeAll(async () => {
  undisturbed = (await runDemoOnce(flags)).summary
}, 240_000)

test.each(Array.from({ length: kills }, (_, index) => index))(
  'kill %d ends as if nothing had happened',
  async (index) => {
    const victim = victims[index % victims.length]!
    const dir = temporaryDir()
    const run = startDemo({ dir, flags })
    process.kill(await waitForMoment(run, victim, seededRandom(`kill ${index}`)), 'SIGKILL')

    const ended = await run.ended
    const isGone = victim === 'supervisor'
    expect(ended.summary === null, ended.said.slice(-4_000)).toBe(isGone)
    const { summary, said } = isGone ? await runDemoOnce(flags, dir) : ended
    if (!isGone) expect(said).toMatch(new RegExp(`${victim} +ended \\(`))
    expect(summary!.settlements.map(withoutVotes)).toEqual(
      undisturbed.settlements.map(withoutVotes),
    )
    expect(summary!.settlements.filter((each) => !isDecided(each))).toEqual([])
    expect(summary!.views).toEqual(undisturbed.views)
    expect(summary!.claims).toEqual(undisturbed.claims)
    expect(summary!.readings).toEqual(undisturbed.readings)
  },
  300_000,
)

/**
 * The pid of the victim at a moment drawn from the seed: a point of simulated time within the two
 * event days, or, for every third, of real time while history is read and models are trained.
 */
async function waitForMoment(run: DemoRun, victim: string, random: Random): Promise<number> {
  const [first, second] = [plannedEvents[0]!, plannedEvents[1]!]
  const isEarly = random.below(3) === 0
  const atMs = isEarly
    ? first.dayStartMs
    : random.below(2) === 0
      ? first.dayStartMs + random.next() * (doneMsOf(first) - first.dayStartMs)
      : second.dayStartMs + random.next() * (doneMsOf(second) - second.dayStartMs)
  const delayMs = random.next() * (isEarly ? 4_000 : 400)

  const clock = openSimulatedClock(path.join(run.dir, 'clock'))
  const isUp = () => readProcessTable(run.dir)['validator-3'] !== undefined
  await waitUntil(run, () => isUp() && clock.nowMs() >= atMs)
  clock.close()
  await sleep(delayMs)
  await waitUntil(run, () => readProcessTable(run.dir)[victim] !== undefined)
  return readProcessTable(run.dir)[victim]!.pid
}

async function waitUntil(run: DemoRun, isThere: () => boolean): Promise<void> {
  while (!isThere()) {
    if (run.process.exitCode !== null) throw new Error((await run.ended).said.slice(-4_000))
    await sleep(pollMs)
  }
}

/**
 * What the promise is about. A transaction that is signed again has other bytes, and bytes cost
 * gas; a validator that is down while the others reach the quorum may come back after the end.
 */
function withoutVotes(settlement: DemoSummary['settlements'][number]) {
  const { gas: _, validators: __, stakeFor: ___, ...rest } = settlement
  return rest
}

/** Final, by validators with two thirds of the stake, and no vote counted twice. */
function isDecided(settlement: DemoSummary['settlements'][number]): boolean {
  const [stakeFor, stakeTotal] = [BigInt(settlement.stakeFor), BigInt(settlement.stakeTotal)]
  return settlement.final && 3n * stakeFor >= 2n * stakeTotal && stakeFor <= stakeTotal
}
