import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { EngineNotStartedError } from '../../schemas/errors/installation.ts'
import type { AnvilOptions } from '../embedded/anvilNode.ts'
import { readDurableBlock } from '../embedded/anvilState.ts'
import { projectRoot } from '../process/runtime.ts'
import { engineArgs } from './engineArgs.ts'

/** What tests do to a chain, and no layer may. */
const testMethods = [
  ...['evm_mine', 'evm_snapshot', 'evm_revert', 'evm_setAutomine', 'eth_accounts'],
  ...['anvil_mine', 'anvil_reorg', 'anvil_setBalance', 'anvil_dropAllTransactions'],
]

export const anvilEntry = 'deploy/embedded/anvilMain.ts'

export type Anvil = {
  /** With the password; its guard also passes what tests do to a chain. */
  readonly url: string
  /** The pid of anvil itself. */
  readonly pid: number
  /** The pid of the process that owns it. */
  readonly ownerPid: number
  /** Resolves when the owner has ended; it ends when anvil dies. */
  readonly exited: Promise<void>
  /** The number of the last block on disk: a kill loses only later blocks. */
  durableBlock(): number
  stop(): Promise<void>
}

export type StartAnvilOptions = Omit<AnvilOptions, 'password' | 'alsoPassed'>

/** By folder: a chain that is started again keeps its URL. */
const passwords = new Map<string, string>()

/**
 * Starts anvil on a folder, in a separate process that ends with this one.
 *
 * The chain survives: restarted on the same folder it continues at the last block on disk, at
 * most about 0.1 s old after a `kill -9`, and its time does not jump.
 *
 * @throws InvalidArgumentError with its output, when it does not start.
 */
export async function startAnvil(options: StartAnvilOptions): Promise<Anvil> {
  const owner = spawn(process.execPath, await engineArgs(anvilEntry), {
    cwd: projectRoot,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let said = ''
  owner.stderr?.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString('utf8')}`.slice(-2_000)
  })
  const exited = new Promise<void>((resolve) => owner.once('exit', () => resolve()))
  const failed = exited.then((): never => {
    throw new EngineNotStartedError({ engine: 'anvil', reason: said.trim() })
  })
  failed.catch(() => {})
  const ready = new Promise<Ready>((resolve) => owner.once('message', (at) => resolve(at as Ready)))
  const password = passwords.get(options.dir) ?? randomBytes(16).toString('hex')
  passwords.set(options.dir, password)
  owner.send({ ...options, password, alsoPassed: testMethods }, () => {})
  const { url, pid } = await Promise.race([ready, failed])
  return {
    url,
    pid,
    ownerPid: owner.pid ?? 0,
    exited,
    durableBlock: () => readDurableBlock(options.dir),
    async stop() {
      owner.kill('SIGTERM')
      await exited
    },
  }
}

type Ready = { readonly url: string; readonly pid: number }
