import { spawnSync } from 'node:child_process'
import { benchArgs } from '../testing/engineArgs.ts'

/**
 * `npm run bench [-- NAME …]`: those named here print tables of their own, as each of their cases
 * takes seconds to minutes; the other benches are vitest's, which repeats microseconds. One that
 * has an aim in seconds or milliseconds answers with a sentence for each it missed: exit code 1.
 */
type Bench = (given: readonly string[]) => Promise<readonly string[] | undefined>

const benches: Readonly<Record<string, Bench>> = {
  growth: async (given) => (await import('./growth.ts')).printGrowth(given.map(Number)),
  start: async ([runs]) => (await import('./start.ts')).printStart(optional(runs)),
  idle: async ([seconds]) => (await import('./idle.ts')).printIdle(optional(seconds)),
  fleet: async (given) => (await import('./fleet.ts')).printFleet(given.map(Number)),
  senders: async (given) => (await import('./senders/senders.ts')).printSenders(given.map(Number)),
  steady: async (given) => (await import('./steady/steady.ts')).printSteady(given.map(Number)),
  catchup: async ([records]) => (await import('./catchup.ts')).printCatchup(optional(records)),
  enrolled: async ([meters, intervals]) => {
    return (await import('./enrolled.ts')).printEnrolled(optional(meters), optional(intervals))
  },
  visible: async ([seconds]) =>
    silent((await import('./visible.ts')).printVisible(optional(seconds))),
  line: async ([readings, frameRows, stored]) => {
    const { printLine } = await import('./line.ts')
    return silent(printLine(optional(readings), optional(frameRows), stored))
  },
  publish: async (given) => {
    return silent((await import('./publishRate.ts')).printPublishRate(...given.map(Number)))
  },
  correction: async ([corrections]) =>
    silent((await import('./correction.ts')).printCorrection(optional(corrections))),
  archive: async (given) => {
    return silent((await import('./archiveRate.ts')).printArchiveRate(...given.map(Number)))
  },
  speed: async (given) => silent((await import('./speed/speed.ts')).printSpeed(given.map(Number))),
  layer: async (given) => silent((await import('./layerBench.ts')).printLayer(given.map(Number))),
  'dr-deviation': printDrDeviation,
}

/** Those that measure what a process of users takes: they run from a bundle, as that does. */
const bundled: readonly string[] = [
  ...['archive', 'correction', 'dr-deviation', 'layer', 'line', 'publish', 'speed', 'visible'],
]

const [name = '', ...given] = process.argv.slice(2)
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined
const program = bundled.includes(name) ? await benchArgs() : null
if (program) run(process.execPath, [...program, name, ...given])
else if (bench) {
  const problems = (await bench(given)) ?? []
  for (const each of problems) process.stderr.write(`${each}\n`)
  if (problems.length > 0) process.exitCode ??= 1
} else run('npx', ['vitest', 'bench', '--run', '--project', 'fast', ...process.argv.slice(2)])

function run(command: string, args: readonly string[]): void {
  process.exitCode = spawnSync(command, args, { stdio: 'inherit' }).status ?? 1
}

/** The problems of a bench that only prints: none. */
async function silent(printed: void | Promise<void>): Promise<undefined> {
  await printed
}

function optional(given: string | undefined): number | undefined {
  return given === undefined ? undefined : Number(given)
}

async function printDrDeviation([folder = '', rounds = '5']: readonly string[]) {
  const { missingInput } = await import('./drDeviation/input.ts')
  const { printDrDeviation: print } = await import('./drDeviation/drDeviation.ts')
  const missing = missingInput(folder)
  const isCount = /^[1-9]\d{0,2}$/.test(rounds)
  if (missing === null && isCount) {
    await print(folder, Number(rounds))
    return []
  }
  process.exitCode = 2
  const problem = missing === null ? `${rounds} is no number of rounds.` : `${missing} is missing.`
  return [`${problem} Usage: npm run bench -- dr-deviation DIR [ROUNDS]`]
}
