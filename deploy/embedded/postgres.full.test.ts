import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { postgresSocket } from '../sockets/enginePlaces.ts'
import { copiedOptions, ownOptions, start, usePostgresFolders } from '../testing/postgresFolders.ts'
import { queryPostgres } from '../testing/testPostgres.ts'
import { choosePostgresAccount, findBarrier } from './postgresAccount.ts'
import { postgresBinaries } from './postgresBinaries.ts'
import { runProgram } from './postgresProgram.ts'

/** What seldom happens to a start; the rest is in `postgres.test.ts`. */
const isRoot = process.getuid?.() === 0

usePostgresFolders({ withTemplate: false })

test('a lock file whose pid now belongs to another program does not prevent a start', async () => {
  const options = copiedOptions()
  const first = await start(options)
  await first.stop()
  writeFileSync(path.join(options.dir, 'data/postmaster.pid'), `${process.pid}\n`)

  expect(await queryPostgres((await start(options)).url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('a template that cannot be copied is no reason not to start', async () => {
  const options = ownOptions()
  const template = path.join(path.dirname(options.dir), 'template')
  writeFileSync(template, 'not a folder')
  const server = await start({ ...options, template })
  expect(await queryPostgres(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('a socket that a kill left, and its lock of another program, are no hindrance', async () => {
  const options = copiedOptions()
  const first = await start(options)
  process.kill(first.pid, 'SIGKILL')
  await first.exited
  const lock = `${postgresSocket(path.join(options.dir, 'data'))}.lock`
  expect(existsSync(lock)).toBe(true)
  writeFileSync(lock, `${process.pid}\n`)
  expect(await queryPostgres((await start(options)).url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('a folder whose path is longer than that of a socket may be has a server too', async () => {
  const long = path.join(path.dirname(ownOptions().dir), 'x'.repeat(90))
  mkdirSync(long, { mode: 0o755 })
  const { url } = await start(copiedOptions(path.join(long, 'postgres')))
  expect(await queryPostgres(url, 'SELECT value FROM only_here')).toEqual([{ value: 1 }])
})

test('data of earlier versions, which the superuser had, are the role’s', async () => {
  const options = copiedOptions()
  const data = path.join(options.dir, 'data')
  const binaries = await postgresBinaries()
  const program = { ...options, binaries, account: choosePostgresAccount([data]) }
  const statements = [
    'DROP OWNED BY wattproof; DROP ROLE IF EXISTS none',
    'CREATE SCHEMA bullmq',
    "CREATE TYPE bullmq.state AS ENUM ('a', 'b')",
    'CREATE SEQUENCE bullmq.turn',
    'CREATE TABLE bullmq.job (id bigserial PRIMARY KEY, at bullmq.state, turn bigint)',
    'CREATE FUNCTION bullmq.one() RETURNS int LANGUAGE sql AS $do$ SELECT 1 $do$',
    "INSERT INTO bullmq.job (at, turn) VALUES ('a', 7)",
  ]
  const command = [binaries.postgres, '--single', '-D', data, 'postgres']
  await runProgram(program, command, `${statements.join('\n')}\n`)
  rmSync(path.join(data, 'wattproof.role'))

  const { url } = await start(options)
  expect(await queryPostgres(url, 'SELECT turn FROM bullmq.job')).toEqual([{ turn: '7' }])
  for (const sql of [
    'ALTER TABLE bullmq.job ADD COLUMN more int',
    "INSERT INTO bullmq.job (at, turn) VALUES ('b', nextval('bullmq.turn'))",
    "ALTER TYPE bullmq.state ADD VALUE 'c'",
    'CREATE OR REPLACE FUNCTION bullmq.one() RETURNS int LANGUAGE sql AS $do$ SELECT 2 $do$',
    'CREATE TABLE bullmq.another (id int)',
  ]) {
    await queryPostgres(url, sql)
  }
})

test.runIf(isRoot)('a folder only root may enter is named, or avoided', async () => {
  const options = ownOptions()
  const shut = path.join(path.dirname(options.dir), 'shut')
  mkdirSync(shut, { mode: 0o700 })
  const inside = { ...options, dir: path.join(shut, 'postgres') }
  const stranger = { uid: 12_345, gid: 12_345 }

  expect(findBarrier([inside.dir], stranger)).toBe(shut)
  expect(findBarrier([options.dir], stranger)).toBe(null)
  expect(findBarrier([inside.dir], { uid: 0, gid: 0 })).toBe(null)
  const account = accountOrSentence([inside.dir])
  if (typeof account === 'string') expect(account).toContain(shut)
  else {
    const server = await start(inside)
    expect(await queryPostgres(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  }
})

function accountOrSentence(paths: readonly string[]) {
  try {
    return choosePostgresAccount(paths)
  } catch (error) {
    return String(error)
  }
}
