import { spawnSync } from 'node:child_process'

/**
 * `npm run bench [-- NAME …]`: those named here print tables of their own, as each of their cases
 * takes seconds to minutes; the other benches are vitest's, which repeats microseconds. `growth`
 * and `idle` exit with 1 where something costs more than it may.
 */
const names = process.argv.slice(2)

if (names[0] === 'growth') {
  const { printGrowth } = await import('./growth.ts')
  const problems = await printGrowth(names.slice(1).map(Number))
  for (const each of problems) process.stderr.write(`${each}\n`)
  if (problems.length > 0) process.exitCode = 1
} else if (names[0] === 'start') {
  const { printStart } = await import('./start.ts')
  await printStart(names[1] === undefined ? undefined : Number(names[1]))
} else if (names[0] === 'idle') {
  const { printIdle } = await import('./idle.ts')
  const problems = await printIdle(names[1] === undefined ? undefined : Number(names[1]))
  for (const each of problems) process.stderr.write(`${each}\n`)
  if (problems.length > 0) process.exitCode = 1
} else if (names[0] === 'fleet') {
  const { printFleet } = await import('./fleet.ts')
  await printFleet(names.slice(1).map(Number))
} else if (names[0] === 'enrolled') {
  const { printEnrolled } = await import('./enrolled.ts')
  await printEnrolled(names[1] === undefined ? undefined : Number(names[1]))
} else if (names[0] === 'senders') {
  const { printSenders } = await import('./senders/senders.ts')
  await printSenders(names.slice(1).map(Number))
} else if (names[0] === 'speed') {
  const { printKernel } = await import('../bench/kernelBench.ts')
  printKernel()
} else if (names[0] === 'layer') {
  const { printLayer } = await import('../bench/layerBench.ts')
  printLayer()
} else if (names[0] === 'visible') {
  const { printVisible } = await import('./visible.ts')
  await printVisible(names[1] === undefined ? undefined : Number(names[1]))
} else if (names[0] === 'line') {
  const { printLine } = await import('./line.ts')
  await printLine(names[1] === undefined ? undefined : Number(names[1]))
} else if (names[0] === 'dr-deviation') {
  const { missingInput, printDrDeviation } = await import('../bench/drDeviation.ts')
  const [, folder = '', rounds = '7'] = names
  const missing = missingInput(folder)
  const isCount = /^[1-9]\d{0,2}$/.test(rounds)
  if (missing === null && isCount) printDrDeviation(folder, Number(rounds))
  else {
    const problem =
      missing === null ? `${rounds} is no number of rounds.` : `${missing} is missing.`
    process.stderr.write(`${problem} Usage: npm run bench -- dr-deviation DIR [ROUNDS]\n`)
    process.exitCode = 2
  }
} else if (names[0] === 'catchup') {
  const { printCatchup } = await import('./catchup.ts')
  await printCatchup(names[1] === undefined ? undefined : Number(names[1]))
} else if (names[0] === 'archive') {
  const { printArchiveRate } = await import('./archiveRate.ts')
  await printArchiveRate(...names.slice(1).map(Number))
} else {
  const args = ['vitest', 'bench', '--run', '--project', 'fast', ...names]
  process.exitCode = spawnSync('npx', args, { stdio: 'inherit' }).status ?? 1
}
