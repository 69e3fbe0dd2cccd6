import { setTimeout as sleep } from 'node:timers/promises'
import type { Installation } from './openInstallation.ts'
import type { Fault, Victim } from './planFaults.ts'

const pollMs = 50
const backMsMax = 120_000

/**
 * Kills and pauses processes as planned, each as soon as it runs, and reports a line on each. Two
 * faults of one process follow each other; one that waits for its victim delays no other.
 *
 * @returns when each hit, since the beginning, ms.
 * @throws when a process does not come back.
 */
export async function injectFaults(
  installation: Installation,
  plan: readonly Fault[],
  report: (line: string) => void,
): Promise<readonly number[]> {
  const beganMs = performance.now()
  const sinceMs = () => performance.now() - beganMs
  const hitsMs: number[] = []
  const hit = async (fault: Fault) => {
    await sleep(Math.max(0, fault.atMs - sinceMs()))
    const pid = await waitFor(installation, fault, null)
    const hitMs = sinceMs()
    hitsMs.push(hitMs)
    const end = await strike(installation, fault, pid)
    const tookS = ((sinceMs() - hitMs) / 1000).toFixed(1)
    const at = `${(hitMs / 1000).toFixed(1).padStart(6)} s`
    report(`${at} ${fault.kind.padEnd(5)} ${fault.victim} (pid ${pid}): ${end} ${tookS} s`)
  }
  const turns = new Map<Victim, Promise<void>>()
  for (const fault of plan) {
    const before = turns.get(fault.victim) ?? Promise.resolve()
    turns.set(
      fault.victim,
      before.then(() => hit(fault)),
    )
  }
  await Promise.all(turns.values())
  return hitsMs
}

/** Resolves once the process runs on, or another in its place. */
async function strike(installation: Installation, fault: Fault, pid: number): Promise<string> {
  if (fault.kind === 'pause') {
    await pause(pid, fault.pauseMs)
    return 'stopped for'
  }
  signal(pid, 'SIGKILL')
  if (fault.victim === 'supervisor') await installation.startAgain()
  return `pid ${await waitFor(installation, fault, pid)} after`
}

async function pause(pid: number, pauseMs: number): Promise<void> {
  signal(pid, 'SIGSTOP')
  await sleep(pauseMs)
  signal(pid, 'SIGCONT')
}

/** The pid of the victim, once it runs and is another than `before`. */
async function waitFor(
  installation: Installation,
  { victim }: Fault,
  before: number | null,
): Promise<number> {
  for (const untilMs = performance.now() + backMsMax; performance.now() < untilMs; ) {
    const pid = installation.pidOf(victim)
    if (pid !== null && pid !== before) return pid
    await sleep(pollMs)
  }
  throw new Error(`${victim} does not run. The installation said:\n${installation.said()}`)
}

/** One that has ended in the meantime is hit already. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
