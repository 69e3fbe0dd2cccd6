import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Notices } from '../../../schemas/ports/notices.ts'
import { watchFolder } from './watchFolder.ts'

/**
 * Notices between the processes of one machine: an announcement touches a file in a folder that
 * others watch. Ten microseconds an announcement, and nothing while there is none.
 */
export function openFolderNotices(dir: string): Notices {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const file = path.join(dir, 'announced')
  const folder = watchFolder(dir, () => true)
  return {
    get seen() {
      return folder.seen
    },
    announce: () => touch(file),
    wait: folder.wait,
    close: folder.close,
  }
}

/** A notice is only a hint: readers look again by themselves, so nothing may fail for it. */
function touch(file: string): void {
  const now = new Date()
  try {
    utimesSync(file, now, now)
  } catch {
    try {
      writeFileSync(file, '', { mode: 0o600 })
    } catch {
      // A full disk, or the folder is gone.
    }
  }
}
