import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  PortTakenError,
  ProcessEndedError,
  ProcessNotStartedError,
} from '../../schemas/errors/installation.ts'
import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import { deferred } from '../process/runtime.ts'
import { createStandIn, type StandIn } from './standIn.ts'
import { type ChildSpec, type Ending, startChild } from './startChild.ts'

export type ChildWatcher = {
  /** A line of output of the child, or a message about it. */
  say(name: string, line: string): void
  pidChanged(name: string, pid: number | null): void
  /** It ended and is started again. */
  replaced?(name: string, reason: string): void
  /** The machine's shortage now, or null. */
  findShortage?(): Promise<string | null>
}

export type Child = {
  readonly name: string
  /** Resolves at the first `ready`; rejects when the child cannot be started. */
  readonly ready: Promise<void>
  /** Resolves when the child is given up before its first `ready`, with the reason. */
  readonly givenUp: Promise<Error>
  pid(): number | null
  stop(): Promise<void>
}

const restartsMax = 8
/** `restartsMax` ends within so long mean that a process cannot run, ms. */
const restartWindowMs = 4 * 60_000
const stopMsMax = 8_000
/** How long to wait before a child is started again, ms. */
export type Pauses = {
  readonly first: number
  readonly longest: number
  /** The longest pause of a child that waits for something to pass, or keeps ending. */
  readonly patient: number
}
const pausesUsual: Pauses = { first: 50, longest: 2_000, patient: 15_000 }

/**
 * Starts a process and restarts it when it dies or hangs. Before its first `ready` it is given up
 * when it dies too often; later never, as what runs beside it has no part in its fault.
 *
 * Only its own faults count: while the machine lacks room, memory or handles, or another program
 * has its port, it is started again for as long as it takes, after pauses that grow, and likewise
 * when somebody kills it.
 *
 * A child speaks over IPC: `{ type: 'ready' }` once it is ready, and from then on anything every
 * `beatEveryMs`. It must end by itself when the channel closes, so that nothing outlives a parent
 * that was killed.
 */
export function superviseChild(
  spec: ChildSpec,
  watcher: ChildWatcher,
  pauses: Pauses = pausesUsual,
): Child {
  const state: State = {
    ...{ process: null, wasReady: false, waitsFor: null, pauses },
    ...{ deaths: [], passing: [], stop: new AbortController() },
    standIn: spec.listensOn ? createStandIn(spec.listensOn) : null,
  }
  const first = deferred<void>()
  const end = deferred<Error>()
  first.promise.catch(() => {})
  const isReady = () => {
    state.wasReady = true
    state.standIn?.leave()
    if (state.waitsFor !== null) watcher.say(spec.name, 'it has passed, and this process goes on')
    state.waitsFor = null
    first.resolve()
  }
  keepAlive({ spec, watcher, state, isReady }).catch((error: unknown) => {
    if (state.stop.signal.aborted) return
    state.stop.abort()
    state.standIn?.leave()
    first.reject(error)
    end.resolve(error as Error)
  })
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
  wasReady: boolean
  /** The machine's shortage, once it was reported. */
  waitsFor: string | null
  /** When it died by its own fault. */
  deaths: number[]
  /** When it ended for what passes. */
  passing: number[]
  readonly pauses: Pauses
  readonly stop: AbortController
  /** Answers in place of a process whose sockets are held while it is started again. */
  readonly standIn: StandIn | null
}

type Keeping = {
  readonly spec: ChildSpec
  readonly watcher: ChildWatcher
  readonly state: State
  isReady(): void
}

