import { readdirSync, readFileSync } from 'node:fs'
import { NotFoundError } from '../../../schemas/errors/wattproofError.ts'

export type NamedQuery = {
  readonly name: string
  /** One statement without comments, FORMAT or semicolon. */
  readonly sql: string
}

export type Migration = {
  /** Its number and what it creates: `0001_master`. */
  readonly name: string
  readonly statements: readonly string[]
}

const sqlFolder = new URL('../../../schemas/sql/', import.meta.url)
const cache = new Map<string, NamedQuery>()

/**
 * A query of `schemas/sql/queries`, read once and cached.
 *
 * @throws NotFoundError if there is no such file.
 */
export function namedQuery(name: string): NamedQuery {
  const known = cache.get(name)
  if (known) return known
  if (!listQueryNames().includes(name)) throw new NotFoundError('query', name)
  const query = parseQuery(name, readSql(`queries/${name}.sql`))
  cache.set(name, query)
  return query
}

export function listQueryNames(): string[] {
  return listSqlFiles('queries/')
}

/** The numbered migrations, in order. */
export function readMigrations(): Migration[] {
  return listSqlFiles('migrations/').map((name) => {
    return { name, statements: splitStatements(readSql(`migrations/${name}.sql`)) }
  })
}

/** Creates the database and the table in which migrations are recorded. */
export function readBootstrap(): readonly string[] {
  return splitStatements(readSql('bootstrap.sql'))
}

export function parseQuery(name: string, text: string): NamedQuery {
  return { name, sql: stripComments(text) }
}

/** Names of the placeholders of a statement; quoted text is skipped. */
export function listPlaceholders(sql: string): Set<string> {
  const unquoted = sql.replace(/'(?:[^'\\]|\\.)*'/gs, "''")
  return new Set([...unquoted.matchAll(/\{\s*(\w+)\s*:[^}]*\}/g)].map((match) => match[1]!))
}

/** A statement ends with a semicolon at the end of a line. */
function splitStatements(text: string): string[] {
  return stripComments(text)
    .split(/;[ \t]*$/m)
    .map((each) => each.trim())
    .filter((each) => each !== '')
}

/** Whole lines only: two dashes within a line may be part of a string. */
function stripComments(text: string): string {
  const lines = text.split(/\r?\n/).filter((line) => !line.trimStart().startsWith('--'))
  return lines.join('\n').trim()
}

function listSqlFiles(folder: string): string[] {
  const files = readdirSync(new URL(folder, sqlFolder)).filter((each) => each.endsWith('.sql'))
  return files.map((each) => each.slice(0, -'.sql'.length)).sort()
}

function readSql(file: string): string {
  return readFileSync(new URL(file, sqlFolder), 'utf8')
}
