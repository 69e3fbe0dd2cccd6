import { execFile } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { DataNotMadeError } from '../../schemas/errors/installation.ts'
import { sentenceOf } from '../../schemas/errors/wattproofError.ts'
import { giveTo, type PostgresAccount } from './postgresAccount.ts'
import type { PostgresBinaries } from './postgresBinaries.ts'

/** Nothing of our own environment: PGDATA and the like would change the server. */
export const postgresEnvironment = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

export type MakeDataOptions = {
  readonly dir: string
  /** The folder to create. */
  readonly data: string
  readonly password: string
  readonly binaries: PostgresBinaries
  readonly account: PostgresAccount
  /** Where a copy of new data is kept for the next folder; null: nowhere. */
  readonly template: string | null
}

/**
 * Creates the data of a server, in a temporary folder that is synced and renamed: a start that is
 * killed here leaves nothing half done.
 *
 * A copy of the template takes a fifth of the time of `initdb`. A template has no secret: its
 * password is random and known to nobody, and each copy gets its own before its server first runs.
 *
 * @throws DataNotMadeError with the program's output.
 */
export async function makePostgresData(options: MakeDataOptions): Promise<void> {
  const { data, template, account } = options
  const fresh = `${data}.new`
  const target = path.join(fresh, 'data')
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true, mode: 0o700 })
  const isCopied = template !== null && (await tryCopy(template, target))
  if (!isCopied) {
    await initialise(options, { fresh, target })
    if (template !== null) await keepTemplate(target, template)
  }
  giveTo(account.owner, fresh)
  giveTo(account.owner, target)
  await setPassword(options, target)
  await run(options, [options.binaries.initdb, '--sync-only', '-D', target])
  renameSync(target, data)
  rmSync(fresh, { recursive: true, force: true })
}

async function initialise(options: MakeDataOptions, at: { fresh: string; target: string }) {
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
  // One that cannot be started, or ends early, says so itself.
  ended.child.stdin?.on('error', () => {})
  ended.child.stdin?.end(input)
  try {
    return (await ended).stderr
  } catch (error) {
    const { stderr } = error as { stderr?: string }
    throw new DataNotMadeError({ dir, reason: stderr?.trim() ?? sentenceOf(error) }, error)
  }
}

/** False if there is no template, or it is being deleted; nothing of it is left then. */
async function tryCopy(template: string, target: string): Promise<boolean> {
  if (!existsSync(path.join(template, 'PG_VERSION'))) return false
  try {
    await promisify(execFile)('cp', ['-Rp', template, target])
    return true
  } catch {
    rmSync(target, { recursive: true, force: true })
    return false
  }
}

/** Best effort: without a template the next folder is initialised as this one was. */
async function keepTemplate(target: string, template: string): Promise<void> {
  const fresh = `${template}.${randomUUID()}`
  try {
    await promisify(execFile)('cp', ['-Rp', target, fresh])
    // The whole disk, once: after a power cut a template would otherwise be there, but empty.
    await promisify(execFile)('sync')
    renameSync(fresh, template)
  } catch {
    rmSync(fresh, { recursive: true, force: true })
  }
}
