import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { freePorts } from '../installation/addresses.ts'
import { projectRoot, typeScriptArgs } from '../process/runtime.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../testing/startPostgres.ts'
import { choosePostgresAccount, findBarrier } from './postgresAccount.ts'
import { isServerOf } from './postgresLeftover.ts'
import type { PostgresOptions } from './postgresServer.ts'

let options: PostgresOptions
let running: EmbeddedPostgres[]
/** A stopped installation to copy: to create its data takes seconds. */
let made: string
const password = 'a b'
const isRoot = process.getuid?.() === 0

beforeAll(async () => {
  made = path.join(newDir(), 'postgres')
  const [port = 0] = await freePorts(1)
  await (await startEmbeddedPostgres({ dir: made, port, password, template: null })).stop()
})
afterAll(() => rmSync(path.dirname(made), { recursive: true, force: true }))

beforeEach(async () => {
  const dir = path.join(newDir(), 'postgres')
  options = { dir, port: (await freePorts(1))[0]!, password, template: null }
  running = []
})

afterEach(async () => {
  await Promise.all(running.map((each) => each.stop()))
  rmSync(path.dirname(options.dir), { recursive: true, force: true })
})

test('keeps its data across restarts, and listens on loopback only', async () => {
  const first = await start()
  await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS value')
  expect(await query(first.url, 'SHOW listen_addresses')).toEqual([
    { listen_addresses: '127.0.0.1' },
  ])
  expect(await query(first.url, 'SHOW fsync')).toEqual([{ fsync: 'on' }])
  await first.stop()
  expect(isAlive(first.pid)).toBe(false)

  const second = await start()
  expect(second.url).toBe(first.url)
  expect(await query(second.url, 'SELECT value FROM kept')).toEqual([{ value: 7 }])
})

test('an owner of a killed server ends with a reason; the next start has the data', async () => {
  copyMade(options.dir)
  const first = await start()
  await query(first.url, 'CREATE TABLE kept AS SELECT 8 AS value')
  // The backend of an open connection briefly outlives the server and keeps its shared memory.
  const held = new pg.Client({ connectionString: first.url })
  held.on('error', () => {})
  await held.connect()
  process.kill(first.pid, 'SIGKILL')

  expect(await first.exited).toContain('SIGKILL')
  const second = await start()
  expect(await query(second.url, 'SELECT value FROM kept')).toEqual([{ value: 8 }])
})

test('a kill of the owner stops the server soon, and a start at once does not wait', async () => {
  copyMade(options.dir)
  const first = await start()
  await query(first.url, 'CREATE TABLE kept AS SELECT 9 AS value')
  process.kill(first.ownerPid, 'SIGKILL')
  await first.exited
  const second = await start()
  expect(second.pid).not.toBe(first.pid)
  expect(await query(second.url, 'SELECT value FROM kept')).toEqual([{ value: 9 }])

  process.kill(second.ownerPid, 'SIGKILL')
  expect(await isGoneWithin(second.pid, 8_000)).toBe(true)
})

test('a kill of the process that started it leaves nothing running', async () => {
  copyMade(options.dir)
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

test('a lock file whose pid now belongs to another program does not prevent a start', async () => {
  copyMade(options.dir)
  const first = await start()
  await first.stop()
  writeFileSync(path.join(options.dir, 'data/postmaster.pid'), `${process.pid}\n`)

  expect(await query((await start()).url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('the next folder copies the template, with another password', async () => {
  const template = path.join(path.dirname(options.dir), 'template')
  const first = await start({ ...options, template, password: "it's mine" })
  await query(first.url, 'CREATE TABLE only_here AS SELECT 1 AS value')
  await vi.waitFor(() => expect(existsSync(template)).toBe(true), 20_000)
  const port = (await freePorts(1))[0]!
  const copied = { dir: `${options.dir}-2`, port, template, password: 'another one' }
  const second = await start(copied)
  expect(await query(second.url, "SELECT to_regclass('only_here') AS found")).toEqual([
    { found: null },
  ])
  for (const password of ["it's mine", 'postgres', '']) {
    const url = `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`
    await expect(query(url, 'SELECT 1')).rejects.toThrow(/password/)
  }
})

test('a template that cannot be copied is no reason not to start', async () => {
  const template = path.join(path.dirname(options.dir), 'template')
  writeFileSync(template, 'not a folder')
  const server = await start({ ...options, template })
  expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('another password is refused with a sentence, and nothing keeps running', async () => {
  copyMade(options.dir)
  const first = await start()
  await first.stop()

  const other = startEmbeddedPostgres({ ...options, password: 'other' })
  await expect(other).rejects.toThrow('its data were made with another one')
  expect(existsSync(path.join(options.dir, 'data/postmaster.pid'))).toBe(false)
})

test('a port in use is reported', async () => {
  copyMade(options.dir)
  const first = await start()
  const elsewhere = { ...options, dir: `${options.dir}-2` }
  copyMade(elsewhere.dir)
  await expect(startEmbeddedPostgres(elsewhere)).rejects.toThrow(/could not bind|did not start/)
  expect(isAlive(first.pid)).toBe(true)
})

test.runIf(isRoot)('a folder only root may enter is named, or avoided', async () => {
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
    const server = await startEmbeddedPostgres(inside)
    running.push(server)
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  }
})

function accountOrSentence(paths: readonly string[]) {
  try {
    return choosePostgresAccount(paths)
  } catch (error) {
    return String(error)
  }
}

function newDir(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'postgres-'))
  chmodSync(dir, 0o755)
  return dir
}

/** With its owner and modes, which Node's own copy does not keep. */
function copyMade(dir: string): void {
  execFileSync('cp', ['-a', made, dir])
}

async function start(given = options): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres(given)
  running.push(server)
  return server
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query(sql)
  await client.end()
  return rows
}

function isAlive(pid: number): boolean {
  return isServerOf(pid, path.join(options.dir, 'data'))
}

async function isGoneWithin(pid: number, milliseconds: number): Promise<boolean> {
  for (let waited = 0; waited < milliseconds && isAlive(pid); waited += 50) await sleep(50)
  return !isAlive(pid)
}
