import {
  ParameterNotSetError,
  StatementDeniedError,
} from '../../../schemas/errors/embeddedClickHouse.ts'
import {
  type PartitionedRowSetName,
  type PartitionKey,
  partitionedBy,
} from '../../../schemas/sql/partitions.ts'
import { type RowSetName, rowSets } from '../../../schemas/sql/rowSets.ts'
import {
  listPlaceholders,
  listQueryNames,
  namedQuery,
  parseQuery,
  readBootstrap,
  readMigrations,
} from '../../engines/views/namedQueries.ts'

/** A permitted statement, parsed. */
export type GuardedStatement =
  | { readonly kind: 'read'; readonly sql: string; readonly format: string }
  | { readonly kind: 'insert'; readonly target: string; readonly format: string }
  | { readonly kind: 'define'; readonly sql: string }

/** Classifies a statement. @throws ClickHouseFailure 497 for one that is not permitted. */
export type StatementGuard = (statement: string) => GuardedStatement

const readFormats = new Set(['JSONEachRow', 'CSVWithNames', 'ArrowStream', 'TabSeparated'])
/** The statement of the client's ping. */
const pingQuery = "SELECT 'ping'"

/**
 * Permits exactly the statements of this repository and refuses all others.
 *
 * Named queries and migrations are compared as whole texts, so comments, a second statement or a
 * table function cannot get around it; only the FORMAT of a read and the columns of an insert
 * vary, each within a list.
 *
 * @param extraQueries texts of further queries, for tests.
 */
export function createStatementGuard(extraQueries: readonly string[] = []): StatementGuard {
  const queries = listQueryNames().map((name) => namedQuery(name).sql)
  const extra = extraQueries.map((text) => parseQuery('extra', text).sql)
  const reads = new Set([pingQuery, ...queries, ...extra])
  const migrations = readMigrations().flatMap((each) => each.statements)
  const definitions = new Set([...readBootstrap(), ...migrations])
  return (statement) => {
    const sql = statement.trim()
    if (definitions.has(sql)) return { kind: 'define', sql }
    const passed = asRead(sql, reads) ?? asInsert(sql) ?? asDrop(sql) ?? asRemoval(sql)
    if (passed) return passed
    throw new StatementDeniedError()
  }
}

/** @throws ClickHouseFailure 456: a value left from an earlier request must not be used. */
export function checkPlaceholders(sql: string, given: ReadonlyMap<string, string>): void {
  for (const name of listPlaceholders(sql)) {
    if (given.has(name)) continue
    throw new ParameterNotSetError({ name })
  }
}

function asRead(statement: string, reads: ReadonlySet<string>): GuardedStatement | null {
  const parts = /^(.*\S)\s*\nFORMAT (\w+)$/s.exec(statement)
  const sql = parts?.[1] ?? statement
  const format = parts?.[2] ?? 'TabSeparated'
  return reads.has(sql) && readFormats.has(format) ? { kind: 'read', sql, format } : null
}

const partitionValues: Readonly<Record<PartitionKey, string>> = {
  day: "'\\d{4}-\\d{2}-\\d{2}'",
  month: '\\d{6}',
  run: '\\d{1,20}',
}

/** Partitions by their values only. */
function asDrop(statement: string): GuardedStatement | null {
  const [, rowSet = '', list = ''] = /^ALTER TABLE (\w+) (DROP PARTITION .*)$/.exec(statement) ?? []
  if (!Object.hasOwn(partitionedBy, rowSet)) return null
  const columns = partitionedBy[rowSet as PartitionedRowSetName]
  const values = columns.map((name) => partitionValues[name])
  const name = values.length === 1 ? values[0] : `\\(${values.join(', ')}\\)`
  const one = `DROP PARTITION ${name}`
  return new RegExp(`^${one}(, ${one})*$`).test(list) ? { kind: 'define', sql: statement } : null
}

/** Removes the copy that an interrupted migration left. */
function asRemoval(sql: string): GuardedStatement | null {
  return /^DROP TABLE IF EXISTS `_tmp_replace_\w+`$/.test(sql) ? { kind: 'define', sql } : null
}

function asInsert(statement: string): GuardedStatement | null {
  const parts = /^INSERT INTO (\w+) \(([\w`, ]+)\) FORMAT ArrowStream$/.exec(statement)
  const [, rowSet = '', list = ''] = parts ?? []
  const known = Object.hasOwn(rowSets, rowSet) ? rowSets[rowSet as RowSetName] : undefined
  if (!known) return null
  const columns = list.split(', ').map((each) => /^`(\w+)`$/.exec(each)?.[1] ?? '')
  if (!columns.every((each) => Object.hasOwn(known, each))) return null
  const names = columns.map((each) => `\`${each}\``).join(', ')
  return { kind: 'insert', target: `${rowSet} (${names})`, format: 'ArrowStream' }
}
