import { randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { giveTo } from './postgresAccount.ts'
import { type ProgramOptions, runProgram } from './postgresProgram.ts'
import { keepRole } from './postgresRole.ts'
import {
  copyTemplate,
  discardTemplate,
  keepTemplate,
  removeQuietly,
  sweep,
} from './postgresTemplate.ts'

export type MakeDataOptions = ProgramOptions & {
  /** The folder to create. */
  readonly data: string
  readonly password: string
  /** Where a copy of new data is kept for the next folder; null: nowhere. */
  readonly template: string | null
}

/**
 * Creates the data of a server, in a temporary folder that is synced and renamed: a start that is
 * killed here leaves nothing half done, and what it started writes to a folder of its own.
 *
 * A copy of the template takes a fifth of the time of `initdb`. A template has no secret: each
 * copy gets a role with a password of its own before its server first runs (`keepRole`).
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
  await keepRole(options, at.target)
  giveTo(options.account.owner, at.target)
  await runProgram(options, [options.binaries.initdb, '--sync-only', '-D', at.target])
}

async function initialise(options: MakeDataOptions, at: Place) {
  const passwordFile = path.join(at.fresh, 'password')
  writeFileSync(passwordFile, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 })
  mkdirSync(at.target, { mode: 0o700 })
  giveTo(options.account.owner, at.fresh)
  await runProgram(options, [
    ...[options.binaries.initdb, '-D', at.target, '--no-sync'],
    ...['--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
    ...['--encoding=UTF8', '--locale=C', '--wal-segsize=4'],
  ])
}
