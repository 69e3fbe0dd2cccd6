import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { TestProject } from 'vitest/node'

const memory = '/dev/shm'
const start = 'wattproof-test-'
/** Well above what one run leaves there before it ends. */
const bytesMin = 6 * 2 ** 30

const folder = path.join(memory, `${start}${process.pid}`)

/**
 * The temporary folder of `npm test`: in memory where the machine has plenty, as engines sync each
 * write and a disk takes milliseconds for it. A killed process leaves the same behind in memory as
 * on a disk. `npm run test:full` stays on the disk.
 */
export function chooseTemporaryFolder(): string {
  return isRoomy() ? folder : os.tmpdir()
}

/** Set-up of the projects whose tests have that folder; each of them runs it. */
export default function setUp({ config }: TestProject): (() => void) | undefined {
  if (config.env.TMPDIR !== folder || fs.existsSync(folder)) return
  for (const name of fs.readdirSync(memory).filter(isLeftover)) remove(path.join(memory, name))
  // PostgreSQL runs as another user than root.
  fs.mkdirSync(folder, { mode: 0o755 })
  shareTransforms()
  return () => remove(folder)
}

/** The compiled sources that tsx keeps, so that not each run compiles them again. */
function shareTransforms(): void {
  const name = `tsx-${process.geteuid?.() ?? 0}`
  const kept = path.join(os.tmpdir(), name)
  fs.mkdirSync(kept, { recursive: true })
  fs.symlinkSync(kept, path.join(folder, name))
}

function isRoomy(): boolean {
  try {
    const { bavail, bsize } = fs.statfsSync(memory)
    const { MemAvailable = 0 } = readMemory()
    return bavail * bsize > bytesMin && MemAvailable > bytesMin && mayExecute()
  } catch {
    // Not Linux, or a container without it.
    return false
  }
}

function readMemory(): Record<string, number> {
  const lines = fs.readFileSync('/proc/meminfo', 'utf8').trim().split('\n')
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', kilobytes] = line.split(/:\s+/)
      return [name, Number.parseInt(kilobytes ?? '0', 10) * 1024]
    }),
  )
}

/** Tests write programs into their folders. */
function mayExecute(): boolean {
  const mounts = fs.readFileSync('/proc/mounts', 'utf8').split('\n')
  const options = mounts.map((each) => each.split(' ')).filter(([, at]) => at === memory)
  return options.every((each) => !each[3]?.split(',').includes('noexec'))
}

/** Whether a run that was killed left this folder behind. */
function isLeftover(name: string): boolean {
  const pid = name.startsWith(start) ? /^\d+/.exec(name.slice(start.length))?.[0] : undefined
  return pid !== undefined && !fs.existsSync(`/proc/${pid}`)
}

function remove(unused: string): void {
  try {
    fs.rmSync(unused, { recursive: true, force: true, maxRetries: 5 })
  } catch {
    // It belongs to another user, or a process still writes to it: the next run removes it.
  }
}
