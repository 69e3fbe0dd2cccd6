import { spawnSync } from 'node:child_process'

/**
 * `npm run bench [-- NAME …]`: `growth` prints a table of its own, as it runs each case once over
 * minutes; the other benches are vitest's, which repeats what takes microseconds.
 */
const names = process.argv.slice(2)

if (names[0] === 'growth') {
  const { printGrowth } = await import('./growth.ts')
  await printGrowth(names.slice(1).map(Number))
} else {
  const args = ['vitest', 'bench', '--run', '--project', 'fast', ...names]
  process.exitCode = spawnSync('npx', args, { stdio: 'inherit' }).status ?? 1
}
