import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { writeWhole } from '../installation/writeWhole.ts'
import { isRunning, type ProcessMark } from '../process/processMark.ts'

/**
 * The processes of a folder, by name: `DIR/processes.json`.
 *
 * Children end by themselves when their parent is gone. This table is for the seconds in between:
 * a new start waits for leftovers of the last one instead of competing for files and ports.
 */
export type ProcessTable = Readonly<Record<string, ProcessMark>>

export function readProcessTable(dir: string): ProcessTable {
  const file = path.join(dir, 'processes.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ProcessTable) : {}
}

export function writeProcessTable(dir: string, table: ProcessTable): void {
  writeWhole(path.join(dir, 'processes.json'), JSON.stringify(table, null, 2))
}

/**
 * Waits for leftover processes of a killed start, and kills those that do not end. Only for the
 * process that has claimed the folder.
 *
 * @throws the reason of the signal.
 */
export async function clearLeftovers(dir: string, signal: AbortSignal): Promise<void> {
  const { supervisor: _, ...children } = readProcessTable(dir)
  const left = Object.values(children)
  for (let waited = 0; left.some(isRunning) && waited < 10_000; waited += 100) {
    if (waited === 6_000) for (const { pid } of left.filter(isRunning)) process.kill(pid, 'SIGKILL')
    await sleep(100)
    signal.throwIfAborted()
  }
}
