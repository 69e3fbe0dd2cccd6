import { readdirSync, readFileSync } from 'node:fs'

export type Measured = {
  readonly pid: number
  readonly parent: number
  readonly command: string
  /** Since the machine started, s. */
  readonly startS: number
  readonly ownCpuS: number
  /** The CPU time of children that have ended. */
  readonly endedCpuS: number
}

/** Linux counts in hundredths of a second. */
const ticksPerS = 100

/** A process and its descendants, as `/proc` shows them now. */
export function listTree(root: number): Measured[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const all = pids.flatMap((pid) => read(Number(pid)) ?? [])
  const below = (pid: number): Measured[] =>
    all.filter((each) => each.parent === pid).flatMap((each) => [each, ...below(each.pid)])
  return [...all.filter(({ pid }) => pid === root), ...below(root)]
}

/** User and system time of a process and of its ended children, s. */
export function cpuSOf({ ownCpuS, endedCpuS }: Measured): number {
  return ownCpuS + endedCpuS
}

/** Since the machine started, s. */
export function uptimeS(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
}

/** Null for one that has just ended. */
function read(pid: number): Measured | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    // After the name in brackets, which may contain anything; the first is the 3rd field.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = (field: number) => Number(fields[field - 3]) / ticksPerS
    return {
      ...{ pid, command, parent: Number(fields[1]), startS: ticks(22) },
      ...{ ownCpuS: ticks(14) + ticks(15), endedCpuS: ticks(16) + ticks(17) },
    }
  } catch {
    return null
  }
}
