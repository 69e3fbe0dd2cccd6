import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, inject, test } from 'vitest'
import { openSimulatedClock } from '../engines/clock/simulatedClock.ts'
import { plannedEvents } from '../simulate/plan.ts'
import { seededRandom } from '../simulate/random.ts'
import { doneMsOf } from '../simulate/replay.ts'
import type { DemoSummary } from '../simulate/summary.ts'
import { readProcessTable } from '../supervise/processTable.ts'
import { type DemoRun, runDemoOnce, startDemo, temporaryDir } from './runDemo.ts'

/**
 * kill -9 of any process in mid-replay, at seeded moments: the run, or the one that is started
 * after it, ends with the same roots and byte-equal merged views.
 *
 * A run takes a minute. CI makes the first eight kills, two per run: each victim once, while
 * history is read, on the first event day and on the second. A soak makes all 20 also one by one.
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
  'validators',
]
/** The kills of each run, in the order of their moments. */
const sample = [
  [5, 3],
  [6, 4],
  [1, 2],
  [7, 0],
]
const alone = Array.from({ length: 20 }, (_, index) => [index])
const runs = inject('isSoak') ? [...sample, ...alone] : sample
const pollMs = 20

let undisturbed: DemoSummary

beforeAll(async () => {
  undisturbed = (await runDemoOnce(flags)).summary
}, 600_000)

test.each(runs.map((kills) => [kills.map(nameOf).join(' and '), kills] as const))(
  '%s: no effect on the result',
  async (_, kills) => {
    const dir = temporaryDir()
    const run = startDemo({ dir, flags })
    for (const each of kills) process.kill(await waitForMoment(run, each), 'SIGKILL')

    const ended = await run.ended
    const isGone = kills.map(victimOf).includes('supervisor')
    expect(ended.summary === null, ended.said.slice(-4_000)).toBe(isGone)
    for (const victim of kills.map(victimOf)) {
      if (victim !== 'supervisor') expect(ended.said).toMatch(new RegExp(`${victim}: ended \\(`))
    }
    const { summary } = isGone ? await runDemoOnce(flags, dir) : ended
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

function nameOf(kill: number): string {
  return `kill ${kill} of ${victimOf(kill)}`
}

function victimOf(kill: number): string {
  return victims[kill % victims.length]!
}

/**
 * The pid of the victim at a moment drawn from the seed: a point of simulated time within the two
 * event days, or, for every third, of real time while history is read and models are trained.
 */
async function waitForMoment(run: DemoRun, kill: number): Promise<number> {
  const victim = victimOf(kill)
  const random = seededRandom(`kill ${kill}`)
  const [first, second] = [plannedEvents[0]!, plannedEvents[1]!]
  const isEarly = random.below(3) === 0
  const atMs = isEarly
    ? first.dayStartMs
    : random.below(2) === 0
      ? first.dayStartMs + random.next() * (doneMsOf(first) - first.dayStartMs)
      : second.dayStartMs + random.next() * (doneMsOf(second) - second.dayStartMs)
  const delayMs = random.next() * (isEarly ? 4_000 : 400)

  const clock = openSimulatedClock(path.join(run.dir, 'clock'))
  const isUp = () => readProcessTable(run.dir).validators !== undefined
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
 * The part that must be equal. A transaction that is signed again has other bytes, which cost other
 * gas; a validator that is down while the others reach the quorum may return after the end.
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
