import { randomUUID } from 'node:crypto'
import { open, rm, statfs } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

/**
 * Shortages of the machine by code of the system: they pass by themselves or once an operator acts,
 * and the process that one ends is not at fault. `deploy/bundle.mjs` repeats the codes that a build
 * can meet, since it runs before TypeScript can be loaded; `bundle.test.ts` compares the two.
 */
const shortages: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the quota of the disk is used up',
  EROFS: 'the file system is read-only',
  EMFILE: 'no file handle is left',
  ENFILE: 'the machine has no file handle left',
  EAGAIN: 'no further process can be started',
  ENOMEM: 'no memory is left',
  EADDRINUSE: 'its port is taken by another program',
}
/**
 * Not shortages for a process that was never ready: another program has its port, or an earlier
 * start of the same one.
 */
const laterOnly: ReadonlySet<string> = new Set(['EADDRINUSE', 'EAGAIN'])

/** How programs other than ours word them. */
const words: readonly (readonly [RegExp, string])[] = [
  [/no space left on device|not enough space/i, 'ENOSPC'],
  [/disk quota exceeded/i, 'EDQUOT'],
  [/read-only file system/i, 'EROFS'],
  [/too many open files in system/i, 'ENFILE'],
  [/too many open files/i, 'EMFILE'],
  [/cannot allocate memory/i, 'ENOMEM'],
  [/address already in use/i, 'EADDRINUSE'],
  [/resource temporarily unavailable/i, 'EAGAIN'],
]

/** The shortage behind an error, as part of a sentence; null for any other error. */
export function shortageOf(error: unknown): string | null {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && Object.hasOwn(shortages, code) ? shortages[code]! : null
}

const codes = new RegExp(`\\b(${Object.keys(shortages).join('|')})\\b`)

/**
 * The shortage that a line of a process's output reports; null for any other line.
 *
 * @param wasReady whether the process has ever been ready, before a restart or since.
 */
export function shortageIn(line: string, wasReady: boolean): string | null {
  const [code] = codes.exec(line) ?? []
  const found = code ?? words.find(([pattern]) => pattern.test(line))?.[1]
  if (found === undefined || (laterOnly.has(found) && !wasReady)) return null
  return shortages[found]!
}

/** Whether a line of a process's output says that another program listens at its port. */
export function saysPortTaken(line: string): boolean {
  return shortageIn(line, true) === shortages.EADDRINUSE
}

/** Less free space than an engine needs to start. */
const roomBytesMin = 8 << 20
const trialBytes = 64 << 10

/** The shortage now, found by writing a file to the folder and to the one for temporary files. */
export async function findShortage(dir: string): Promise<string | null> {
  for (const folder of [dir, os.tmpdir()]) {
    const found = await findShortageOf(folder)
    if (found !== null) return `${found} (${folder})`
  }
  return null
}

async function findShortageOf(folder: string): Promise<string | null> {
  // A random name, as other users may write to the folder for temporary files. `removeUnfinished`
  // deletes what a kill leaves behind.
  const file = path.join(folder, `trial.${randomUUID()}.${process.pid}.new`)
  try {
    const { bavail, bsize } = await statfs(folder)
    if (bavail * bsize < roomBytesMin) return shortages.ENOSPC!
    const handle = await open(file, 'wx', 0o600)
    try {
      await handle.writeFile(new Uint8Array(trialBytes))
    } finally {
      await handle.close()
      await rm(file, { force: true })
    }
    return null
  } catch (error) {
    return shortageOf(error)
  }
}
