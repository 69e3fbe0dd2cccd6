import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EngineNotStartedError } from '../../schemas/errors/installation.ts'
import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import { isRunning, markProcess, type ProcessMark, processMark } from '../process/processMark.ts'
import { chainSocket, chainUrl } from '../sockets/enginePlaces.ts'
import { anvilBinary } from './anvilBinary.ts'
import { type AnvilGuard, openAnvilGuard } from './anvilGuard.ts'
import { type AnvilIpc, connectAnvil, ipcName } from './anvilIpc.ts'
import { passedMethods, readingMethods } from './anvilMethods.ts'
import { readSavedState, saveState, stateFile } from './anvilState.ts'
import type { ChainTime } from './chainTime.ts'
import { findUnreachableHost } from './unreachableHost.ts'

export type AnvilOptions = {
  /** Folder of the chain; only one anvil may run on it. */
  readonly dir: string
  /** What the guard asks for. */
  readonly password: string
  readonly chainId: number
  /**
   * Chain time is simulated and begins here, s. Each block is then one second after the last unless
   * the sender sets its time. Absent: chain time is the machine's.
   */
  readonly timestampS?: number
  /** How far blocks may be set ahead; absent: as far as a test likes. */
  readonly time?: ChainTime
  /** Methods that the guard passes besides those of the layers; for tests. */
  readonly alsoPassed?: readonly string[]
}

export type AnvilNode = {
  /** With the password. */
  readonly url: string
  readonly pid: number
  /** Something cheap; rejects when there is no answer for a while. */
  ask(): Promise<unknown>
  /** Resolves with the reason when anvil has ended. */
  readonly exited: Promise<string>
  /** What ended it, if a signal did. */
  signal(): NodeJS.Signals | null
  /** Saves the last block and stops anvil. */
  stop(): Promise<void>
}

const startMsMax = 15_000
/** Pause between two checks for a block, which may come after its call was answered, ms. */
const lookMs = 50
/** How long after a call a block is expected, ms. */
const looksMs = 2_000
const failedPauseMsMax = 1_000
/** Pause between two checks without a call: a block may come by anvil's own socket, ms. */
const unexpectedMs = 2_000

/**
 * Runs anvil inside the caller's process group and keeps its state on disk, block by block.
 *
 * Called by `anvilMain.ts`; elsewhere use `startAnvil`. anvil itself has no authentication, so
 * it is reached by a socket in its folder, which is the owner's alone, and everybody else by the
 * guard. The folder becomes the current one of this process.
 *
 * @throws InvalidArgumentError with anvil's output, when it does not start.
 */
export async function runAnvilNode(options: AnvilOptions): Promise<AnvilNode> {
  mkdirSync(options.dir, { recursive: true, mode: 0o700 })
  chmodSync(options.dir, 0o700)
  process.chdir(options.dir)
  await endStaleAnvil(options.dir)
  const guard = await openGuard(options)
  try {
    return await runGuarded(options, guard)
  } catch (error) {
    guard.close()
    throw error
  }
}

