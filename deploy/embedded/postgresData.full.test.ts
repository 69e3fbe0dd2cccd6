import { execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { expect, test, vi } from 'vitest'
import { projectRoot } from '../process/runtime.ts'
import { engineArgs } from '../testing/engineArgs.ts'
import {
  at,
  expectMadeAnew,
  isCopied,
  templatePassword as password,
  startEmbeddedOnce,
  useTemplates,
} from '../testing/postgresTemplates.ts'
import { startEmbeddedPostgres } from '../testing/startPostgres.ts'
import { queryPostgres } from '../testing/testPostgres.ts'

const isRoot = process.getuid?.() === 0
useTemplates()

test('a template whose pages are damaged is made anew, and the folder without it', () =>
  expectMadeAnew((template) => {
    const control = path.join(template, 'global/pg_control')
    fs.writeFileSync(control, Buffer.alloc(fs.statSync(control).size, 7))
  }))

test('a template that others may write is made anew, and the folder without it', () =>
  expectMadeAnew((template) => fs.chmodSync(template, 0o770)))

test.runIf(isRoot)('a template belongs to the owner of its folder, or is not used', async () => {
  const { kept, template } = at
  for (const entry of fs.readdirSync(kept, { recursive: true, encoding: 'utf8' })) {
    expect(fs.statSync(path.join(kept, entry))).toMatchObject({ uid: 0, gid: 0 })
  }
  expect(fs.statSync(kept)).toMatchObject({ uid: 0, gid: 0 })
  fs.chownSync(template, 12_345, 12_345)
  expect(isCopied(await startEmbeddedOnce({ template }))).toBe(false)
})

test('a disk that hangs delays no start, and a stop leaves nothing half kept', async () => {
  const { root, template } = at
  const bin = path.join(root, 'bin')
  fs.mkdirSync(bin)
  fs.writeFileSync(path.join(bin, 'sync'), '#!/bin/sh\nexec sleep 20\n', { mode: 0o755 })
  fs.rmSync(template, { recursive: true })
  vi.stubEnv('PATH', `${bin}:${process.env.PATH}`)
  try {
    for (const name of ['one', 'two']) await startEmbeddedOnce({ template, name, hangs: true })
  } finally {
    vi.unstubAllEnvs()
  }
  const left = () => fs.readdirSync(root).filter((each) => each.startsWith('template'))
  expect(left()).toEqual([])
})

test('what a kill leaves of a template keeps others off it for minutes, then goes', async () => {
  const { root, template } = at
  fs.rmSync(template, { recursive: true })
  const lock = `${template}.new`
  fs.mkdirSync(lock)
  await startEmbeddedOnce({ template, hangs: true })
  expect(fs.readdirSync(root).sort()).toEqual(['postgres', 'template.new'])

  const hourAgo = new Date(Date.now() - 3600 * 1000)
  fs.utimesSync(lock, hourAgo, hourAgo)
  await startEmbeddedOnce({ template, name: 'later' })
  expect(fs.readdirSync(root).sort()).toEqual(['later', 'postgres', 'template'])
})

test('a kill in mid-initdb ends it, and the next start makes the data', async () => {
  const dir = path.join(at.root, 'postgres')
  const options = { dir, password, template: null }
  const owner = spawn(process.execPath, await engineArgs('deploy/embedded/postgresMain.ts'), {
    cwd: projectRoot,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  owner.send(options)
  await vi.waitFor(() => expect(initdbs(dir)).not.toEqual([]), { timeout: 20_000, interval: 5 })
  owner.kill('SIGKILL')
  const begun = fs.readdirSync(dir)
  const { url, stop } = await startEmbeddedPostgres(options)
  expect(await queryPostgres(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  await vi.waitFor(() => expect(initdbs(dir)).toEqual([]), { timeout: 5_000 })
  await stop()
  expect(begun).toEqual([expect.stringMatching(/^data\.new\./)])

  fs.mkdirSync(path.join(dir, 'data.new'))
  await (await startEmbeddedPostgres(options)).stop()
  expect(fs.readdirSync(dir)).toEqual(['data'])
})

/** The pids of what creates data below a folder. */
function initdbs(dir: string): string[] {
  const processes = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,command=']).toString().split('\n')
  return processes.filter((each) => each.includes('initdb') && each.includes(`${dir}/data.new`))
}
