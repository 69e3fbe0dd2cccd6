import { describe, expect, test } from 'vitest'
import {
  listQueryNames,
  namedQuery,
  readBootstrap,
  readMigrations,
} from '../../engines/views/namedQueries.ts'
import { checkPlaceholders, createStatementGuard } from './statementGuard.ts'

const guard = createStatementGuard()
const columns = '(`meter`, `version`)'

test('every named query, migration and row set passes', () => {
  for (const name of listQueryNames()) {
    const { sql } = namedQuery(name)
    const passed = { kind: 'read', sql, format: 'JSONEachRow' }
    expect(guard(`${sql} \nFORMAT JSONEachRow`)).toEqual(passed)
    expect(guard(sql)).toMatchObject({ kind: 'read', sql })
  }
  const statements = [...readBootstrap(), ...readMigrations().flatMap((each) => each.statements)]
  for (const sql of statements) expect(guard(sql)).toEqual({ kind: 'define', sql })
  expect(guard(`INSERT INTO meters ${columns} FORMAT ArrowStream`)).toEqual({
    kind: 'insert',
    target: 'meters (`meter`, `version`)',
    format: 'ArrowStream',
  })
  const drops = [
    'ALTER TABLE manifest DROP PARTITION 1',
    'ALTER TABLE speed_group DROP PARTITION 201302',
    ["ALTER TABLE batch_deviation DROP PARTITION ('2013-02-11', 1)", "('2013-02-12', 1)"].join(
      ', DROP PARTITION ',
    ),
  ]
  for (const sql of [...drops, 'DROP TABLE IF EXISTS `_tmp_replace_a1_b2`']) {
    expect(guard(sql)).toEqual({ kind: 'define', sql })
  }
  expect(guard("SELECT 'ping'")).toMatchObject({ kind: 'read' })
})

const published = namedQuery('published_generation').sql

describe('any other statement is refused', () => {
  test.each([
    '',
    ';',
    'SELECT 1',
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "SELECT * FROM url('http://127.0.0.1/', 'CSV')",
    "SELECT * FROM s3('http://x/y', 'CSV')",
    'SELECT * FROM system.settings',
    'DROP TABLE IF EXISTS `readings`',
    'DROP TABLE IF EXISTS `_tmp_replace_a`, `readings`',
    'SELECT * FROM meters',
    'SET max_execution_time = 0',
    "SET param_meter = 'x'",
    'USE system',
    'DROP TABLE meters',
    'DROP DATABASE wattproof',
    'TRUNCATE TABLE readings',
    'ALTER TABLE readings DELETE WHERE 1',
    'ALTER TABLE readings DROP PARTITION 1',
    'ALTER TABLE manifest DROP PARTITION ALL',
    "ALTER TABLE manifest DROP PARTITION '1'",
    'ALTER TABLE manifest DROP PARTITION 1, DROP COLUMN run',
    "ALTER TABLE batch_deviation DROP PARTITION ('2013-02-11', now())",
    'CREATE TABLE IF NOT EXISTS mine (a UInt8) ENGINE = Memory',
    'CREATE DATABASE IF NOT EXISTS other ENGINE = Atomic',
    'SHOW TABLES',
    'DESCRIBE TABLE meters',
    "BACKUP DATABASE wattproof TO Disk('x', 'y')",
    `${published}; SELECT 1`,
    `${published};`,
    `${published} LIMIT 1`,
    `${published} -- more`,
    `${published} SETTINGS max_threads = 1`,
    `${published} UNION ALL SELECT * FROM meters`,
    `${published} INTO OUTFILE '/tmp/x'`,
    `${published}\nFORMAT Template`,
    `${published}\nFORMAT JSONEachRow SETTINGS max_threads = 1`,
    `${published}\nFORMAT JSONEachRow\nFORMAT JSONEachRow`,
    `EXPLAIN ${published}`,
    published.toLowerCase(),
    `INSERT INTO meters ${columns} FORMAT JSONEachRow`,
    `INSERT INTO meters ${columns} VALUES ('a', 1)`,
    `INSERT INTO meters ${columns} SELECT 'a', 1`,
    `INSERT INTO meters ${columns} FROM INFILE '/etc/passwd' FORMAT ArrowStream`,
    `INSERT INTO meters ${columns} SETTINGS async_insert = 1 FORMAT ArrowStream`,
    `INSERT INTO FUNCTION file('/tmp/x') ${columns} FORMAT ArrowStream`,
    `INSERT INTO system.settings ${columns} FORMAT ArrowStream`,
    `INSERT INTO toString ${columns} FORMAT ArrowStream`,
    'INSERT INTO meters (`meter`, `nothing`) FORMAT ArrowStream',
    'INSERT INTO meters (`meter`, `toString`) FORMAT ArrowStream',
    'INSERT INTO meters (meter, version) FORMAT ArrowStream',
    'INSERT INTO meters FORMAT ArrowStream',
  ])('%s', (statement) => {
    expect(() => guard(statement)).toThrow(expect.objectContaining({ code: 497 }))
  })
})

test('a placeholder needs a value in the request', () => {
  const sql = "SELECT {a:String}, '{b:String}', {c : Array(String)}"
  expect(() => checkPlaceholders(sql, new Map([['a', '1']]))).toThrow(
    expect.objectContaining({ code: 456, message: 'Substitution `c` is not set.' }),
  )
  expect(() => checkPlaceholders(sql, new Map(Object.entries({ a: '', c: '' })))).not.toThrow()
})
