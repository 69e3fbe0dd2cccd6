import { randomUUID } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'

/**
 * Writes a file so that whoever reads it, after a kill, a power cut or on a full disk, finds all of
 * it or what stood there before.
 *
 * Written beside, synced, and moved; the folder is synced too, or the move itself could be lost.
 */
export function writeWhole(file: string, content: string | Uint8Array): void {
  const fresh = `${file}.new`
  writeSynced(fresh, content)
  renameSync(fresh, file)
  syncFolder(path.dirname(file))
}

/** The same for a file that is written once: whoever comes second leaves the first one's alone. */
export function writeOnce(file: string, content: string, mode: number): void {
  const fresh = `${file}.${randomUUID()}.new`
  writeSynced(fresh, content, mode)
  try {
    linkSync(fresh, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(fresh)
  }
  syncFolder(path.dirname(file))
}

function writeSynced(file: string, content: string | Uint8Array, mode = 0o666): void {
  const handle = openSync(file, 'w', mode)
  try {
    // Unlike `writeSync` it goes on after a short count, to the end or to the error.
    writeFileSync(handle, content)
    fsyncSync(handle)
  } catch (error) {
    // Of no use, and in the way of others on a full disk.
    rmSync(file, { force: true })
    throw error
  } finally {
    closeSync(handle)
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
