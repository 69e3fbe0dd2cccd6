import { beatEveryMs } from './heartbeat.ts'
import { readThreadState } from './threadState.ts'

/** Checks in a row that find a process stopped by a signal: 10 s, as in `hungProcess.ts`. */
const looksMax = 5

/**
 * Looks at processes that do not beat, every few seconds, and kills one that a signal stopped:
 * otherwise it keeps its locks, and blocks what waits for them, indefinitely.
 *
 * Looks are counted, not time, so that a pause of the caller makes no other process suspect.
 *
 * @param list the processes of this look.
 * @returns what ends it.
 */
export function killStopped(list: () => readonly number[], say: (line: string) => void) {
  let seen = new Map<number, number>()
  const look = () => {
    const stopped = list().filter((pid) => readThreadState(pid)?.doing === 'stopped')
    seen = new Map(stopped.map((pid) => [pid, (seen.get(pid) ?? 0) + 1]))
    for (const [pid, looks] of seen) {
      if (looks < looksMax) continue
      say(`process ${pid} was stopped for ${(looks * beatEveryMs) / 1000} s, and is killed`)
      kill(pid)
    }
  }
  const timer = setInterval(look, beatEveryMs).unref()
  return () => clearInterval(timer)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended, or its id is another process's by now.
  }
}
