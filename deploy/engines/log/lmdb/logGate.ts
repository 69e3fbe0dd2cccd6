import path from 'node:path'
import { inspect } from 'node:util'
import { open } from 'lmdb'
import { LogHeldError } from '../../../../schemas/errors/log.ts'

/**
 * Lets one process at a time commit to a log, or open it.
 *
 * The LMDB that `lmdb` ships sets the number of the newest transaction, shared by all processes,
 * to what it read from the file whenever a process opens the folder, and takes no lock for it
 * (upstream's ITS#9496). A commit of another process between reading and setting is rolled
 * back, flushed or not, and the next append overwrites it. So opening and committing exclude each
 * other here.
 */
export type LogGate = {
  /**
   * Runs `inside` while no other process is inside. Requests that one process makes while it waits
   * at the gate enter together, so that its appends still share a transaction.
   *
   * @param waitMsMax a request that is not inside by then is refused, and never runs. Whoever is
   * inside so long hangs; the supervisor ends it, and the lock with it.
   * @throws LogHeldError.
   */
  pass<T>(inside: () => Promise<T>, waitMsMax?: number): Promise<T>
  close(): Promise<void>
}

/**
 * The gate is the write lock of a second environment that nobody ever writes to: opening that one
 * has nothing to roll back. The lock is the kernel's, so a process that is killed inside does not
 * keep it.
 */
export function openLogGate(dir: string): LogGate {
  const lock = open({ path: path.join(dir, 'gate'), noSubdir: false, overlappingSync: false })
  let waiting: Visit[] = []
  let isInside = false

  // One transaction per passage of the gate: a second one requested meanwhile would continue under
  // the first one's lock, and a busy process would never let the others in.
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
    pass: (inside, waitMsMax) =>
      new Promise((resolve, reject) => {
        const go = async () => inside()
        const visit = { go: () => go().then(resolve, reject), refuse: reject }
        waiting.push(visit)
        if (!isInside) void enter()
        if (waitMsMax === undefined) return
        const late = setTimeout(() => {
          if (!waiting.includes(visit)) return
          waiting = waiting.filter((each) => each !== visit)
          reject(new LogHeldError({ ms: waitMsMax }))
        }, waitMsMax)
        visit.go = () => {
          clearTimeout(late)
          return go().then(resolve, reject)
        }
      }),
    close: () => lock.close(),
  }
}

type Visit = { go(): Promise<void>; refuse(error: unknown): void }

/**
 * A process that exits while it is inside is killed.
 *
 * LMDB's thread would wait for our event loop, which no longer runs, and the process
 * would stay forever with the lock. Acknowledged records are on disk.
 */
function endHardInside(): () => void {
  // Node prints an uncaught error only after `exit`.
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
