import { spawn } from 'node:child_process'
import { EngineNotStartedError } from '../../schemas/errors/installation.ts'
import type { AnvilOptions } from '../embedded/anvilNode.ts'
import { readDurableBlock } from '../embedded/anvilState.ts'
import { projectRoot } from '../process/runtime.ts'
import { engineArgs } from './engineArgs.ts'

export const anvilEntry = 'deploy/embedded/anvilMain.ts'

export type Anvil = {
  readonly url: string
  readonly port: number
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

/**
 * Starts anvil on a folder, in a separate process that ends with this one.
 *
 * The chain survives: restarted on the same folder it continues at the last block on disk, at
 * most about 0.1 s old after a `kill -9`, and its time does not jump.
 *
 * @throws InvalidArgumentError with its output, when it does not start.
 */
export async function startAnvil(options: AnvilOptions): Promise<Anvil> {
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
  owner.send(options, () => {})
  const { url, port, pid } = await Promise.race([ready, failed])
  return {
    url,
    port,
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

type Ready = { readonly url: string; readonly port: number; readonly pid: number }
