import { existsSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import { isoUtc } from '../../schemas/time.ts'
import type { Status } from '../../serving/shapes/status.ts'
import { readOwnJson } from '../installation/readOwnJson.ts'
import { writeWhole } from '../installation/writeWhole.ts'
import { isRunning, markProcess, type ProcessMark, processMark } from '../process/processMark.ts'

/**
 * The processes of a folder, by name: `DIR/processes.json`.
 *
 * Children end by themselves when their parent is gone. This table is for the seconds in between:
 * a new start waits for leftovers of the last one instead of competing for files and ports.
 */
const processTable = z.record(z.string(), processMark)
export type ProcessTable = Readonly<Record<string, ProcessMark>>

export function readProcessTable(dir: string): ProcessTable {
  const file = path.join(dir, 'processes.json')
  return existsSync(file) ? readOwnJson(file, processTable) : {}
}

export function writeProcessTable(dir: string, table: ProcessTable): void {
  writeWhole(path.join(dir, 'processes.json'), JSON.stringify(table, null, 2))
}

/** How often a process was started again since `up` runs, and the last time and its reason. */
const replacement = z.object({ count: z.int(), atMs: z.number(), reason: z.string() }).readonly()
export type Replacement = z.infer<typeof replacement>
export type Replacements = Readonly<Record<string, Replacement>>

const replacementsFile = (dir: string) => path.join(dir, 'supervisor', 'replaced.json')

/** Those of the last `up` of a folder; empty if they cannot be read. */
export function readReplacements(dir: string): Replacements {
  try {
    return readOwnJson(replacementsFile(dir), z.record(z.string(), replacement))
  } catch {
    // No process was ever replaced here, or the folder is another user's.
    return {}
  }
}

/** The same as `status` shows it. */
export function listReplaced(dir: string): Status['replaced'] {
  return Object.entries(readReplacements(dir)).map(([process, { count, atMs, reason }]) => {
    return { process, count, last: isoUtc(atMs), reason }
  })
}

export type ProcessTableKeeper = {
  pidChanged(name: string, pid: number | null): void
  replaced(name: string, reason: string): void
  /** Nothing runs any more. */
  clear(): void
}

const againMs = 2_000

/**
 * Keeps the table of a folder. One that cannot be written, on a full disk for instance, is said
 * once and written again later: the processes run on.
 */
export function keepProcessTable(dir: string, say: (line: string) => void): ProcessTableKeeper {
  let table: ProcessTable = { supervisor: markProcess(process.pid) }
  let replacements: Replacements = {}
  let again: NodeJS.Timeout | null = null
  let isFailing = false
  const write = () => {
    if (again !== null) clearTimeout(again)
    again = null
    try {
      writeProcessTable(dir, table)
      writeWhole(replacementsFile(dir), JSON.stringify(replacements))
      if (isFailing) say('The table of processes is written again.')
      isFailing = false
    } catch (error) {
      if (!isFailing) say(`The table of processes cannot be written: ${sentenceOf(error)}`)
      isFailing = true
      again = setTimeout(write, againMs).unref()
    }
  }
  write()
  return {
    pidChanged: (name, pid) => {
      const { [name]: _, ...rest } = table
      table = pid === null ? rest : { ...rest, [name]: markProcess(pid) }
      write()
    },
    replaced: (name, reason) => {
      const count = (replacements[name]?.count ?? 0) + 1
      replacements = { ...replacements, [name]: { count, atMs: Date.now(), reason } }
      write()
    },
    clear: () => {
      table = {}
      write()
    },
  }
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
