import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { giveTo } from './postgresAccount.ts'

/** It takes about a second. If the disk hangs there is no template, and the start goes on. */
const limit = { timeout: 60_000, killSignal: 'SIGKILL' } as const
/** More than two such limits: anything older was left by a killed process. */
const leftoverMsMin = 5 * 60_000
/** In a template: the size and the path of each of its files. */
const listName = 'template.files'

/**
 * Copies the template.
 *
 * @returns false if there is none, or if it is damaged, being deleted, or writable by another user
 * than the owner of the folder it is in: nothing of it is left in `target` then.
 */
export async function copyTemplate(template: string, target: string): Promise<boolean> {
  try {
    if (!isSafe(template)) return false
    await promisify(execFile)('cp', ['-R', template, target], limit)
    const list = path.join(target, listName)
    if (fs.readFileSync(list, 'utf8') !== listFiles(target)) return false
    fs.rmSync(list)
    return true
  } catch {
    return false
  }
}

/** Write access to the template is access to every server that is copied from it. */
function isSafe(template: string): boolean {
  const { uid, mode } = fs.lstatSync(template)
  return uid === fs.statSync(path.dirname(template)).uid && (mode & 0o022) === 0
}

/**
 * Keeps a copy of new data as the template, if there is none yet.
 *
 * Best effort: without one the next folder is initialised as this one was. It resolves when the
 * copy is made; the disk is not waited for.
 */
export async function keepTemplate(target: string, template: string): Promise<void> {
  // One at a time, so that kills cannot fill the disk; the next one clears away a kill's leftovers.
  const lock = `${template}.new`
  const fresh = path.join(lock, randomUUID())
  try {
    sweep(path.dirname(template), (name, ageMs) => {
      return name.startsWith(`${path.basename(template)}.`) && ageMs > leftoverMsMin
    })
    fs.mkdirSync(lock, { mode: 0o700 })
  } catch {
    return
  }
  // The disk is not waited for by a stop either.
  const clear = () => removeQuietly(lock)
  process.once('exit', clear)
  try {
    // Without owners: those of the data are the server's, which may not write to a template.
    await promisify(execFile)('cp', ['-R', target, fresh], limit)
    fs.writeFileSync(path.join(fresh, listName), listFiles(fresh), { mode: 0o600 })
    if (process.getuid?.() === 0) giveTo(fs.statSync(path.dirname(template)), fresh)
    void publish(fresh, template).then(() => process.off('exit', clear))
  } catch {
    clear()
    process.off('exit', clear)
  }
}

async function publish(fresh: string, template: string): Promise<void> {
  try {
    // After a power cut a template would otherwise be there, but empty.
    const entries = fs.readdirSync(fresh, { recursive: true, encoding: 'utf8' })
    await promisify(execFile)('sync', [fresh, ...entries.map((e) => path.join(fresh, e))], limit)
    fs.renameSync(fresh, template)
  } catch {
    // Another process was first, or the disk hangs.
  }
  removeQuietly(path.dirname(fresh))
}

/** Renamed first: half a template would look like a whole one. */
export function discardTemplate(template: string): void {
  const unused = `${template}.${randomUUID()}`
  try {
    fs.renameSync(template, unused)
    fs.rmSync(unused, { recursive: true })
  } catch {
    // There is none, or another process was first, or it belongs to another user.
  }
}

/** Deletes the entries of a folder that `isUnused`, as far as it may. */
export function sweep(folder: string, isUnused: (name: string, ageMs: number) => boolean): void {
  for (const name of fs.readdirSync(folder)) {
    const entry = path.join(folder, name)
    const ageMs = Date.now() - (fs.lstatSync(entry, { throwIfNoEntry: false })?.mtimeMs ?? 0)
    if (isUnused(name, ageMs)) removeQuietly(entry)
  }
}

/** What a process still writes to is deleted the next time. */
export function removeQuietly(entry: string): void {
  try {
    fs.rmSync(entry, { recursive: true, force: true })
  } catch {
    // Another process was first, or it belongs to another user.
  }
}

function listFiles(folder: string): string {
  const lines = fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((entry) => entry !== listName)
    .map((entry) => ({ entry, found: fs.statSync(path.join(folder, entry)) }))
    .map(({ entry, found }) => `${found.isFile() ? found.size : '-'} ${entry}\n`)
  return lines.sort().join('')
}
