import { spawn } from 'node:child_process'
import { EngineNotStartedError } from '../../schemas/errors/installation.ts'
import type { PostgresOptions } from '../embedded/postgresServer.ts'
import { projectRoot } from '../process/runtime.ts'
import { engineArgs } from './engineArgs.ts'

export type EmbeddedPostgres = {
  /** `postgres://wattproof:PASSWORD@%2FDIR%2Fdata:5432/postgres`. */
  readonly url: string
  /** The pid of PostgreSQL's postmaster. */
  readonly pid: number
  /** The pid of the process that owns it. */
  readonly ownerPid: number
  /** Resolves with the reason when the owner has ended; it ends when PostgreSQL dies. */
  readonly exited: Promise<string>
  stop(): Promise<void>
}

/**
 * Starts PostgreSQL on a folder, on a socket in it, in a separate process that ends with this one.
 *
 * Restarted on the same folder it continues with the same data, also after a `kill -9` of the
 * server, of its owner or of both.
 *
 * @throws InvalidArgumentError with its output, when it does not start.
 */
export async function startEmbeddedPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const owner = spawn(process.execPath, await engineArgs('deploy/embedded/postgresMain.ts'), {
    cwd: projectRoot,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let said = ''
  owner.stderr?.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString('utf8')}`.slice(-4_000)
  })
  const exited = new Promise<string>((resolve) => {
    owner.once('close', (code, signal) => resolve(said.trim() || (signal ?? `exit code ${code}`)))
  })
  const failed = exited.then((reason): never => {
    throw new EngineNotStartedError({ engine: 'PostgreSQL', reason })
  })
  failed.catch(() => {})
  const ready = new Promise<Ready>((resolve) => owner.once('message', (at) => resolve(at as Ready)))
  owner.send(options, () => {})
  const { url, pid } = await Promise.race([ready, failed])
  return {
    url,
    pid,
    ownerPid: owner.pid ?? 0,
    exited,
    async stop() {
      owner.kill('SIGTERM')
      await exited
    },
  }
}

type Ready = { readonly url: string; readonly pid: number }
