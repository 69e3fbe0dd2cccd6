import path from 'node:path'
import { open } from 'lmdb'

/**
 * Lets one process at a time commit to a log, or open it.
 *
 * LMDB as `lmdb` ships it sets the number of the newest transaction, which all processes share,
 * to what it read from the file whenever a process opens the folder, and takes no lock for it
 * (upstream's ITS#9496). A commit of another process between the reading and the setting is taken
 * back, flushed or not, and the next append overwrites it. So opening and committing exclude each
 * other here.
 */
export type LogGate = {
  /**
   * Runs `inside` while no other process is inside. What one process asks for while it waits at
   * the gate goes in together, so that its appends still share a transaction.
   */
  pass<T>(inside: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

/**
 * The gate is the write lock of a second environment that nobody ever writes to: opening that one
 * has nothing to take back. The lock is the kernel's, so a process that is killed inside does not
 * keep it.
 */
export function openLogGate(dir: string): LogGate {
  const lock = open({ path: path.join(dir, 'gate'), noSubdir: false, overlappingSync: false })
  let waiting: (() => Promise<unknown>)[] = []
  let isInside = false

  // One transaction a visit of the gate: a second one asked for meanwhile would go on under the
  // first one's lock, and a busy process would never let the others in.
  async function enter(): Promise<void> {
    isInside = true
    while (waiting.length > 0) {
      await lock.transaction(async () => {
        const visits = waiting
        waiting = []
        await Promise.all(visits.map((visit) => visit()))
      })
    }
    isInside = false
  }

  return {
    pass: (inside) =>
      new Promise((resolve, reject) => {
        waiting.push(() => inside().then(resolve, reject))
        if (!isInside) enter().catch(reject)
      }),
    close: () => lock.close(),
  }
}
