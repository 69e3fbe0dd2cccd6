import { killStopped } from '../process/stoppedProcess.ts'
import { listDescendants } from '../process/threadState.ts'

export type WatchedEngine = {
  readonly name: string
  readonly pid: number
  /** Something cheap; rejects when there is no answer for a while. */
  ask(): Promise<unknown>
}

const askEveryMs = 10_000
const refusalsMax = 6

/**
 * Kills an engine that hangs behind its owner, which then ends and is started again: the engine
 * or one of its processes was stopped by a signal, or it did not answer six times in a row.
 */
export function watchEngine({ name, pid, ask }: WatchedEngine): void {
  const say = (line: string) => void process.stderr.write(`${name}: ${line}\n`)
  killStopped(() => [pid, ...listDescendants(pid)], say)
  let refusals = 0
  let isAsking = false
  const look = async () => {
    if (isAsking) return
    isAsking = true
    refusals = await ask().then(
      () => 0,
      () => refusals + 1,
    )
    isAsking = false
    if (refusals !== refusalsMax) return
    say(`it did not answer ${refusals} times in a row, and is killed`)
    process.kill(pid, 'SIGKILL')
  }
  setInterval(() => void look(), askEveryMs).unref()
}
