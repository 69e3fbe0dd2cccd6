import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { programArgs, programFile, projectRoot } from '../process/runtime.ts'
import type { HeldPort } from '../sockets/holdPort.ts'
import { firstSocket } from './startChild.ts'

/** Answers 503 on the sockets of a process that is away, so that nobody waits for long. */
export type StandIn = {
  /** The process has ended. Where it is not back soon, somebody answers for it. */
  cover(): void
  /** It is back, or is not to come back. */
  leave(): void
}

/** A usual restart takes less when nothing is amiss; connections wait for it. */
const awayMsMax = 1_500
const endMsMax = 2_000
const program = path.join(import.meta.dirname, 'standInMain.ts')

export function createStandIn({ sockets }: HeldPort): StandIn {
  let due: NodeJS.Timeout | undefined
  let standIn: ChildProcess | null = null
  const start = () => {
    due = undefined
    try {
      const inherited = sockets.map(({ fd }) => fd)
      const descriptors = inherited.map((_, index) => String(firstSocket + index))
      const child = spawn(
        process.execPath,
        [...programArgs, programFile(program), ...descriptors],
        { cwd: projectRoot, stdio: ['ignore', 'ignore', 'ignore', 'ipc', ...inherited] },
      )
      standIn = child
      const forget = () => {
        if (standIn === child) standIn = null
      }
      // Where no process can be started connections wait, and the next end tries it again.
      child.once('exit', forget).on('error', forget)
    } catch {
      standIn = null
    }
  }
  return {
    cover: () => {
      if (standIn === null) due ??= setTimeout(start, awayMsMax).unref()
    },
    leave: () => {
      clearTimeout(due)
      due = undefined
      const child = standIn
      standIn = null
      child?.kill('SIGTERM')
      if (child !== null) setTimeout(() => child.kill('SIGKILL'), endMsMax).unref()
    },
  }
}
