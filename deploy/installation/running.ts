import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import * as z from 'zod'
import { isRunning, markProcess, processMark } from '../process/processMark.ts'
import { readOwnJson } from './readOwnJson.ts'
import { writeWhole } from './writeWhole.ts'

/** A running installation, started by this user on this machine. */
export type RunningInstallation = { readonly dir: string; readonly url: string }

const noteShape = z.object({ dir: z.string(), url: z.string(), supervisor: processMark })
type Note = z.infer<typeof noteShape>

const folder = () => path.join(os.homedir(), '.local/state/wattproof/running')
const ownNote = () => path.join(folder(), `${process.pid}.json`)

/** Lets commands without `--dir` find the folder and the URL; contains no secret. */
export function noteRunning({ dir, url }: RunningInstallation): void {
  try {
    mkdirSync(folder(), { recursive: true })
    const note: Note = { dir, url, supervisor: markProcess(process.pid) }
    writeWhole(ownNote(), JSON.stringify(note))
  } catch {
    // A read-only home directory is no reason not to run: commands then need --dir.
  }
}

export function forgetRunning(): void {
  rmSync(ownNote(), { force: true })
}

/** The installations running now; a record whose process is gone is ignored. */
export function listRunning(): RunningInstallation[] {
  return listNotes()
    .filter(({ supervisor }) => isRunning(supervisor))
    .map(({ dir, url }) => ({ dir, url }))
}

function listNotes(): Note[] {
  return namesOfNotes()
    .flatMap((name) => readNote(path.join(folder(), name)) ?? [])
    .sort((left, right) => (left.dir < right.dir ? -1 : 1))
}

function namesOfNotes(): string[] {
  try {
    return readdirSync(folder()).filter((name) => /^\d+\.json$/.test(name))
  } catch {
    // Nothing has ever been started.
    return []
  }
}

function readNote(file: string): Note | null {
  try {
    return readOwnJson(file, noteShape)
  } catch {
    // It has just ended, or a power cut left its note empty.
    return null
  }
}
