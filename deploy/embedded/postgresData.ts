import { execFile } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { DataNotMadeError } from '../../schemas/errors/installation.ts'
import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import { giveTo, type PostgresAccount } from './postgresAccount.ts'
import type { PostgresBinaries } from './postgresBinaries.ts'
import {
  copyTemplate,
  discardTemplate,
  keepTemplate,
  removeQuietly,
  sweep,
} from './postgresTemplate.ts'
import { postgresEnvironment, watchOver } from './postgresWatchdog.ts'

export type MakeDataOptions = {
  readonly dir: string
  /** The folder to create. */
  readonly data: string
  readonly password: string
  readonly binaries: PostgresBinaries
  readonly account: PostgresAccount
  /** Where a copy of new data is kept for the next folder; null: nowhere. */
  readonly template: string | null
  /** Kills the programs that make the data. */
  readonly signal?: AbortSignal
}

/**
 * Creates the data of a server, in a temporary folder that is synced and renamed: a start that is
 * killed here leaves nothing half done, and what it started writes to a folder of its own.
 *
 * A copy of the template takes a fifth of the time of `initdb`. A template has no secret: its
 * password is random and known to nobody, and each copy gets its own before its server first runs.
 *
 * @throws DataNotMadeError with the program's output, and when the signal is aborted.
 */
export async function makePostgresData(options: MakeDataOptions): Promise<void> {
  const { data, template } = options
  const fresh = `${data}.new.${randomUUID()}`
  const target = path.join(fresh, 'data')
  mkdirSync(fresh, { recursive: true, mode: 0o700 })
  try {
    if (template === null || !(await tryTemplate(options, { fresh, target, template }))) {
      await initialise(options, { fresh, target })
      if (template !== null) await keepTemplate(target, template)
      await finish(options, { fresh, target })
    }
    renameSync(target, data)
  } finally {
    removeQuietly(fresh)
  }
}

/** Deletes what killed starts have left next to the data. */
export function sweepAttempts(data: string): void {
  const start = `${path.basename(data)}.new`
  sweep(path.dirname(data), (name) => name === start || name.startsWith(`${start}.`))
}

type Place = { readonly fresh: string; readonly target: string }

/** @returns false if there is no template, or one that is of no use: it is deleted then. */
async function tryTemplate(options: MakeDataOptions, at: Place & { readonly template: string }) {
  if (await copyTemplate(at.template, at.target)) {
    try {
      await finish(options, at)
      return true
    } catch (error) {
      if (options.signal?.aborted) throw error
      // Damaged in a way that shows only when a server opens it.
    }
  }
  // With its owner: to the next attempt all of it is new.
  rmSync(at.fresh, { recursive: true })
  mkdirSync(at.fresh, { mode: 0o700 })
  discardTemplate(at.template)
  return false
}

async function finish(options: MakeDataOptions, at: Place): Promise<void> {
  giveTo(options.account.owner, at.fresh)
  giveTo(options.account.owner, at.target)
  await setPassword(options, at.target)
  await run(options, [options.binaries.initdb, '--sync-only', '-D', at.target])
}

async function initialise(options: MakeDataOptions, at: Place) {
  const passwordFile = path.join(at.fresh, 'password')
  writeFileSync(passwordFile, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 })
  mkdirSync(at.target, { mode: 0o700 })
  giveTo(options.account.owner, at.fresh)
  await run(options, [
    ...[options.binaries.initdb, '-D', at.target, '--no-sync'],
    ...['--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
    ...['--encoding=UTF8', '--locale=C', '--wal-segsize=4'],
  ])
}

/** Without a server, so that nobody can log in before. */
async function setPassword(options: MakeDataOptions, target: string): Promise<void> {
  const sql = `ALTER USER postgres PASSWORD '${options.password.replaceAll("'", "''")}'\n`
  // A statement that fails would otherwise be quoted, with the password, in what we report.
  const quiet = ['-c', 'log_min_error_statement=panic']
  const program = [options.binaries.postgres, '--single', '-D', target, ...quiet, 'postgres']
  const said = await run(options, program, sql)
  const failure = /(?:ERROR|FATAL|PANIC): .*/.exec(said)
  if (failure) throw new DataNotMadeError({ dir: options.dir, reason: failure[0] }, said)
}

/** Its standard error. */
async function run(options: MakeDataOptions, command: readonly string[], input = '') {
  const { account, dir } = options
  const [program = '', ...args] = [...account.prefix, ...command]
  const ended = promisify(execFile)(program, args, {
    ...account.ids,
    env: postgresEnvironment,
    cwd: '/',
  })
  // `initdb` answers SIGTERM, all that `execFile` sends by itself, by cleaning up at its leisure.
  const kill = () => void ended.child.kill('SIGKILL')
  options.signal?.addEventListener('abort', kill, { once: true })
  if (options.signal?.aborted) kill()
  // One that cannot be started, or ends early, says so itself.
  ended.child.stdin?.on('error', () => {})
  const watchdog = ended.child.pid ? watchOver(ended.child.pid) : null
  ended.child.stdin?.end(input)
  try {
    return (await ended).stderr
  } catch (error) {
    const { stderr } = error as { stderr?: string }
    throw new DataNotMadeError({ dir, reason: stderr?.trim() ?? sentenceOf(error) }, error)
  } finally {
    watchdog?.kill('SIGKILL')
  }
}
