import { type FSWatcher, watch } from 'node:fs'
import type { Notices } from '../../../schemas/ports/notices.ts'

/** Most that a wait lasts where the system has no watch left: a poll, as long as it has none. */
const blindMsMax = 100

/**
 * Counts the changes of a folder's own files, from the first look at `seen` on.
 *
 * @param isOurs whether the change of a file of this name counts.
 */
export function watchFolder(
  dir: string,
  isOurs: (name: string) => boolean,
): Omit<Notices, 'announce'> {
  const waiting = new Set<() => void>()
  let watcher: FSWatcher | null = null
  let isClosed = false
  let seen = 0
  const wake = () => {
    seen++
    for (const each of [...waiting]) each()
  }
  const begin = () => {
    if (watcher || isClosed) return
    try {
      // Not persistent: a process with nothing else to do may end.
      watcher = watch(dir, { persistent: false }, (_, name) => {
        if (name === null || isOurs(name)) wake()
      })
      watcher.on('error', () => {
        watcher?.close()
        watcher = null
        wake()
      })
    } catch {
      // No watch left, or a file system without: `wait` is short then.
    }
  }
  return {
    get seen() {
      begin()
      return seen
    },
    wait(known, { msMax, signal }) {
      begin()
      const ms = watcher ? msMax : Math.min(msMax, blindMsMax)
      return new Promise((resolve) => {
        if (seen !== known || signal.aborted || isClosed) return resolve()
        const end = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', end)
          waiting.delete(end)
          resolve()
        }
        const timer = setTimeout(end, ms)
        signal.addEventListener('abort', end)
        waiting.add(end)
      })
    },
    close() {
      isClosed = true
      watcher?.close()
      wake()
    },
  }
}
