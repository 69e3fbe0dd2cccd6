import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * One process for good: its number, and when it was started.
 *
 * The number alone is given to others after a reboot, in a container even within the same second,
 * and on Linux to threads as well.
 */
export type ProcessMark = { readonly pid: number; readonly start: string }

/** Of a process that lives. */
export function markProcess(pid: number): ProcessMark {
  return { pid, start: startOf(pid) ?? 'gone' }
}

/** True while the very process that was marked lives; a zombie does not. */
export function isRunning({ pid, start }: ProcessMark): boolean {
  return startOf(pid) === start
}

/** Null when there is no such process. */
function startOf(pid: number): string | null {
  try {
    return process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid)
  } catch {
    // Neither has anything to say of a process that is not there.
    return null
  }
}

/** Ticks since the boot, and which boot. */
function startOnLinux(pid: number): string | null {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is the name in brackets, which may hold anything; the 22nd is the start.
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