/** @throws the reason why the child is given up; returns when it is stopped. */
async function keepAlive(keeping: Keeping): Promise<void> {
  const { spec, watcher, state } = keeping
  const { signal } = state.stop
  while (!signal.aborted) {
    const ending = await liveOnce(keeping)
    if (signal.aborted) return
    // Two that hold a port and do not listen yet hold it both; the first that listens has it.
    const { port } = spec.listensOn ?? {}
    const isLate = ending.isPortTaken && !state.wasReady
    if (port !== undefined && isLate) throw new PortTakenError({ port })
    state.standIn?.cover()
    const shortage = ending.shortage ?? (await watcher.findShortage?.()) ?? null
    if (signal.aborted) return
    const doesPass = shortage !== null || ending.isFromOutside
    const pauseMs = doesPass ? patientPause(state, shortage) : pauseBeforeRestart(state)
    const keepsEnding = !doesPass && state.wasReady && state.deaths.length > restartsMax
    const often = `it keeps ending; the next start is in ${state.pauses.patient / 1000} s`
    watcher.replaced?.(spec.name, keepsEnding ? `${ending.reason}; ${often}` : ending.reason)
    if (keepsEnding) watcher.say(spec.name, `ended (${ending.reason}); ${often}`)
    else sayEnd(keeping, ending, shortage)
    if (pauseMs === null) throw new ProcessEndedError({ name: spec.name, reason: ending.reason })
    await sleep(pauseMs, undefined, { signal }).catch(() => {})
    if (shortage !== null) await untilRoom(keeping)
  }
}

async function liveOnce({ spec, watcher, state, isReady }: Keeping): Promise<Ending> {
  const { name } = spec
  try {
    const life = startChild(spec, {
      isReady,
      wasReady: () => state.wasReady,
      say: (line) => watcher.say(name, line),
      pidChanged: (pid) => {
        if (pid === null) state.process = null
        watcher.pidChanged(name, pid)
      },
    })
    state.process = life.process
    return await life.ended
  } catch (error) {
    throw new ProcessNotStartedError({ name, reason: sentenceOf(error) }, error)
  }
}

/** A shortage is reported once, however often it ends the child. */
function sayEnd({ spec, watcher, state }: Keeping, { reason }: Ending, shortage: string | null) {
  if (shortage === null) watcher.say(spec.name, `ended (${reason}); it is started again`)
  else if (state.waitsFor === null) {
    watcher.say(spec.name, `ended (${reason}): ${shortage}; it is started again when that passes`)
  }
  state.waitsFor ??= shortage
}

/** Started before there is room it would only fail again. */
async function untilRoom({ watcher, state }: Keeping): Promise<void> {
  const { signal } = state.stop
  for (
    let pauseMs = 500;
    !signal.aborted;
    pauseMs = Math.min(2 * pauseMs, state.pauses.patient / 3)
  ) {
    if (((await watcher.findShortage?.()) ?? null) === null) return
    await sleep(pauseMs, undefined, { signal }).catch(() => {})
  }
}

/**
 * The pause doubles with each death in the last minutes, and is long after many. Before it was ever
 * ready all deaths count, however slow, since a user waits for it to start: null after too many.
 */
function pauseBeforeRestart(state: State): number | null {
  const now = performance.now()
  state.deaths = [...state.deaths, now].filter((at) => {
    return !state.wasReady || now - at < restartWindowMs
  })
  if (state.deaths.length > restartsMax) return state.wasReady ? state.pauses.patient : null
  const { first, longest } = state.pauses
  return Math.min(first * 2 ** (state.deaths.length - 1), longest)
}

/** After an end that is not the child's fault: doubled with each recent one, and never null. */
function patientPause(state: State, shortage: string | null): number {
  const now = performance.now()
  state.passing = [...state.passing, now].filter((at) => now - at < restartWindowMs)
  const { first, longest, patient } = state.pauses
  const pauseMsMax = shortage === null ? longest : patient
  return Math.min(first * 2 ** (state.passing.length - 1), pauseMsMax)
}

async function stopChild(state: State): Promise<void> {
  state.stop.abort()
  state.standIn?.leave()
  const child = state.process
  if (!child) return
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const hard = setTimeout(() => child.kill('SIGKILL'), stopMsMax)
  await gone
  clearTimeout(hard)
}
