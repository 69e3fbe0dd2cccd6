import {
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { markProcess } from '../process/processMark.ts'

/**
 * Writes a file atomically: after a kill, a power cut or on a full disk a reader finds all of
 * it or the previous content.
 *
 * Written to a temporary file, synced, and renamed; the folder is synced too, or the rename could
 * be lost.
 *
 * @param mode for the owner alone unless others must read it.
 */
export function writeWhole(file: string, content: string | Uint8Array, mode = 0o600): void {
  const fresh = temporaryOf(file)
  writeSynced(fresh, content, mode)
  renameSync(fresh, file)
  syncFolder(path.dirname(file))
}

/**
 * The same for a write-once file, for the owner alone: a second writer leaves the first one's
 * content.
 *
 * @returns whether this is the first.
 */
export function writeOnce(file: string, content: string): boolean {
  const fresh = temporaryOf(file)
  writeSynced(fresh, content, 0o600)
  try {
    linkSync(fresh, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  } finally {
    rmSync(fresh)
  }
  syncFolder(path.dirname(file))
  return true
}

/** Removes temporary files of writers that were killed. */
export function removeUnfinished(folder: string): void {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const [, pid] = /\.(\d+)\.new$/.exec(name) ?? []
    if (pid === undefined || markProcess(Number(pid)).start !== 'gone') continue
    rmSync(path.join(folder, name), { recursive: true, force: true })
  }
}

/** Its own for each process: two that write the same file do not take each other's away. */
function temporaryOf(file: string): string {
  return `${file}.${process.pid}.new`
}

function writeSynced(file: string, content: string | Uint8Array, mode: number): void {
  const handle = openNew(file, mode)
  try {
    // Exactly this mode, whatever the mask.
    fchmodSync(handle, mode)
    // Unlike `writeSync` it continues after a short write, to the end or to the error.
    writeFileSync(handle, content)
    fsyncSync(handle)
  } catch (error) {
    // A partial file is useless, and takes space on a full disk.
    rmSync(file, { force: true })
    throw error
  } finally {
    closeSync(handle)
  }
}

/** Never through a link. What is in its place was left by a kill of a process of this number. */
function openNew(file: string, mode: number): number {
  try {
    return openSync(file, 'wx', mode)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    unlinkSync(file)
    return openSync(file, 'wx', mode)
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
