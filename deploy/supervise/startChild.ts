import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import { outsideSignals } from '../process/endBySignal.ts'
import { killWhenHung } from '../process/hungProcess.ts'
import { programArgs, programFile, projectRoot, serverArgs } from '../process/runtime.ts'
import type { HeldPort } from '../sockets/holdPort.ts'
import { saysPortTaken, shortageIn, shortageOf } from './shortage.ts'

export type ChildSpec = {
  readonly name: string
  /** The source of a program, and its arguments. */
  readonly entry: readonly [string, ...string[]]
  readonly environment: NodeJS.ProcessEnv
  /** Sent over IPC right after the start: what must not be in the arguments. */
  readonly init?: Readonly<Record<string, unknown>>
  /** It inherits these sockets: connections wait on them while it is started again. */
  readonly listensOn?: HeldPort
  /** It loads its modules at once, and is sent `{ type: 'go' }` when this resolves. */
  readonly held?: Promise<void>
}

/** How one life of a process ended. */
export type Ending = {
  /** `SIGKILL`, `exit code 1`, or why we killed it. */
  readonly reason: string
  /** The shortage that ended it, by the system's account or in its own last words. */
  readonly shortage: string | null
  /** Another program listened at its port before it could: a second start, at the same time. */
  readonly isPortTaken: boolean
  /** Killed from outside, perhaps by the system because memory ran short. */
  readonly isFromOutside: boolean
}

export type StartedChild = {
  readonly process: ChildProcess | null
  /** Rejects when the process cannot be started, for a reason that does not pass. */
  readonly ended: Promise<Ending>
}

export type ChildWatcher = {
  say(line: string): void
  /** In this life or an earlier one. */
  wasReady(): boolean
  isReady(): void
  pidChanged(pid: number | null): void
}

const startMsMax = 60_000
/** The descriptor after those of input, output, errors and messages. */
export const firstSocket = 4
/** Output of a dead process that is still on its way. */
const lastWordsMsMax = 300
/** A shortage that was said longer ago than this did not end the process. */
const saidMsMax = 30_000

/** Starts a process and watches it: its output, its readiness, its beats. */
export function startChild(spec: ChildSpec, watcher: ChildWatcher): StartedChild {
  const child = trySpawn(spec)
  if (child instanceof Error) return { process: null, ended: endOfUnborn(child) }
  watcher.pidChanged(child.pid ?? null)
  const heard = listen(child, watcher)
  const watch = watchHealth(child, spec, watcher.isReady)
  if (spec.init) child.send(spec.init, () => {})
  const ended = new Promise<Ending>((resolve, reject) => {
    child.on('error', (error) => {
      // A signal or a message that did not reach it: its end has an event of its own.
      if (child.pid !== undefined) watcher.say(sentenceOf(error))
      else endOfUnborn(error).then(resolve, reject)
    })
    child.once('exit', (code, signal) => {
      watch.stop()
      watcher.pidChanged(null)
      const killedFor = watch.killedFor()
      const isFromOutside = killedFor === null && signal !== null && outsideSignals.has(signal)
      const reason = killedFor ?? signal ?? `exit code ${code}`
      const end = () => resolve({ reason, isFromOutside, ...heard() })
      const late = setTimeout(end, lastWordsMsMax)
      child.once('close', () => {
        clearTimeout(late)
        end()
      })
    })
  })
  return { process: child, ended }
}

function trySpawn(spec: ChildSpec): ChildProcess | Error {
  const [source, ...flags] = spec.entry
  const sockets = spec.listensOn?.sockets.map(({ fd }) => fd) ?? []
  const given = sockets.map((_, index) => firstSocket + index).join(',')
  const nodeArgs = spec.listensOn ? [...serverArgs, ...programArgs] : programArgs
  try {
    return spawn(process.execPath, [...nodeArgs, programFile(source), ...flags], {
      cwd: projectRoot,
      env: given === '' ? spec.environment : { ...spec.environment, WATTPROOF_LISTEN_FDS: given },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc', ...sockets],
      // The parent handles Ctrl-C and stops its children in order.
      detached: true,
    })
  } catch (error) {
    return error as Error
  }
}

async function endOfUnborn(error: unknown): Promise<Ending> {
  const shortage = shortageOf(error)
  if (shortage === null) throw error
  return { reason: sentenceOf(error), shortage, isPortTaken: false, isFromOutside: false }
}

type Heard = Pick<Ending, 'shortage' | 'isPortTaken'>

/** Passes on what it prints. @returns what its last words were about. */
function listen(child: ChildProcess, { say, wasReady }: ChildWatcher): () => Heard {
  let last: { readonly shortage: string; readonly at: number } | null = null
  let isPortTaken = false
  const hear = (line: string) => {
    const shortage = shortageIn(line, wasReady())
    if (shortage !== null) last = { shortage, at: performance.now() }
    if (saysPortTaken(line)) isPortTaken = true
    say(line)
  }
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue
    const lines = createInterface({ input: stream }).on('line', hear)
    for (const each of [stream, lines]) each.on('error', (error) => say(sentenceOf(error)))
  }
  return () => {
    const isRecent = last !== null && performance.now() - last.at < saidMsMax
    return { shortage: isRecent ? last!.shortage : null, isPortTaken }
  }
}

type HealthWatch = { stop(): void; killedFor(): string | null }

/** Kills what is not ready in time, and later what is hung. */
function watchHealth(child: ChildProcess, spec: ChildSpec, isReady: () => void): HealthWatch {
  let isOver = false
  let killedFor: string | null = null
  let start: NodeJS.Timeout | undefined
  let endBeats: (() => void) | undefined
  const kill = (reason: string) => {
    killedFor ??= reason
    child.kill('SIGKILL')
  }
  const expectReady = () => {
    if (!isOver) start = setTimeout(() => kill(`not ready in ${startMsMax / 1000} s`), startMsMax)
  }
  child.on('message', (message: { type?: string }) => {
    if (message.type !== 'ready' || isOver) return
    clearTimeout(start)
    endBeats ??= killWhenHung(child, kill)
    isReady()
  })
  if (!spec.held) expectReady()
  void spec.held?.then(() => {
    expectReady()
    if (child.connected) child.send({ type: 'go' }, () => {})
  })
  return {
    killedFor: () => killedFor,
    stop: () => {
      isOver = true
      clearTimeout(start)
      endBeats?.()
    },
  }
}
