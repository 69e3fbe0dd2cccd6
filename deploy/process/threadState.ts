import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** What the main thread of a process does, and the CPU time that it has used; null: unknown. */
export type ThreadState = {
  readonly doing: 'runs' | 'waits' | 'stopped'
  readonly cpuMs: number | null
}

/** A clock tick of /proc is 10 ms on every Linux that Node runs on. */
const tickMs = 10

/**
 * Looks at the main thread of a process: one that waits for a processor or for the disk runs, one
 * that was stopped by a signal is stopped. Null if there is no such process.
 */
export function readThreadState(pid: number): ThreadState | null {
  try {
    return process.platform === 'linux' ? stateOnLinux(pid) : stateByPs(pid)
  } catch {
    // Both sources fail for a process that does not exist.
    return null
  }
}

/** The children of a process, to any depth; none where the system does not tell it cheaply. */
export function listDescendants(pid: number): number[] {
  if (process.platform !== 'linux') return []
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' '),
    )
    const own = children.filter((each) => each !== '').map(Number)
    return own.flatMap((each) => [each, ...listDescendants(each)])
  } catch {
    // It has just ended, or the kernel has no such file.
    return []
  }
}

function stateOnLinux(pid: number): ThreadState {
  const stat = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8')
  // The second field is the name in brackets, which may contain anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const cpuMs = (Number(fields[11]) + Number(fields[12])) * tickMs
  return { doing: doingOf(fields[0]!), cpuMs }
}

function stateByPs(pid: number): ThreadState {
  const fields = ['-o', 'state=', '-p', String(pid)]
  const environment = { PATH: '/usr/bin:/bin', LC_ALL: 'C' }
  const said = execFileSync('ps', fields, { encoding: 'utf8', env: environment })
  return { doing: doingOf(said.trim()), cpuMs: null }
}

/** R has or wants a processor; D (U elsewhere) waits for the disk. */
function doingOf(letters: string): ThreadState['doing'] {
  if (/^T/i.test(letters)) return 'stopped'
  return /^[RDU]/.test(letters) ? 'runs' : 'waits'
}
