import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EngineNotStartedError, PortTakenError } from '../../schemas/errors/installation.ts'
import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import { isRunning, markProcess, type ProcessMark } from '../process/processMark.ts'
import { anvilBinary } from './anvilBinary.ts'
import { callAnvil } from './anvilRpc.ts'
import { readSavedState, saveState, stateFile } from './anvilState.ts'

export type AnvilOptions = {
  /** Folder of the chain; only one anvil may run on it. */
  readonly dir: string
  /** 0 picks a free one. */
  readonly port: number
  readonly chainId: number
  /**
   * Chain time is simulated and begins here, s. Each block is then one second after the last unless
   * the sender sets its time. Absent: chain time is the machine's.
   */
  readonly timestampS?: number
}

export type AnvilNode = {
  readonly url: string
  readonly port: number
  readonly pid: number
  /** Resolves with the reason when anvil has ended. */
  readonly exited: Promise<string>
  /** Saves the last block and stops anvil. */
  stop(): Promise<void>
}

const startMsMax = 15_000
const saveEveryMs = 50

/**
 * Runs anvil inside the caller's process group and keeps its state on disk, block by block.
 *
 * Called by `anvilMain.ts`; elsewhere use `startAnvil`.
 *
 * @throws InvalidArgumentError with anvil's output, when it does not start.
 */
export async function runAnvilNode(options: AnvilOptions): Promise<AnvilNode> {
  mkdirSync(options.dir, { recursive: true })
  await endStaleAnvil(options.dir)
  // Checked first: another server on the port would be mistaken for our anvil.
  const port = await freePort(options.port)
  const url = `http://127.0.0.1:${port}`
  const child = spawn(anvilBinary(), anvilArguments({ ...options, port }), {
    cwd: options.dir,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exited = watchExit(child)
  const pid = child.pid ?? 0
  // At once: if we are killed before it answers, the next start must find it.
  writeFileSync(pidFile(options.dir), JSON.stringify({ ...markProcess(pid), port }))
  await Promise.race([untilAnswers(url), exited.then(refuse(options))])
  if (options.timestampS !== undefined) await callAnvil(url, 'anvil_setBlockTimestampInterval', [1])
  const keeper = keepState(options.dir, url)
  return { url, port, pid, exited, stop: () => stopAnvil(child, keeper, exited) }
}

/**
 * Without `--timestamp` a restarted anvil continues at the machine's time, years after a simulated
 * one; with the genesis time it would go back. So it gets the time of the last block.
 */
function anvilArguments(options: AnvilOptions): string[] {
  const saved = readSavedState(options.dir)
  const timestampS = saved?.timestampS ?? options.timestampS
  const isSimulated = options.timestampS !== undefined && timestampS !== undefined
  return [
    ...['--host', '127.0.0.1', '--port', String(options.port), '--no-cors', '--quiet'],
    // The keys of dev accounts are public.
    ...['--chain-id', String(options.chainId), '--accounts', '0'],
    ...(isSimulated ? ['--timestamp', String(timestampS)] : []),
    ...(saved ? ['--load-state', stateFile(options.dir)] : []),
  ]
}

function refuse(options: AnvilOptions) {
  return (reason: string): never => {
    throw new EngineNotStartedError({ engine: 'anvil', reason: `port ${options.port}: ${reason}.` })
  }
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

async function untilAnswers(url: string): Promise<void> {
  const giveUpAt = performance.now() + startMsMax
  for (;;) {
    try {
      await callAnvil(url, 'eth_chainId')
      return
    } catch (error) {
      if (performance.now() > giveUpAt) throw error
      await sleep(20)
    }
  }
}

type Keeper = { stop(): Promise<void> }

/** Saves the state whenever there is a new block. */
function keepState(dir: string, url: string): Keeper {
  const stop = new AbortController()
  const save = outspoken((dump: string) => void saveState(dir, dump))
  let kept = ''
  const keep = async () => {
    const block = await callAnvil<{ hash: string }>(url, 'eth_getBlockByNumber', ['latest', false])
    if (block.hash === kept) return
    save(await callAnvil<string>(url, 'anvil_dumpState'))
    kept = block.hash
  }
  const loop = (async () => {
    while (!stop.signal.aborted) {
      // A dying anvil refuses; its exit is reported instead. A failing save has already been
      // reported.
      await keep().catch(() => {})
      await sleep(saveEveryMs, undefined, { signal: stop.signal }).catch(() => {})
    }
  })()
  return {
    async stop() {
      stop.abort()
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

async function stopAnvil(
  child: ChildProcess,
  keeper: Keeper,
  exited: Promise<string>,
): Promise<void> {
  await keeper.stop()
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
  const url = `http://127.0.0.1:${anvil.port}`
  const dump = await callAnvil<string>(url, 'anvil_dumpState').catch(() => null)
  if (dump !== null) saveState(dir, dump)
  process.kill(anvil.pid, 'SIGKILL')
  for (let waited = 0; isRunning(anvil) && waited < 5_000; waited += 20) await sleep(20)
}

function readPidFile(dir: string): (ProcessMark & { readonly port: number }) | null {
  if (!existsSync(pidFile(dir))) return null
  try {
    return JSON.parse(readFileSync(pidFile(dir), 'utf8'))
  } catch {
    // Not synced, so a power cut may leave it empty; no process survives one either.
    return null
  }
}

/**
 * The port if it is free (any free one for 0); waits briefly for a process that is about to end.
 */
async function freePort(wanted: number): Promise<number> {
  for (let tries = 0; ; tries++) {
    try {
      return await tryListen(wanted)
    } catch (error) {
      if (tries < 20) await sleep(100)
      else {
        throw new PortTakenError({ port: wanted, reason: sentenceOf(error) }, error)
      }
    }
  }
}

function tryListen(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
