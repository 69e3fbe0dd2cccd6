import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { InvariantError } from '../../schemas/errors/wattproofError.ts'
import { migrate } from '../engines/views/migrate.ts'
import { projectRoot } from '../process/runtime.ts'
import { clickhouseUrl } from '../sockets/enginePlaces.ts'
import { engineArgs, usersBundle } from './engineArgs.ts'

export type TestClickHouse = {
  /** For `openClickHouseViews({ url })`; it stays the same across restarts. */
  readonly url: string
  /** The process that owns it; another one after a restart. */
  pid(): number
  /** Ends the process and deletes its data. */
  stop(): Promise<void>
  /** Ends it with SIGKILL, or as asked; the data stay. */
  kill(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>
  /** Restarts after `kill`: the same data on the same socket. */
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
  const template = parameters.migrated === false ? null : await migratedTemplate()
  const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-views-'))
  if (template)
    cpSync(template, path.join(dir, 'data'), { recursive: true, verbatimSymlinks: true })
  const server = await startIn(dir, parameters)
  if (!template && parameters.migrated !== false) await migrate({ url: server.url })
  return server
}

let making: Promise<string | null> | undefined

/**
 * The data of a store that was migrated and stopped, to copy: half of what a start costs. It is in
 * the bundle, as that is of the same migrations; null without a bundle.
 */
function migratedTemplate(): Promise<string | null> {
  making ??= usersBundle().then((bundle) => bundle && makeTemplate(path.join(bundle, 'made')))
  return making
}

async function makeTemplate(folder: string): Promise<string> {
  const template = path.join(folder, 'test-views')
  if (existsSync(template)) return template
  mkdirSync(folder, { recursive: true })
  const dir = mkdtempSync(`${template}-`)
  const server = await startIn(dir)
  await migrate({ url: server.url })
  await server.kill('SIGTERM')
  try {
    await rename(path.join(dir, 'data'), template)
  } catch (error) {
    // Another process was faster.
    if (!existsSync(template)) throw error
  }
  rmSync(dir, { recursive: true, force: true })
  return template
}

/** Without tables, unless the folder has them. */
async function startIn(
  dir: string,
  parameters: StartTestClickHouseParameters = {},
): Promise<TestClickHouse> {
  const allow = path.join(dir, 'allow')
  mkdirSync(allow)
  parameters.extraQueries?.forEach((text, index) => {
    writeFileSync(path.join(allow, `${index}.sql`), text)
  })
  const password = randomBytes(16).toString('hex')
  let child = await start({ dir, allow, password })
  const url = clickhouseUrl(dir, password)
  return {
    url,
    pid: () => child.pid!,
    kill: (signal = 'SIGKILL') => end(child, signal),
    async stop() {
      await end(child, 'SIGTERM')
      rmSync(dir, { recursive: true, force: true })
    },
    async restart() {
      child = await start({ dir, allow, password })
    },
  }
}

async function start(options: {
  dir: string
  allow: string
  password: string
}): Promise<ChildProcess> {
  const entry = await engineArgs('deploy/embedded/clickhouse/main.ts')
  const places = ['--dir', options.dir, '--allow', options.allow]
  const child = spawn(process.execPath, [...entry, ...places], {
    cwd: projectRoot,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  child.send({ password: options.password })
  const ready = once(child, 'message')
  const gone = once(child, 'exit').then(([code]) => {
    throw new InvariantError(`The embedded ClickHouse ended with ${code} before it was ready.`)
  })
  await Promise.race([ready, gone])
  gone.catch(() => {})
  return child
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
}
