import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { ProcessEndedError, ProcessNotStartedError } from '../../schemas/errors/installation.ts'
import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import { deferred, programArgs, programFile, projectRoot } from '../process/runtime.ts'

export type ChildSpec = {
  readonly name: string
  /** The source of a program, and its arguments. */
  readonly entry: readonly [string, ...string[]]
  readonly environment: NodeJS.ProcessEnv
  /** Sent over IPC right after the start: what must not be in the arguments. */
  readonly init?: Readonly<Record<string, unknown>>
  /** It loads its modules at once, and is sent `{ type: 'go' }` when this resolves. */
  readonly held?: Promise<void>
}

export type ChildWatcher = {
  /** A line of output of the child, or a message about it. */
  say(name: string, line: string): void
  pidChanged(name: string, pid: number | null): void
}

export type Child = {
  readonly name: string
  /** Resolves at the first `ready`; rejects when the child cannot be started. */
  readonly ready: Promise<void>
  /** Resolves when the child is given up, with the reason. */
  readonly givenUp: Promise<Error>
  pid(): number | null
  stop(): Promise<void>
}

const restartsMax = 8
const restartWindowMs = 60_000
const startMsMax = 60_000
const stopMsMax = 8_000

/**
 * Starts a process, restarts it when it dies, and gives up with a reason when it dies too often.
 *
 * A child speaks over IPC: `{ type: 'ready' }` once it is ready. It must end by itself when
 * the channel closes, so that nothing outlives a parent that was killed.
 */
export function superviseChild(spec: ChildSpec, watcher: ChildWatcher): Child {
  const state: State = { process: null, stopping: false, wasReady: false, deaths: [] }
  const first = deferred<void>()
  const end = deferred<Error>()
  first.promise.catch(() => {})

  const giveUp = (error: Error) => {
    state.stopping = true
    first.reject(error)
    end.resolve(error)
  }
  const start = () => {
    startOnce({ spec, watcher, state, ready: first.resolve })
      .then((reason) => {
        if (state.stopping) return
        watcher.say(spec.name, `ended (${reason}); it is started again`)
        const pause = pauseBeforeRestart(state)
        if (pause === null) {
          giveUp(new ProcessEndedError({ name: spec.name, reason }))
        } else setTimeout(start, pause)
      })
      .catch((error: unknown) => {
        giveUp(new ProcessNotStartedError({ name: spec.name, reason: sentenceOf(error) }, error))
      })
  }
  start()
  return {
    name: spec.name,
    ready: first.promise,
    givenUp: end.promise,
    pid: () => state.process?.pid ?? null,
    stop: () => stopChild(state),
  }
}

type State = {
  process: ChildProcess | null
  stopping: boolean
  wasReady: boolean
  deaths: number[]
}

/** One life of the child; resolves with how it ended. */
function startOnce(options: {
  spec: ChildSpec
  watcher: ChildWatcher
  state: State
  ready: () => void
}): Promise<string> {
  const { spec, watcher, state, ready } = options
  if (state.stopping) return Promise.resolve('stopped')
  const [source, ...flags] = spec.entry
  const child = spawn(process.execPath, [...programArgs, programFile(source), ...flags], {
    cwd: projectRoot,
    env: spec.environment,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // The parent handles Ctrl-C and stops its children in order.
    detached: true,
  })
  state.process = child
  watcher.pidChanged(spec.name, child.pid ?? null)
  for (const stream of [child.stdout, child.stderr]) {
    if (stream)
      createInterface({ input: stream }).on('line', (line) => watcher.say(spec.name, line))
  }
  let slow: NodeJS.Timeout | undefined
  const expectReady = () => {
    if (state.process === child) slow = setTimeout(() => child.kill('SIGKILL'), startMsMax)
  }
  child.on('message', (message: { type?: string }) => {
    if (message.type !== 'ready') return
    clearTimeout(slow)
    state.wasReady = true
    ready()
  })
  if (spec.init) child.send(spec.init, () => {})
  if (!spec.held) expectReady()
  void spec.held?.then(() => {
    expectReady()
    if (child.connected) child.send({ type: 'go' }, () => {})
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      clearTimeout(slow)
      state.process = null
      watcher.pidChanged(spec.name, null)
      resolve(signal ?? `exit code ${code}`)
    })
  })
}

/**
 * The pause doubles with each death in the last minute; null after too many. Deaths before it was
 * ever ready all count, however slow, since a user waits for it to start.
 */
function pauseBeforeRestart(state: State): number | null {
  const now = performance.now()
  state.deaths = [...state.deaths, now].filter((at) => {
    return !state.wasReady || now - at < restartWindowMs
  })
  if (state.deaths.length > restartsMax) return null
  return Math.min(50 * 2 ** (state.deaths.length - 1), 2_000)
}

async function stopChild(state: State): Promise<void> {
  state.stopping = true
  const child = state.process
  if (!child) return
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const hard = setTimeout(() => child.kill('SIGKILL'), stopMsMax)
  await gone
  clearTimeout(hard)
}
