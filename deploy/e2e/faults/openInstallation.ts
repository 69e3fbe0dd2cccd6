import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { freePorts } from '../../installation/addresses.ts'
import { isRunning } from '../../process/processMark.ts'
import { projectRoot } from '../../process/runtime.ts'
import { readProcessTable } from '../../supervise/processTable.ts'
import { listTree, type Measured } from '../../testing/processTree.ts'
import type { Victim } from './planFaults.ts'

export type Installation = {
  readonly dir: string
  readonly url: string
  token(): string
  /** The pid of a process that runs now, or null. */
  pidOf(victim: Victim): number | null
  /** Waits for the end of a supervisor that was killed, and starts another on the same folder. */
  startAgain(): Promise<void>
  /** What `up` said last. */
  said(): string
  stop(): Promise<void>
}

const saidBytesMax = 8_000

/** `wattproof up`, by a simulated clock and without a schedule of its own. */
export async function openInstallation(dir: string): Promise<Installation> {
  const [port = 0] = await freePorts(1)
  let said = ''
  let up: ChildProcess
  const start = () => {
    const flags = ['up', '--dir', dir, '--port', String(port), '--no-browser']
    up = spawn(process.execPath, ['deploy/wattproof.mjs', ...flags], {
      cwd: projectRoot,
      env: {
        ...{ ...process.env, WATTPROOF_CLOCK: 'simulated', WATTPROOF_SCHEDULE: 'manual' },
        // Salts are derived from it: two runs have one root.
        WATTPROOF_SEED: 'under load',
        // Whatever the machine has, so that there are shards to hit.
        ...{ WATTPROOF_LOG_LEVEL: 'warn', WATTPROOF_SHARDS: '2' },
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    up.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-saidBytesMax)
    })
  }
  const end = async (signal: NodeJS.Signals) => {
    if (up.exitCode !== null || up.signalCode !== null) return
    const gone = once(up, 'exit')
    up.kill(signal)
    await gone
  }
  start()
  return {
    dir,
    url: `http://127.0.0.1:${port}`,
    token: () => readFileSync(path.join(dir, 'token'), 'utf8').trim(),
    pidOf: (victim) => pidOf(dir, victim),
    startAgain: async () => {
      await end('SIGKILL')
      start()
    },
    said: () => said,
    stop: () => end('SIGTERM'),
  }
}

const engine = (program: RegExp) => (tree: readonly Measured[]) =>
  tree.find(({ command }) => program.test(command))
const isOfJobs = ({ command }: Measured) => /\bhandlerMain\.(ts|mjs)/.test(command)

/** Processes that are not in the table: of which one that is, and which below it. */
const owned: Readonly<Partial<Record<Victim, Owned>>> = {
  postmaster: { owner: 'postgres', find: engine(/^\S*\/postgres /) },
  anvil: { owner: 'chain', find: engine(/^\S*\/anvil /) },
  // In the middle of a job, when it has shards: nobody would miss it at another time.
  job: {
    owner: 'batch',
    find: (tree) => {
      const parents = tree.filter(isOfJobs).map(({ parent }) => parent)
      return tree.find((each) => isOfJobs(each) && parents.includes(each.pid))
    },
  },
  shard: {
    owner: 'batch',
    find: (tree) => {
      const all = tree.filter(isOfJobs)
      return all.find(({ parent }) => all.some(({ pid }) => pid === parent))
    },
  },
}
type Owned = {
  readonly owner: Victim
  find(tree: readonly Measured[]): Measured | undefined
}

function pidOf(dir: string, victim: Victim): number | null {
  const { owner = victim, find } = owned[victim] ?? {}
  const mark = readProcessTable(dir)[owner]
  if (!mark || !isRunning(mark)) return null
  return find ? (find(listTree(mark.pid))?.pid ?? null) : mark.pid
}
