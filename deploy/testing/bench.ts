import { spawnSync } from 'node:child_process'

/**
 * `npm run bench [-- NAME …]`: `growth` and `start` print tables of their own, as each of their
 * cases takes seconds to minutes; the other benches are vitest's, which repeats microseconds.
 */
const names = process.argv.slice(2)

if (names[0] === 'growth') {
  const { printGrowth } = await import('./growth.ts')
  await printGrowth(names.slice(1).map(Number))
} else if (names[0] === 'start') {
  const { printStart } = await import('./start.ts')
  await printStart(names[1] === undefined ? undefined : Number(names[1]))
} else {
  const args = ['vitest', 'bench', '--run', '--project', 'fast', ...names]
  process.exitCode = spawnSync('npx', args, { stdio: 'inherit' }).status ?? 1
}
