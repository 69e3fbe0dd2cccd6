import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import * as z from 'zod'

/**
 * Identifies a process permanently: its pid and its start time.
 *
 * A pid alone is reused after a reboot, in a container even within the same second,
 * and on Linux to threads as well.
 */
export const processMark = z.object({ pid: z.int(), start: z.string() }).readonly()
export type ProcessMark = z.infer<typeof processMark>

/** The pid and start time of a running process. */
export function markProcess(pid: number): ProcessMark {
  return { pid, start: startOf(pid) ?? 'gone' }
}

/** True while the marked process itself is running; a zombie is not. */
export function isRunning({ pid, start }: ProcessMark): boolean {
  return startOf(pid) === start
}

/** Null if there is no such process. */
function startOf(pid: number): string | null {
  try {
    return process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid)
  } catch {
    // Both sources are empty for a process that does not exist.
    return null
  }
}

/** Clock ticks since boot, and the id of the boot. */
function startOnLinux(pid: number): string | null {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is the name in brackets, which may contain anything; the 22nd is the start
  // time.
  const [state = '', ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (/[ZX]/.test(state)) return null
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${rest[18]}`
}

function startByPs(pid: number): string | null {
  const fields = ['-o', 'state=', '-o', 'lstart=', '-p', String(pid)]
  const environment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
  const said = execFileSync('ps', fields, { encoding: 'utf8', env: environment })
  const [state = '', ...start] = said.trim().split(/\s+/)
  return state.startsWith('Z') ? null : start.join(' ')
}
