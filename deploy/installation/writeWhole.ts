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
 * Writes a file atomically: after a kill, a power cut or on a full disk a reader finds all of
 * it or the previous content.
 *
 * Written to a temporary file, synced, and renamed; the folder is synced too, or the rename could
 * be lost.
 */
export function writeWhole(file: string, content: string | Uint8Array): void {
  const fresh = `${file}.new`
  writeSynced(fresh, content)
  renameSync(fresh, file)
  syncFolder(path.dirname(file))
}

/** The same for a write-once file: a second writer leaves the first one's content. */
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

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
