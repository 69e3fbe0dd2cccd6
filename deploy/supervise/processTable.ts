import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { InvalidArgumentError } from '../../schemas/errors.ts'

/**
 * Who runs on a folder: `DIR/processes.json`, name → pid.
 *
 * Children end by themselves when their parent is gone. This table is for the seconds in between:
 * a new start waits for what is left of the last one instead of fighting over files and ports.
 */
export type ProcessTable = Readonly<Record<string, number>>

export function readProcessTable(dir: string): ProcessTable {
  const file = path.join(dir, 'processes.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ProcessTable) : {}
}

export function writeProcessTable(dir: string, table: ProcessTable): void {
  const file = path.join(dir, 'processes.json')
  writeFileSync(`${file}.new`, JSON.stringify(table, null, 2))
  renameSync(`${file}.new`, file)
}

/**
 * Waits for what a killed start has left behind, and ends it when it does not go.
 *
 * @throws InvalidArgumentError when the folder is in use by a start that is alive.
 */
export async function clearLeftovers(dir: string): Promise<void> {
  const table = readProcessTable(dir)
  const { supervisor, ...children } = table
  if (supervisor !== undefined && supervisor !== process.pid && isOurs(supervisor)) {
    throw new InvalidArgumentError(
      `${dir} is in use by process ${supervisor}. Stop it, or give another --dir.`,
    )
  }
  const left = Object.values(children)
  for (let waited = 0; left.some(isOurs) && waited < 10_000; waited += 100) {
    if (waited === 6_000) for (const pid of left.filter(isOurs)) process.kill(pid, 'SIGKILL')
    await sleep(100)
  }
}

/** Alive, and a process of this project: a pid may have been given to somebody else since. */
function isOurs(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const commandLine = `/proc/${pid}/cmdline`
  if (!existsSync(commandLine)) return process.platform !== 'linux'
  const text = readFileSync(commandLine, 'utf8')
  return text.includes('wattproof') || text.includes('deploy/')
}
