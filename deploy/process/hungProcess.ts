import type { ChildProcess } from 'node:child_process'
import { beatEveryMs } from './heartbeat.ts'
import { readThreadState, type ThreadState } from './threadState.ts'

/**
 * Judges whether a process that does not beat is hung, from one look per beat that was due.
 *
 * Looks are counted and no time is measured: while the machine sleeps or the supervisor itself is
 * stopped nobody looks, so nobody is suspected for it. Nor does load make anybody suspect: a
 * process that wants a processor or waits for the disk is not hung, and an endless loop is judged
 * by the processor time that it has had.
 */
export type HangWatch = {
  beat(): void
  /** @returns why the process is hung, or null. */
  look(state: () => ThreadState | null): string | null
}

/** Checks in a row that find a process stopped by a signal: five beats, 10 s. */
const stoppedLooksMax = 5
/** Checks in a row that find the main thread waiting, with no CPU time used in between. */
const waitingLooksMax = 8
/** The same where the system does not report CPU time: 120 s. */
const unknownLooksMax = 60
/** CPU time that one turn of the event loop may use in a process that answers others, ms. */
const loopCpuMsMaxUsual = 60_000

export function createHangWatch(everyMs: number, loopCpuMsMax = loopCpuMsMaxUsual): HangWatch {
  let silent = 0
  let waiting = 0
  let before: number | null = null
  let cpuMsAtSilence: number | null = null
  return {
    beat: () => {
      silent = 0
      waiting = 0
      before = null
      cpuMsAtSilence = null
    },
    look: (read) => {
      silent += 1
      // The first may be on its way.
      if (silent < 2) return null
      const state = read()
      if (state === null) return null
      const { doing, cpuMs } = state
      waiting = doing === 'waits' && cpuMs === before ? waiting + 1 : 0
      before = cpuMs
      cpuMsAtSilence ??= cpuMs
      const seconds = Math.round((silent * everyMs) / 1000)
      if (doing === 'stopped' && silent >= stoppedLooksMax) {
        return `it was stopped for ${seconds} s`
      }
      if (cpuMs === null) {
        return silent >= unknownLooksMax ? `no sign of life for ${seconds} s` : null
      }
      if (waiting >= waitingLooksMax) return `no sign of life for ${seconds} s`
      const loopMs = cpuMs - cpuMsAtSilence!
      return loopMs > loopCpuMsMax ? `one computation took ${Math.round(loopMs / 1000)} s` : null
    },
  }
}

/**
 * Looks at a child that beats once per beat that is due, from now on.
 *
 * @param kill called once with the reason, when it is hung.
 * @returns what ends it.
 */
export function killWhenHung(
  child: ChildProcess,
  kill: (reason: string) => void,
  loopCpuMsMax?: number,
): () => void {
  const heart = createHangWatch(beatEveryMs, loopCpuMsMax)
  const look = () => {
    const { pid } = child
    const reason = heart.look(() => (pid === undefined ? null : readThreadState(pid)))
    if (reason === null) return
    end()
    kill(reason)
  }
  const end = () => {
    clearInterval(timer)
    child.off('message', heart.beat)
  }
  const timer = setInterval(look, beatEveryMs).unref()
  child.on('message', heart.beat)
  return end
}
