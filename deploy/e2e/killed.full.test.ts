import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { seededRandom } from '../simulate/random.ts'
import type { DemoSummary } from '../simulate/summary.ts'
import { readProcessTable } from '../supervise/processTable.ts'
import { runDemoOnce, startDemo, temporaryDir } from './runDemo.ts'

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

let undisturbed: DemoSummary
let seconds = 0

beforeAll(async () => {
  const begin = performance.now()
  undisturbed = (await runDemoOnce(flags)).summary
  seconds = (performance.now() - begin) / 1000
}, 240_000)

test.each(Array.from({ length: kills }, (_, index) => index))(
  'kill %d ends as if nothing had happened',
  async (index) => {
    const random = seededRandom(`kill ${index}`)
    const victim = victims[index % victims.length]!
    // Engines take about three seconds to start; the last moments are summing up.
    const moment = 3 + random.next() * (seconds - 5)

    const dir = temporaryDir()
    const run = startDemo({ dir, flags })
    await sleep(moment * 1000)
    const pid = readProcessTable(dir)[victim]
    expect(pid, `${victim} runs after ${moment.toFixed(1)} s`).toBeDefined()
    process.kill(pid!, 'SIGKILL')

    const ended = await run.ended
    const { summary, said } =
      victim === 'supervisor' ? await runDemoOnce(flags, dir) : { ...ended, said: ended.said }
    expect(summary, said.slice(-4_000)).not.toBeNull()
    expect(summary!.settlements.map(withoutGas)).toEqual(undisturbed.settlements.map(withoutGas))
    expect(summary!.views).toEqual(undisturbed.views)
    expect(summary!.claims).toEqual(undisturbed.claims)
    expect(summary!.readings).toEqual(undisturbed.readings)
  },
  240_000,
)

/** A transaction that is signed again has other bytes, and bytes cost gas. */
function withoutGas({ gas: _, ...rest }: DemoSummary['settlements'][number]) {
  return rest
}
