import path from 'node:path'
import { inspect } from 'node:util'
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
  let waiting: Visit[] = []
  let isInside = false

  // One transaction a visit of the gate: a second one asked for meanwhile would go on under the
  // first one's lock, and a busy process would never let the others in.
  async function enter(): Promise<void> {
    isInside = true
    const leave = endHardInside()
    try {
      while (waiting.length > 0) {
        await lock.transaction(async () => {
          const visits = waiting
          waiting = []
          await Promise.all(visits.map((visit) => visit.go()))
        })
      }
    } catch (error) {
      for (const { refuse } of waiting.splice(0)) refuse(error)
    } finally {
      isInside = false
      leave()
    }
  }

  return {
    pass: (inside) =>
      new Promise((resolve, reject) => {
        const go = async () => inside()
        waiting.push({ go: () => go().then(resolve, reject), refuse: reject })
        if (!isInside) void enter()
      }),
    close: () => lock.close(),
  }
}

type Visit = { go(): Promise<void>; refuse(error: unknown): void }

/**
 * A process that ends while it is inside ends hard.
 *
 * LMDB's thread would wait for an answer of our event loop, which runs no more, and the process
 * would stay for ever with the lock in its hand. What was acknowledged is on the disk.
 */
function endHardInside(): () => void {
  // Node says what was not caught only after `exit`.
  const say = (error: unknown) => {
    if (process.listenerCount('uncaughtException') > 0) return
    process.stderr.write(`${inspect(error)}\n`)
  }
  const end = () => process.kill(process.pid, 'SIGKILL')
  process.on('uncaughtExceptionMonitor', say)
  // Before LMDB's own listener, which waits too.
  process.prependListener('exit', end)
  return () => {
    process.off('uncaughtExceptionMonitor', say)
    process.off('exit', end)
  }
}
