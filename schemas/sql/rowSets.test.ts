import { expect, test } from 'vitest'
import {
  listQueryNames,
  namedQuery,
  readBootstrap,
  readMigrations,
} from '../../deploy/engines/views/namedQueries.ts'
import { partitionedBy } from './partitions.ts'
import { rowSets } from './rowSets.ts'

const statements = [...readBootstrap(), ...readMigrations().flatMap((each) => each.statements)]

test('row sets are the tables of the migrations, column by column', () => {
  const tables: Record<string, Record<string, string>> = {}
  for (const statement of statements) {
    const name = tableOf(statement)
    if (name) tables[name] = columnsOf(statement)
    const added = addedColumn(statement)
    if (added) tables[added.table] = withColumn(tables[added.table]!, added)
  }
  const ordered = (sets: Record<string, Record<string, string>>) => {
    const sorted = Object.entries(sets).sort(([left], [right]) => (left < right ? -1 : 1))
    return sorted.map(([name, columns]) => [name, Object.entries(columns)])
  }
  expect(ordered(rowSets)).toEqual(ordered(tables))
})

test('partitions of row sets are those of the migrations', () => {
  const tables = statements.flatMap((statement) => {
    const name = tableOf(statement)
    const by = / PARTITION BY \(?(.+?)\)? ORDER BY/.exec(statement)?.[1]
    const columns = by === 'toYYYYMM(start' ? 'month' : by
    return name && columns ? [[name, columns.split(', ')] as const] : []
  })
  expect(Object.fromEntries(tables)).toEqual(partitionedBy)
})

test('every table is synced but those that are recomputed from the log', () => {
  const synced = statements.flatMap((statement) => {
    const name = /^(?:CREATE TABLE IF NOT EXISTS|ALTER TABLE) (?:wattproof\.)?(\w+) /.exec(
      statement,
    )
    return name && statement.includes('fsync_after_insert = 1') ? [name[1]!] : []
  })
  const others = Object.keys(rowSets).filter((name) => !synced.includes(name))
  expect(others.sort()).toEqual([
    ...['migrations', 'shown_enrolments', 'speed_deviation', 'speed_group', 'watermarks'],
  ])
})

test('every statement of a migration may run twice', () => {
  // Created tables may exist; settings may be set already; a table may be replaced by its own rows,
  // and one that keeps one of equal rows be given the same again.
  const keepsOne = statements.flatMap((statement) => {
    return / ENGINE = ReplacingMergeTree ORDER BY /.test(statement) ? [tableOf(statement)] : []
  })
  for (const statement of statements) {
    const isReplacing = new RegExp(`^CREATE OR REPLACE .*\\sFROM ${tableOf(statement)}\\s`, 's')
    if (isReplacing.test(statement)) continue
    const filled = /^INSERT INTO (\w+)\sSELECT /.exec(statement)?.[1]
    if (filled && keepsOne.includes(filled)) continue
    const altered = 'MODIFY SETTING|MATERIALIZE|ADD \\w+ IF NOT EXISTS'
    expect(statement).toMatch(
      new RegExp(`^CREATE \\w+ IF NOT EXISTS |^ALTER TABLE \\w+ (${altered}) `),
    )
  }
})

test('migrations are numbered without a gap', () => {
  readMigrations().forEach(({ name }, index) => {
    expect(name).toMatch(new RegExp(`^${String(index + 1).padStart(4, '0')}_[a-z_]+$`))
  })
})

test('every query is one read without FORMAT or semicolon', () => {
  for (const name of listQueryNames()) {
    const { sql } = namedQuery(name)
    expect(sql, name).toMatch(/^(SELECT|WITH)\s/)
    expect(sql, name).not.toMatch(/;|\bFORMAT\b|\bSETTINGS\b|\bINTO\s+OUTFILE\b/i)
    expect(sql, name).not.toMatch(/\b(file|url|s3|remote|executable|input)\s*\(/i)
  }
})

/** What a statement creates or replaces. */
function tableOf(statement: string): string | undefined {
  const created = /^CREATE (?:TABLE IF NOT EXISTS|OR REPLACE TABLE) (?:wattproof\.)?(\w+) \(/
  return created.exec(statement)?.[1]
}

/** Lines of two spaces, a name and a type; what has a default the store fills in. */
function columnsOf(statement: string): Record<string, string> {
  const lines = statement.split('\n').flatMap((line) => {
    const match = /^ {2}`?(\w+)`? (.+?),?$/.exec(line)
    if (!match || match[1] === 'INDEX' || match[2]!.includes(' DEFAULT ')) return []
    return [[match[1]!, plainType(match[2]!)] as const]
  })
  return Object.fromEntries(lines)
}

type Added = { readonly table: string; name: string; type: string; after: string }

/** What a statement adds: a column without a default, after another one. */
function addedColumn(statement: string): Added | null {
  const [, table, name, type, after] =
    /^ALTER TABLE (\w+) ADD COLUMN IF NOT EXISTS (\w+) (.+) AFTER (\w+)$/.exec(statement) ?? []
  return table && name && type && after ? { table, name, type: plainType(type), after } : null
}

function withColumn(columns: Record<string, string>, { name, type, after }: Added) {
  return Object.fromEntries(
    Object.entries(columns).flatMap((each) => (each[0] === after ? [each, [name, type]] : [each])),
  )
}

/** How a value of the type is encoded: a dictionary or a time zone changes nothing. */
function plainType(type: string): string {
  const plain = type.replace(/ CODEC\(.*\)$/, '').replace(/^LowCardinality\((.*)\)$/, '$1')
  return plain.replace(/DateTime64\(3, 'UTC'\)/, 'DateTime64')
}
