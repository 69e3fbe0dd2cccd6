import { readFileSync } from 'node:fs'
import type { Measured } from '../testing/processTree.ts'

/** Resident memory of processes: own pages of each by pid, and all pages of files, MB. */
export function measureMemory(tree: readonly Measured[]): {
  readonly ownMb: ReadonlyMap<number, number>
  readonly fileMb: number
} {
  const ownMb = new Map<number, number>()
  const fileKb = new Map<string, number>()
  for (const { pid } of tree) {
    const { ownKb, files } = readMappings(pid)
    ownMb.set(pid, ownKb / 1024)
    for (const [file, kb] of files) fileKb.set(file, Math.max(fileKb.get(file) ?? 0, kb))
  }
  return { ownMb, fileMb: [...fileKb.values()].reduce((total, kb) => total + kb, 0) / 1024 }
}

/** 0 for a process that has just ended. */
function readMappings(pid: number): { ownKb: number; files: Map<string, number> } {
  const files = new Map<string, number>()
  let ownKb = 0
  let file = ''
  let kbOfFile = 0
  for (const line of readSmaps(pid).split('\n')) {
    const [, name] = /^[0-9a-f]+-[0-9a-f]+ \S+ \S+ (\S+ \d+ .*)$/.exec(line) ?? []
    if (name !== undefined) file = name
    const [, field, kb] = /^(Rss|Anonymous): +(\d+) kB/.exec(line) ?? []
    if (field === 'Rss') kbOfFile = Number(kb)
    if (field !== 'Anonymous') continue
    // Changed copies of a file's pages are the process's own.
    ownKb += Number(kb)
    files.set(file, (files.get(file) ?? 0) + kbOfFile - Number(kb))
  }
  return { ownKb, files }
}

function readSmaps(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/smaps`, 'utf8')
  } catch {
    return ''
  }
}
