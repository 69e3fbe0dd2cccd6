import { type ChildProcess, spawn } from 'node:child_process'

/** Nothing of our own environment: PGDATA and the like would change the server. */
export const postgresEnvironment = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

/**
 * Interrupts a program when this process is gone, however it ended: a small shell reads from a pipe
 * that closes even on SIGKILL.
 *
 * @returns the shell, to be killed when the program has ended.
 */
export function watchOver(pid: number): ChildProcess {
  const script = 'read _; kill -INT "$1" 2>/dev/null'
  const watchdog = spawn('/bin/sh', ['-c', script, 'sh', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env: postgresEnvironment,
    cwd: '/',
  })
  watchdog.unref()
  return watchdog
}
