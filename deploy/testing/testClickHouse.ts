import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { InvariantError } from '../../schemas/errors/wattproofError.ts'
import { migrate } from '../engines/views/migrate.ts'
import { projectRoot } from '../process/runtime.ts'
import { engineArgs } from './engineArgs.ts'

export type TestClickHouse = {
  /** For `openClickHouseViews({ url })`; it stays the same across restarts. */
  readonly url: string
  /** Of the process that owns it; another after a restart. */
  pid(): number
  /** Ends the process and deletes its data. */
  stop(): Promise<void>
  /** Kills it with SIGKILL; the data stay. */
  kill(): Promise<void>
  /** Restarts after `kill`: the same data on the same port. */
  restart(): Promise<void>
}

export type StartTestClickHouseParameters = {
  /** Queries that this server permits besides the named ones. */
  readonly extraQueries?: readonly string[]
  /** False leaves out the tables. */
  readonly migrated?: boolean
}

/** A private embedded ClickHouse in a child process, for tests. */
export async function startTestClickHouse(
  parameters: StartTestClickHouseParameters = {},
): Promise<TestClickHouse> {
  const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-views-'))
  const allow = path.join(dir, 'allow')
  mkdirSync(allow)
  parameters.extraQueries?.forEach((text, index) => {
    writeFileSync(path.join(allow, `${index}.sql`), text)
  })
  const password = randomBytes(16).toString('hex')
  const first = await start({ dir, allow, password, port: 0 })
  let { child } = first
  const url = `http://wattproof:${password}@127.0.0.1:${first.port}/?database=wattproof`
  if (parameters.migrated !== false) await migrate({ url })
  return {
    url,
    pid: () => child.pid!,
    kill: () => end(child, 'SIGKILL'),
    async stop() {
      await end(child, 'SIGTERM')
      rmSync(dir, { recursive: true, force: true })
    },
    async restart() {
      child = (await start({ dir, allow, password, port: first.port })).child
    },
  }
}

async function start(options: {
  dir: string
  allow: string
  password: string
  port: number
}): Promise<{ child: ChildProcess; port: number }> {
  const entry = await engineArgs('deploy/embedded/clickhouse/main.ts')
  const places = ['--dir', options.dir, '--port', String(options.port), '--allow', options.allow]
  const child = spawn(process.execPath, [...entry, ...places], {
    cwd: projectRoot,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  child.send({ password: options.password })
  const ready = once(child, 'message') as Promise<[{ port: number }]>
  const gone = once(child, 'exit').then(([code]) => {
    throw new InvariantError(`The embedded ClickHouse ended with ${code} before it was ready.`)
  })
  const [message] = await Promise.race([ready, gone])
  gone.catch(() => {})
  return { child, port: message.port }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
}