async function runGuarded(options: AnvilOptions, guard: AnvilGuard): Promise<AnvilNode> {
  const { dir, timestampS } = options
  const host = await findUnreachableHost()
  rmSync(ipcName, { force: true })
  const child = spawn(anvilBinary(), anvilArguments(options, host), {
    cwd: dir,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exited = watchExit(child)
  const pid = child.pid ?? 0
  // At once: if we are killed before it answers, the next start must find it.
  writeFileSync(pidFile(dir), JSON.stringify(markProcess(pid)), { mode: 0o600 })
  const anvil = await Promise.race([untilConnected(), exited.then(refuse)])
  if (timestampS !== undefined) await anvil.call('anvil_setBlockTimestampInterval', [1])
  const keeper = keepState(dir, anvil)
  guard.open((method, parameters) => {
    const answer = anvil.ask(method, parameters)
    if (!readingMethods.has(method)) answer.finally(keeper.expectBlock).catch(() => {})
    return answer
  })
  const url = chainUrl(dir, options.password)
  const stop = async () => {
    // First, so that no block comes after the last one that is saved.
    guard.close()
    await keeper.stop()
    await stopAnvil(child, exited)
  }
  const signal = () => child.signalCode
  return { url, pid, exited, signal, stop, ask: () => anvil.call('eth_chainId') }
}

/**
 * Without `--timestamp` a restarted anvil continues at the machine's time, years after a simulated
 * one; with the genesis time it would go back. So it gets the time of the last block.
 */
function anvilArguments(options: AnvilOptions, host: string): string[] {
  const saved = readSavedState(options.dir)
  const timestampS = saved?.timestampS ?? options.timestampS
  const isSimulated = options.timestampS !== undefined && timestampS !== undefined
  return [
    ...['--ipc', `./${ipcName}`, '--host', host, '--port', '0', '--no-cors', '--quiet'],
    // The keys of dev accounts are public.
    ...['--chain-id', String(options.chainId), '--accounts', '0'],
    ...(isSimulated ? ['--timestamp', String(timestampS)] : []),
    ...(saved ? ['--load-state', stateFile(options.dir)] : []),
  ]
}

function refuse(reason: string): never {
  throw new EngineNotStartedError({ engine: 'anvil', reason })
}

function watchExit(child: ChildProcess): Promise<string> {
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString('utf8')}`.slice(-2_000)
  })
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(sentenceOf(error)))
    child.once('exit', (code, signal) => resolve(said.trim() || signal || `exit code ${code}`))
  })
}

async function untilConnected(): Promise<AnvilIpc> {
  const giveUpAt = performance.now() + startMsMax
  for (;;) {
    try {
      const anvil = await connectAnvil()
      await anvil.call('eth_chainId')
      chmodSync(ipcName, 0o600)
      return anvil
    } catch (error) {
      if (performance.now() > giveUpAt) throw error
      await sleep(20)
    }
  }
}

type Keeper = {
  /** A call that may bring a block was made. */
  expectBlock(): void
  stop(): Promise<void>
}

/**
 * Saves the state whenever there is a new block. Blocks come by calls alone, which pass the guard:
 * without any it looks seldom.
 */
function keepState(dir: string, anvil: AnvilIpc): Keeper {
  const stop = new AbortController()
  const save = outspoken((dump: string) => void saveState(dir, dump))
  let kept = ''
  let untilMs = 0
  let wake = () => {}
  const keep = async () => {
    const block = await anvil.call<{ hash: string }>('eth_getBlockByNumber', ['latest', false])
    if (block.hash === kept) return
    save(await anvil.call<string>('anvil_dumpState'))
    kept = block.hash
  }
  const untilExpected = () => {
    return new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, unexpectedMs)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
      if (stop.signal.aborted) wake()
    })
  }
  const loop = (async () => {
    let pauseMs = lookMs
    while (!stop.signal.aborted) {
      // A dying anvil refuses; its exit is reported instead. A failing save has already been
      // reported, and is tried until it works.
      const isKept = await keep().then(
        () => true,
        () => false,
      )
      pauseMs = isKept ? lookMs : Math.min(2 * pauseMs, failedPauseMsMax)
      if (isKept && performance.now() >= untilMs) await untilExpected()
      else await sleep(pauseMs, undefined, { signal: stop.signal }).catch(() => {})
    }
  })()
  return {
    expectBlock() {
      untilMs = performance.now() + looksMs
      wake()
    },
    async stop() {
      stop.abort()
      wake()
      await loop
      await keep().catch(() => {})
    },
  }
}

/** Reports on standard error when saving begins to fail, and when it works again. */
function outspoken(save: (dump: string) => void): (dump: string) => void {
  let isFailing = false
  return (dump) => {
    try {
      save(dump)
    } catch (error) {
      if (!isFailing) process.stderr.write(`the chain cannot be saved: ${sentenceOf(error)}\n`)
      isFailing = true
      throw error
    }
    if (isFailing) process.stderr.write('the chain is saved again\n')
    isFailing = false
  }
}

async function stopAnvil(child: ChildProcess, exited: Promise<string>): Promise<void> {
  child.kill('SIGTERM')
  const hard = setTimeout(() => child.kill('SIGKILL'), 3_000)
  await exited
  clearTimeout(hard)
}

function pidFile(dir: string): string {
  return path.join(dir, 'anvil.json')
}

/** Saves the last blocks of an anvil whose owner was killed, then ends it. */
async function endStaleAnvil(dir: string): Promise<void> {
  const anvil = readPidFile(dir)
  if (anvil === null || !isRunning(anvil)) return
  const dump = await readDump().catch(() => null)
  if (dump !== null) saveState(dir, dump)
  process.kill(anvil.pid, 'SIGKILL')
  for (let waited = 0; isRunning(anvil) && waited < 5_000; waited += 20) await sleep(20)
}

async function readDump(): Promise<string> {
  const anvil = await connectAnvil()
  return anvil.call<string>('anvil_dumpState').finally(anvil.close)
}

function readPidFile(dir: string): ProcessMark | null {
  if (!existsSync(pidFile(dir))) return null
  try {
    return processMark.parse(JSON.parse(readFileSync(pidFile(dir), 'utf8')))
  } catch {
    // Not synced, so a power cut may leave it empty; no process survives one either.
    return null
  }
}

function openGuard(options: AnvilOptions): Promise<AnvilGuard> {
  const { dir, password, time, alsoPassed = [] } = options
  const passed = [...passedMethods, ...alsoPassed]
  return openAnvilGuard({ file: chainSocket(dir), password, passed, ...(time ? { time } : {}) })
}
