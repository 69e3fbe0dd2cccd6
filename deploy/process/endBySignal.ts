import { setTimeout as sleep } from 'node:timers/promises'

/** What people and the system end processes with; a crash has other signals. */
export const outsideSignals: ReadonlySet<string> = new Set([
  'SIGKILL',
  'SIGTERM',
  'SIGINT',
  'SIGHUP',
])

/**
 * Ends the owner by the signal that ended its engine, so that its supervisor sees that it was
 * killed from outside, and no fault. Returns where no such signal did.
 */
export async function endBySignal(signal: NodeJS.Signals | null): Promise<void> {
  if (signal === null || !outsideSignals.has(signal)) return
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
  await sleep(1_000)
}
