import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { freePorts } from '../installation/addresses.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../testing/startPostgres.ts'
import {
  copyWhole,
  testPassword as password,
  postgresRoot,
  queryPostgres,
  startTestPostgres,
} from '../testing/testPostgres.ts'
import { choosePostgresAccount, findBarrier } from './postgresAccount.ts'
import { isServerOf } from './postgresLeftover.ts'
import type { PostgresOptions } from './postgresServer.ts'

/** What seldom happens to a start; the rest is in `postgres.test.ts`. */
let options: PostgresOptions
let running: EmbeddedPostgres[]
/** A stopped installation to copy. */
let made: string
const isRoot = process.getuid?.() === 0

beforeAll(async () => {
  made = path.join(postgresRoot(), 'postgres')
  await startTestPostgres(made, null)
})
afterAll(() => rmSync(path.dirname(made), { recursive: true, force: true }))

beforeEach(async () => {
  const dir = path.join(postgresRoot(), 'postgres')
  options = { dir, port: (await freePorts(1))[0]!, password, template: null }
  running = []
})

afterEach(async () => {
  await Promise.all(running.map((each) => each.stop()))
  rmSync(path.dirname(options.dir), { recursive: true, force: true })
})

test('a lock file whose pid now belongs to another program does not prevent a start', async () => {
  copyWhole(made, options.dir)
  const first = await start()
  await first.stop()
  writeFileSync(path.join(options.dir, 'data/postmaster.pid'), `${process.pid}\n`)

  expect(await queryPostgres((await start()).url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('a template that cannot be copied is no reason not to start', async () => {
  const template = path.join(path.dirname(options.dir), 'template')
  writeFileSync(template, 'not a folder')
  const server = await start({ ...options, template })
  expect(await queryPostgres(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('a port in use is reported', async () => {
  copyWhole(made, options.dir)
  const first = await start()
  const elsewhere = { ...options, dir: `${options.dir}-2` }
  copyWhole(made, elsewhere.dir)
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

async function start(given = options): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres(given)
  running.push(server)
  return server
}

function isAlive(pid: number): boolean {
  return isServerOf(pid, path.join(options.dir, 'data'))
}
