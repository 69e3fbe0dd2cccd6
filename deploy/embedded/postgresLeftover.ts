import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LeftoverProcessError } from '../../schemas/errors/installation.ts'
import { postgresSocket } from '../sockets/enginePlaces.ts'

/** Fast shutdown; immediate shutdown without a checkpoint; kill. */
const escalation = [
  ['SIGINT', 5_000],
  ['SIGQUIT', 3_000],
  ['SIGKILL', 5_000],
] as const

/**
 * Ends the server that a killed start left running on a data folder, and removes the socket and
 * the lock files of one that is gone, whose number may belong to a stranger by now.
 */
export async function stopLeftover(data: string): Promise<void> {
  const lock = path.join(data, 'postmaster.pid')
  const pid = existsSync(lock) ? Number.parseInt(readFileSync(lock, 'utf8'), 10) : Number.NaN
  if (isServerOf(pid, data)) await endServer(pid, data)
  const socket = postgresSocket(data)
  for (const left of [lock, socket, `${socket}.lock`]) rmSync(left, { force: true })
}

async function endServer(pid: number, data: string): Promise<void> {
  for (const [signal, waitMs] of escalation) {
    signalServer(pid, signal)
    for (let waited = 0; waited < waitMs; waited += 50) {
      if (!isServerOf(pid, data)) return
      await sleep(50)
    }
  }
  throw new LeftoverProcessError({ pid, data })
}

/** A server that has ended by itself in the meantime is fine. */
export function signalServer(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** True for a running PostgreSQL server of this data folder; a zombie has no command line. */
export function isServerOf(pid: number, data: string): boolean {
  const command = commandLineOf(pid)
  return command.includes('postgres') && command.includes(data)
}

function commandLineOf(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  } catch {
    // The process no longer exists.
    return ''
  }
}
