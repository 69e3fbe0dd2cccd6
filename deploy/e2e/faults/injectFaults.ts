import { setTimeout as sleep } from 'node:timers/promises'
import type { Installation } from './openInstallation.ts'
import type { Fault } from './planFaults.ts'

const pollMs = 50
const backMsMax = 120_000

/**
 * Kills and pauses processes as planned, each as soon as it runs, and reports a line on each.
 *
 * @throws when one does not come back.
 */
export async function injectFaults(
  installation: Installation,
  plan: readonly Fault[],
  report: (line: string) => void,
): Promise<void> {
  const beganMs = performance.now()
  const sinceMs = () => performance.now() - beganMs
  const ends: Promise<void>[] = []
  for (const fault of plan) {
    await sleep(Math.max(0, fault.atMs - sinceMs()))
    const pid = await waitFor(installation, fault, null)
    const at = `${(sinceMs() / 1000).toFixed(1).padStart(6)} s`
    const name = `${fault.victim} (pid ${pid})`
    const hitMs = sinceMs()
    const tookS = () => `${((sinceMs() - hitMs) / 1000).toFixed(1)} s`
    if (fault.kind === 'kill') {
      signal(pid, 'SIGKILL')
      if (fault.victim === 'supervisor') await installation.startAgain()
      ends.push(
        waitFor(installation, fault, pid).then((next) =>
          report(`${at} kill  ${name}: pid ${next} after ${tookS()}`),
        ),
      )
    } else
      ends.push(pause(pid, fault.pauseMs).then(() => report(`${at} pause ${name}: ${tookS()}`)))
  }
  await Promise.all(ends)
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
