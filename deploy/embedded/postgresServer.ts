import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { EngineNotStartedError, OtherPasswordError } from '../../schemas/errors/installation.ts'
import { postgresData, postgresUrl } from '../sockets/enginePlaces.ts'
import { shortPostgresUrl } from '../sockets/shortPostgresUrl.ts'
import { restrictAccess } from './postgresAccess.ts'
import { choosePostgresAccount, giveTo, type PostgresAccount } from './postgresAccount.ts'
import { type PostgresBinaries, postgresBinaries } from './postgresBinaries.ts'
import { makePostgresData, sweepAttempts } from './postgresData.ts'
import { signalServer, stopLeftover } from './postgresLeftover.ts'
import { keepRole } from './postgresRole.ts'
import { postgresEnvironment, watchOver } from './postgresWatchdog.ts'

export type PostgresOptions = {
  readonly dir: string
  /** The password of the role that owns the database. */
  readonly password: string
  /** Copied where there is no data yet, and kept there by the first start; null: nowhere. */
  readonly template: string | null
  /** Ends the making of the data. */
  readonly signal?: AbortSignal
}

export type PostgresServer = {
  readonly url: string
  /** The pid of PostgreSQL's postmaster. */
  readonly pid: number
  /** Resolves with how it ended. */
  readonly exited: Promise<string>
  /** What ended it, if a signal did. */
  signal(): NodeJS.Signals | null
  stop(): Promise<void>
}

/** Small: jobs are few and short. Durable: an acknowledged job survives the machine. */
const settings = {
  // On a port, any user of the machine could listen instead and be sent the password.
  listen_addresses: '',
  // The folder of the data, which the server makes its own current one: a short path anywhere.
  unix_socket_directories: '.',
  unix_socket_permissions: '0600',
  password_encryption: 'scram-sha-256',
  // The bundled OpenSSL is of 2018: no handshake reaches it, whatever a later default says.
  ssl: 'off',
  shared_buffers: '32MB',
  max_connections: '50',
  fsync: 'on',
  synchronous_commit: 'on',
  min_wal_size: '16MB',
  max_wal_size: '128MB',
  // Parallel queries need /dev/shm, of which containers have little.
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  log_checkpoints: 'off',
}

const startMsMax = 30_000
const fastStopMsMax = 5_000
const readySentence = 'database system is ready to accept connections'

/**
 * Runs PostgreSQL on `DIR/data` until it is stopped; creates the data at the first start.
 *
 * Leftovers of a killed start are ended or cleared first. The server is a child of
 * this process and outlives it by seconds at most (`watchOver`).
 *
 * @throws InvalidArgumentError with the server's output, when it does not start.
 */
export async function runPostgresServer(options: PostgresOptions): Promise<PostgresServer> {
  mkdirSync(options.dir, { recursive: true, mode: 0o700 })
  const dir = realpathSync(options.dir)
  const binaries = await postgresBinaries()
  const data = postgresData(dir)
  const account = choosePostgresAccount([data, binaries.postgres])
  const start: Start = { ...options, dir, data, binaries, account }

  await stopLeftover(start.data)
  sweepAttempts(start.data)
  if (!existsSync(start.data)) await makePostgresData(start)
  giveTo(account.owner, start.data)
  await keepRole(start, start.data)
  restrictAccess(start.data)
  const server = await launchPatiently(start)
  const url = postgresUrl(options.dir, options.password)
  try {
    await tryQuery(shortPostgresUrl(url))
  } catch (error) {
    await server.stop()
    throw new OtherPasswordError(error)
  }
  return { url, ...server }
}

type Start = PostgresOptions & {
  readonly data: string
  readonly binaries: PostgresBinaries
  readonly account: PostgresAccount
}
type Running = Omit<PostgresServer, 'url'>

/** After a SIGKILL the last backends briefly keep the server's shared memory, so retry. */
async function launchPatiently(start: Start): Promise<Running> {
  const deadline = performance.now() + startMsMax
  for (;;) {
    const launched = await launch(start)
    if (launched.running) return launched.running
    const isHeld = /still in use|lock file "postmaster.pid"/.test(launched.said)
    if (!isHeld || performance.now() > deadline) {
      throw new EngineNotStartedError({ engine: 'PostgreSQL', reason: launched.said.trim() })
    }
    await sleep(250)
  }
}

/** One attempt; resolves when the server takes connections or has ended. */
async function launch(start: Start): Promise<{ running: Running | null; said: string }> {
  const { data, binaries, account } = start
  const flags = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])
  const [program = '', ...args] = [...account.prefix, binaries.postgres]
  const child = spawn(program, [...args, '-D', data, ...flags], {
    ...account.ids,
    env: postgresEnvironment,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
    // Ctrl-C is for us; the server is stopped after the processes that use it.
    detached: true,
  })
  let said = ''
  const ready = new Promise<true>((resolve) => {
    child.stderr.on('data', (chunk: Buffer) => {
      said = `${said}${chunk.toString('utf8')}`.slice(-4_000)
      if (said.includes(readySentence)) resolve(true)
    })
  })
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
  const watchdog = child.pid ? watchOver(child.pid) : null
  exited.then(() => watchdog?.kill('SIGKILL'))
  const isReady = await Promise.race([ready, exited.then((how) => how)])
  if (isReady !== true) return { running: null, said: said || isReady }
  const reason = exited.then((how) => `${how}: ${said.trim().split('\n').at(-1)}`)
  const pid = child.pid!
  const signal = () => child.signalCode
  return { running: { pid, exited: reason, signal, stop: () => stop(pid, exited) }, said }
}

/** Open connections are closed, and their uncommitted work is rolled back. */
async function stop(pid: number, exited: Promise<string>): Promise<void> {
  signalServer(pid, 'SIGINT')
  const hard = setTimeout(() => signalServer(pid, 'SIGQUIT'), fastStopMsMax)
  await exited
  clearTimeout(hard)
}

async function tryQuery(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000 })
  await client.connect()
  await client.query('SELECT 1')
  await client.end()
}
