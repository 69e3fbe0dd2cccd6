import { deferred } from '../process/runtime.ts'
import { type Child, superviseChild } from './child.ts'
import { plainLine } from './plainLine.ts'
import { keepProcessTable } from './processTable.ts'
import { startingLine, startSecondsWatch, titleOf } from './progress.ts'
import { findShortage } from './shortage.ts'
import type { ChildSpec } from './startChild.ts'

export type ProcessGroup = {
  readonly failed: Promise<Error>
  /** Starts all in parallel and waits until each is ready. */
  start(specs: readonly ChildSpec[]): Promise<void>
  /** Stops in reverse order of start. */
  stop(): Promise<void>
}

export type ProcessGroupOptions = {
  say(line: string): void
  readonly signal: AbortSignal
  readonly isRaw?: boolean
}

/** The processes of a folder, which are in its table while they run. */
export function openProcessGroup(dir: string, options: ProcessGroupOptions): ProcessGroup {
  const failed = deferred<Error>()
  const table = keepProcessTable(dir, options.say)
  const watcher = {
    say: (name: string, line: string) => {
      const shown = options.isRaw ? `${name.padEnd(12)} ${line}` : plainLine(name, line)
      if (shown !== null) options.say(shown)
    },
    pidChanged: table.pidChanged,
    replaced: table.replaced,
    findShortage: () => findShortage(dir),
  }
  const seconds = startSecondsWatch()
  /** The processes of each start, the latest start first. */
  let starts: Child[][] = []
  return {
    failed: failed.promise,
    start: (specs) => {
      if (specs.length > 0) options.say(startingLine(specs))
      const started = specs.map((spec) => superviseChild(spec, watcher))
      starts = [started, ...starts]
      for (const child of started) void child.givenUp.then(failed.resolve)
      const isUp = started.map(async ({ name, ready }) => {
        await ready
        if (!options.signal.aborted) options.say(`${titleOf(name)} is ready (${seconds()}).`)
      })
      const ready = Promise.all(isUp).then(() => {})
      // Some wait for it later: what fails first is what is reported.
      ready.catch(() => {})
      return ready
    },
    stop: async () => {
      for (const started of starts) await Promise.all(started.map((child) => child.stop()))
      table.clear()
    },
  }
}
