import { openSimulatedClock } from '../engines/clock/simulatedClock.ts'

/**
 * A process that reads a simulated clock without pause until it shows the given time, and prints
 * how often it changed and whether it ever went back. Run by `simulatedClock.test.ts` only.
 */
const [dir = '', until] = process.argv.slice(2)
const clock = openSimulatedClock(dir)
const started = clock.nowMs()
process.stdout.write(`${started}\n`)

let shown = started
let changes = 0
let wentBack = 0
while (shown < Number(until)) {
  const now = clock.nowMs()
  if (now > shown) changes += 1
  if (now < shown) wentBack += 1
  shown = now
}
process.stdout.write(`${JSON.stringify({ shown, changes, wentBack })}\n`)
