import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { FolderInUseError } from '../../schemas/errors/installation.ts'
import { readOwnJson } from '../installation/readOwnJson.ts'
import { writeOnce, writeWhole } from '../installation/writeWhole.ts'
import { isRunning, markProcess, type ProcessMark, processMark } from '../process/processMark.ts'
import { shortageOf } from './shortage.ts'

/**
 * Claims a folder for this process, before anything in it is cleared or started.
 *
 * A claim is a file `DIR/supervisor/N` that names its process; the greatest N counts, while
 * its process runs. A claim that ended is followed by N + 1, which only one process can make. The
 * greatest is never removed, or one that read it earlier could make the same number again.
 *
 * @returns what gives the folder back; the end of the process does so too.
 * @throws FolderInUseError when another start has the folder, FileDamagedError for a claim that
 * nobody can read.
 */
export function claimFolder(dir: string): () => void {
  const folder = path.join(dir, 'supervisor')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const mark = markProcess(process.pid)
  for (;;) {
    const last = lastClaim(folder)
    const owner = readClaim(folder, last)
    if (owner !== null && isRunning(owner)) throw new FolderInUseError({ dir, pid: owner.pid })
    const own = last + 1
    if (!writeOnce(fileOf(folder, own), JSON.stringify(mark))) continue
    if (lastClaim(folder) === own) {
      for (const each of listClaims(folder)) if (each < own) removeClaim(folder, each)
      return () => release(fileOf(folder, own), mark)
    }
    // Slow: others have come and gone since the first look, and this number was free again.
    removeClaim(folder, own)
  }
}

/** If the disk is too full to say so, the folder is free once this process has ended. */
function release(file: string, mark: ProcessMark): void {
  try {
    writeWhole(file, JSON.stringify({ ...mark, start: 'released' }))
  } catch (error) {
    if (shortageOf(error) === null) throw error
  }
}

const fileOf = (folder: string, claim: number) => path.join(folder, String(claim))

function listClaims(folder: string): number[] {
  return readdirSync(folder)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** The number of the newest claim; 0 if there is none. */
function lastClaim(folder: string): number {
  return Math.max(0, ...listClaims(folder))
}

/** Null if a newer claim has just replaced it. */
function readClaim(folder: string, claim: number): ProcessMark | null {
  try {
    return readOwnJson(fileOf(folder, claim), processMark)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return null
  }
}

function removeClaim(folder: string, claim: number): void {
  rmSync(fileOf(folder, claim), { force: true })
}
