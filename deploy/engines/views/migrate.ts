import { createHash } from 'node:crypto'
import { NothingToMigrateError } from '../../../schemas/errors/configuration.ts'
import {
  ChangedMigrationError,
  UnknownMigrationError,
} from '../../../schemas/errors/installation.ts'
import { TablesMissingError } from '../../../schemas/errors/views.ts'
import type { Views } from '../../../schemas/ports/views.ts'
import { engineDir, viewsUrlOf } from '../../installation/addresses.ts'
import type { Config } from '../../installation/config.ts'
import { clickhouseSocket } from '../../sockets/enginePlaces.ts'
import { isServed } from '../../sockets/socketPath.ts'
import { type ClickHouseConnection, connectClickHouse } from './clickhouseConnection.ts'
import { openClickHouseViews } from './clickhouseViews.ts'
import { type Migration, readBootstrap, readMigrations } from './namedQueries.ts'

export type MigrateParameters = {
  /** URL of the views store: `http://user:password@host:8123`. */
  readonly url: string
  /** List what is pending and change nothing. */
  readonly dryRun?: boolean
  /** The migrations of `schemas/sql`, unless a test passes its own. */
  readonly migrations?: readonly Migration[]
}

export type MigrateReturnType = {
  /** Names of the migrations this call has applied. */
  readonly applied: string[]
  /** Names of the migrations left to apply: all after a dry run, else none. */
  readonly pending: string[]
}

/**
 * Brings the tables of a views store up to date.
 *
 * Every statement may run twice, so two at once, or one that was killed midway, do no harm. What a
 * kill has left of a table's copy is removed.
 *
 * @throws InvalidArgumentError when an applied migration has changed since, or is unknown here.
 */
export async function migrate(parameters: MigrateParameters): Promise<MigrateReturnType> {
  const { url, dryRun = false, migrations = readMigrations() } = parameters
  const views = await openClickHouseViews({ url })
  const connection = await connectClickHouse(url)
  try {
    if (!dryRun) await bootstrap(url)
    const before = await readApplied(views)
    checkApplied(migrations, before)
    const pending = migrations.filter((each) => !before.has(each.name))
    const names = pending.map((each) => each.name)
    if (dryRun) return { applied: [], pending: names }
    await removeUnfinished(connection, views)
    for (const migration of pending) await apply({ connection, views, migration })
    return { applied: names, pending: [] }
  } finally {
    await connection.close()
    await views.close()
  }
}

/**
 * The store to migrate: VIEWS_URL, or the embedded one that `up` runs on this folder.
 *
 * @throws NothingToMigrateError if there is neither; the folder is not changed.
 */
export async function urlToMigrate(config: Config): Promise<string> {
  if (config.viewsUrl) return config.viewsUrl
  const dir = engineDir(config, 'clickhouse')
  if (await isServed(clickhouseSocket(dir))) return viewsUrlOf(config)
  throw new NothingToMigrateError({ dir: config.dir })
}

async function bootstrap(url: string): Promise<void> {
  // Our own database may not exist yet.
  const connection = await connectClickHouse(url, { database: 'default' })
  try {
    for (const statement of readBootstrap()) await define(connection, statement)
  } finally {
    await connection.close()
  }
}

/** The row is written last: an interrupted migration is applied again. */
async function apply(options: {
  connection: ClickHouseConnection
  views: Views
  migration: Migration
}): Promise<void> {
  const { connection, views, migration } = options
  for (const statement of migration.statements) await define(connection, statement)
  const row = { name: migration.name, checksum: checksumOf(migration), applied: Date.now() }
  await views.insert('migrations', [row])
}

async function define({ client, attempt }: ClickHouseConnection, statement: string) {
  // A statement may copy a table of any age.
  const clickhouse_settings = { max_partitions_per_insert_block: '0' }
  await attempt('migrate', () => client.command({ query: statement, clickhouse_settings }))
}

/**
 * Removes copies of tables that nobody is making. They are listed first: one that is begun after
 * it was asked who is at work is not on the list.
 */
async function removeUnfinished(connection: ClickHouseConnection, views: Views): Promise<void> {
  const unfinished = await views.query('unfinished_copies')
  if (unfinished.length === 0) return
  const [running] = await views.query('running_copies')
  // The next migration finds what these leave.
  if (running && running.copies > 0) return
  for (const { name } of unfinished) await define(connection, `DROP TABLE IF EXISTS \`${name}\``)
}

/** Checksums by name; none before the first migration. */
async function readApplied(views: Views): Promise<ReadonlyMap<string, string>> {
  try {
    const rows = await views.query('applied_migrations')
    return new Map(rows.map((row) => [row.name, row.checksum]))
  } catch (error) {
    if (error instanceof TablesMissingError) return new Map()
    throw error
  }
}

function checkApplied(
  migrations: readonly Migration[],
  applied: ReadonlyMap<string, string>,
): void {
  for (const [name, checksum] of applied) {
    const ours = migrations.find((each) => each.name === name)
    if (!ours) throw new UnknownMigrationError({ name })
    if (checksumOf(ours) !== checksum) throw new ChangedMigrationError({ name })
  }
}

function checksumOf(migration: Migration): string {
  return createHash('sha256').update(migration.statements.join(';\n')).digest('hex')
}
