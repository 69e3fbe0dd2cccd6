import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect, test } from 'vitest'
import { projectRoot, typeScriptArgs } from '../process/runtime.ts'
import { postgresSocket } from '../sockets/enginePlaces.ts'
import {
  copiedOptions,
  isServing,
  madeTemplate,
  ownOptions,
  start,
  usePostgresFolders,
} from '../testing/postgresFolders.ts'
import { startEmbeddedPostgres } from '../testing/startPostgres.ts'
import { testPassword as password, queryPostgres } from '../testing/testPostgres.ts'
import { isServerOf } from './postgresLeftover.ts'

usePostgresFolders({ withTemplate: true })

test('keeps its data across restarts, and listens on its socket only', async () => {
  const options = copiedOptions()
  const first = await start(options)
  await queryPostgres(first.url, 'CREATE TABLE kept AS SELECT 7 AS value')
  expect(await queryPostgres(first.url, 'SHOW listen_addresses')).toEqual([
    { listen_addresses: '' },
  ])
  const socket = postgresSocket(path.join(options.dir, 'data'))
  expect(statSync(socket).mode & 0o777).toBe(0o600)
  expect(statSync(path.dirname(socket)).mode & 0o777).toBe(0o700)
  expect(await queryPostgres(first.url, 'SHOW fsync')).toEqual([{ fsync: 'on' }])
  expect(await answerToTls(socket)).toBe('N')
  await first.stop()
  expect(isServing(first.pid)).toBe(false)

  const second = await start(options)
  expect(second.url).toBe(first.url)
  expect(await queryPostgres(second.url, 'SELECT value FROM kept')).toEqual([{ value: 7 }])
})

test('rules that let somebody in without the password do not survive a start', async () => {
  const options = copiedOptions()
  const rules = path.join(options.dir, 'data/pg_hba.conf')
  appendFileSync(rules, 'local all all peer\n')
  writeFileSync(rules, `host all all 0.0.0.0/0 trust\n${readFileSync(rules, 'utf8')}`)
  const { uid } = statSync(rules)
  const { url } = await start(options)
  expect(readFileSync(rules, 'utf8')).toBe('local postgres wattproof scram-sha-256\n')
  expect(statSync(rules).uid).toBe(uid)
  expect(await queryPostgres(url, 'SELECT value FROM only_here')).toEqual([{ value: 1 }])
  const wrong = new URL(url)
  wrong.password = 'guess'
  await expect(queryPostgres(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' })
  const other = new URL(url)
  other.pathname = '/template1'
  await expect(queryPostgres(other.href, 'SELECT 1')).rejects.toMatchObject({ code: '28000' })
  const superuser = new URL(url)
  superuser.username = 'postgres'
  await expect(queryPostgres(superuser.href, 'SELECT 1')).rejects.toMatchObject({ code: '28000' })
})

test('who has the password reads no file, runs no program and makes no superuser', async () => {
  const { url } = await start(copiedOptions())
  for (const sql of [
    "SELECT pg_read_file('/etc/passwd')",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY (SELECT 1) TO '/tmp/wattproof-out'",
    'CREATE ROLE other SUPERUSER',
    'ALTER ROLE wattproof SUPERUSER',
    'SET ROLE postgres',
    'CREATE EXTENSION file_fdw',
    "ALTER SYSTEM SET archive_command = 'true'",
  ]) {
    await expect(queryPostgres(url, sql), sql).rejects.toMatchObject({ code: '42501' })
  }
})

test('an owner of a killed server ends with a reason; the next start has the data', async () => {
  const options = copiedOptions()
  const first = await start(options)
  await queryPostgres(first.url, 'CREATE TABLE kept AS SELECT 8 AS value')
  // The backend of an open connection briefly outlives the server and keeps its shared memory.
  const held = new pg.Client({ connectionString: first.url })
  held.on('error', () => {})
  await held.connect()
  process.kill(first.pid, 'SIGKILL')

  expect(await first.exited).toContain('SIGKILL')
  const second = await start(options)
  expect(await queryPostgres(second.url, 'SELECT value FROM kept')).toEqual([{ value: 8 }])
})

test('a kill of the owner stops the server soon, and a start at once does not wait', async () => {
  const options = copiedOptions()
  const first = await start(options)
  await queryPostgres(first.url, 'CREATE TABLE kept AS SELECT 9 AS value')
  process.kill(first.ownerPid, 'SIGKILL')
  await first.exited
  const second = await start(options)
  expect(second.pid).not.toBe(first.pid)
  expect(await queryPostgres(second.url, 'SELECT value FROM kept')).toEqual([{ value: 9 }])

  process.kill(second.ownerPid, 'SIGKILL')
  expect(await isGoneWithin(second.pid, 8_000)).toBe(true)
})

test('a kill of the process that started it leaves nothing running', async () => {
  const options = copiedOptions()
  const script = `
    import { startEmbeddedPostgres } from './deploy/testing/startPostgres.ts'
    const server = await startEmbeddedPostgres(${JSON.stringify(options)})
    process.stdout.write(String(server.pid))
    setInterval(() => {}, 1000)`
  const args = [...typeScriptArgs, '--input-type=module', '--eval', script]
  const parent = spawn(process.execPath, args, { cwd: projectRoot, stdio: ['ignore', 'pipe', 2] })
  const [chunk] = await once(parent.stdout!, 'data')
  const pid = Number(String(chunk))
  expect(isServerOf(pid, path.join(options.dir, 'data'))).toBe(true)
  parent.kill('SIGKILL')

  expect(await isGoneWithin(pid, 8_000)).toBe(true)
})

test('the next folder copies the template, with another password', async () => {
  const copied = await start({ ...ownOptions(), template: madeTemplate(), password: "it's mine" })
  expect(await queryPostgres(copied.url, "SELECT to_regclass('only_here') AS found")).toEqual([
    { found: null },
  ])
  for (const wrong of [password, 'postgres', '']) {
    const url = new URL(copied.url)
    url.password = encodeURIComponent(wrong)
    await expect(queryPostgres(url.href, 'SELECT 1')).rejects.toThrow(/password/)
  }
})

test('another password is refused with a sentence, and nothing keeps running', async () => {
  const options = copiedOptions()
  const first = await start(options)
  await first.stop()

  const other = startEmbeddedPostgres({ ...options, password: 'other' })
  await expect(other).rejects.toThrow('its data were made with another one')
  expect(existsSync(path.join(options.dir, 'data/postmaster.pid'))).toBe(false)
})

/** SSLRequest of PostgreSQL's protocol: 8 bytes, the second four 80877103. S: yes, N: no. */
async function answerToTls(file: string): Promise<string> {
  const socket = connect(file)
  socket.end(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]))
  const [answer] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return answer.toString()
}

async function isGoneWithin(pid: number, milliseconds: number): Promise<boolean> {
  for (let waited = 0; waited < milliseconds && isServing(pid); waited += 50) await sleep(50)
  return !isServing(pid)
}
