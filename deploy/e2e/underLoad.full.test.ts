import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, inject, test } from 'vitest'
import { projectRoot } from '../process/runtime.ts'
import { makeLoad, meters } from './faults/load.ts'
import { planFaults } from './faults/planFaults.ts'
import { type Played, playLoad } from './faults/playLoad.ts'

/**
 * Every process of `up` is killed and paused under 1,000 readings a second, at seeded moments:
 * nothing acknowledged is lost or doubled, and the views, and the roots of two events that are
 * settled meanwhile, are those of a run without faults.
 *
 * CI makes 30 faults with one seed. A soak makes 120 with its own, which `--sequence.seed=N` sets.
 */
const rate = 1_000
const { seed, count, days } = inject('isSoak')
  ? { seed: String(inject('soakSeed')), count: 120, days: 25 }
  : { seed: '1', count: 30, days: 6 }

test(`${count} kills and pauses under load: no effect on the result`, async () => {
  const load = makeLoad({ days, seed })
  const lines = load.live.reduce((sum, each) => sum + each.lines.length, 0)
  const overMs = (lines / rate) * 1000
  const faults = planFaults({ seed, count, overMs })
  const report = openReport()
  report(`seed ${seed}: ${count} faults in ${Math.round(overMs / 1000)} s`)

  const undisturbed = await playLoad({ load, rate: 10 * rate, faults: [], report })
  const disturbed = await playLoad({ load, rate, faults, report })

  const { sent, doubled, malformed, corrected } = load.injected
  for (const { readings } of [undisturbed, disturbed]) {
    expect(readings).toMatchObject({ read: sent, rejected: malformed })
    expect(readings.accepted + readings.duplicate).toBe(sent - malformed)
    // An original that comes again after its restatement is a correction.
    expect(readings.accepted - readings.corrected).toBe(sent - doubled - malformed - corrected)
    expect(readings.corrected).toBeGreaterThanOrEqual(corrected)
  }
  expect(disturbed.speed.read).toBe(sent)
  // Otherwise it is another test: of fewer readings, or of faults that hit what has nothing to do.
  expect(disturbed.rate).toBeGreaterThan(rate / 2)
  // The last request is sent before its share of the time is over.
  expect(disturbed.rate).toBeLessThan(1.01 * rate)
  expect(disturbed.hitUnderLoad).toBeGreaterThan(0.8 * count)
  expect(rowsOf(undisturbed, 'deviation')).toBeGreaterThan(days * meters.length * 40)
  expect(differencesOf(undisturbed, disturbed)).toEqual([])
  expect(undisturbed.settlements.map(({ isFinal }) => isFinal)).toEqual([true, true])
  // Otherwise the roots would hold nothing that a lost reading changes.
  for (const { totalPay } of undisturbed.settlements) expect(totalPay).toBeGreaterThan(0)
  expect(disturbed.settlements).toEqual(undisturbed.settlements)
}, 3_600_000)

function rowsOf({ views }: Played, view: string): number {
  const texts = [...views].filter(([name]) => name.startsWith(view)).map(([, text]) => text)
  return texts.reduce((sum, text) => sum + text.split('\n').length - 2, 0)
}

/** One line a day and view that differ, with the first row that does. */
function differencesOf(one: Played, other: Played): string[] {
  return [...one.views].flatMap(([name, rows]) => {
    const [left, right] = [rows.split('\n'), (other.views.get(name) ?? '').split('\n')]
    const at = left.findIndex((row, index) => row !== right[index])
    if (at < 0 && left.length === right.length) return []
    return [`${name}, row ${at}: ${left[at]} | ${right[at]}`]
  })
}

/** Where it is found whether or not the test fails: `reports/faults-SEED.txt`. */
function openReport(): (line: string) => void {
  const folder = path.join(projectRoot, 'reports')
  mkdirSync(folder, { recursive: true })
  const file = path.join(folder, `faults-${seed}.txt`)
  const written: string[] = []
  return (line) => {
    written.push(line)
    writeFileSync(file, `${written.join('\n')}\n`)
    process.stderr.write(`${line}\n`)
  }
}
