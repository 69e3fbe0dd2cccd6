import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import {
  copiedOptions,
  isServing,
  ownOptions,
  start,
  usePostgresFolders,
} from '../testing/postgresFolders.ts'
import { startEmbeddedPostgres } from '../testing/startPostgres.ts'
import { queryPostgres } from '../testing/testPostgres.ts'
import { choosePostgresAccount, findBarrier } from './postgresAccount.ts'

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

test('a port in use is reported', async () => {
  const options = copiedOptions()
  const first = await start(options)
  const elsewhere = copiedOptions(`${options.dir}-2`)
  await expect(startEmbeddedPostgres(elsewhere)).rejects.toThrow(/could not bind|did not start/)
  expect(isServing(first.pid)).toBe(true)
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
