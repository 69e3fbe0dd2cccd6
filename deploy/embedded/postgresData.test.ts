import { execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { freePorts } from '../installation/addresses.ts'
import { projectRoot, typeScriptArgs } from '../process/runtime.ts'
import { startEmbeddedPostgres } from '../testing/startPostgres.ts'

const password = "it's mine"
const isRoot = process.getuid?.() === 0
/** A template to copy: to make one takes seconds. */
let kept: string
let root: string
let template: string

beforeAll(async () => {
  kept = path.join(newRoot(), 'template')
  await startAndStop({ template: kept })
  expect(fs.existsSync(kept)).toBe(true)
})
afterAll(() => fs.rmSync(path.dirname(kept), { recursive: true }))

beforeEach(() => {
  root = newRoot()
  template = path.join(root, 'template')
  execFileSync('cp', ['-a', kept, template])
  // So that a start that initialises again is noticed.
  fs.appendFileSync(path.join(template, 'postgresql.conf'), '# copied\n')
  const list = path.join(template, 'template.files')
  const size = fs.statSync(path.join(template, 'postgresql.conf')).size
  const text = fs.readFileSync(list, 'utf8').replace(/^\d+ postgresql.conf$/m, '')
  const lines = [...text.split('\n').filter(Boolean), `${size} postgresql.conf`]
  fs.writeFileSync(list, `${lines.sort().join('\n')}\n`)
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true, maxRetries: 5 }))

test('a new folder copies the template', async () => {
  const data = await startAndStop({ template })
  expect(isCopied(data)).toBe(true)
  expect(fs.existsSync(path.join(data, 'template.files'))).toBe(false)
  expect(fs.readdirSync(root).sort()).toEqual(['postgres', 'template'])
})

const damages: Record<string, (folder: string) => void> = {
  'that lacks a file': (folder) => fs.rmSync(path.join(folder, 'global/pg_control')),
  'whose pages are spoilt': (folder) => {
    const { size } = fs.statSync(path.join(folder, 'global/pg_control'))
    fs.writeFileSync(path.join(folder, 'global/pg_control'), Buffer.alloc(size, 7))
  },
  'that others may write': (folder) => fs.chmodSync(folder, 0o770),
}
for (const [what, damage] of Object.entries(damages)) {
  test(`a template ${what} is made anew, and the folder without it`, async () => {
    damage(template)
    const data = await startAndStop({ template })
    expect(isCopied(data)).toBe(false)
    expect(fs.readdirSync(root).sort()).toEqual(['postgres', 'template'])
    expect(fs.statSync(template).mode & 0o777).toBe(0o700)
    expect(fs.existsSync(path.join(template, 'global/pg_control'))).toBe(true)
    expect(fs.readFileSync(path.join(template, 'postgresql.conf'), 'utf8')).not.toContain('copied')
  })
}

test.runIf(isRoot)('a template belongs to the owner of its folder, or is not used', async () => {
  for (const entry of fs.readdirSync(kept, { recursive: true, encoding: 'utf8' })) {
    expect(fs.statSync(path.join(kept, entry))).toMatchObject({ uid: 0, gid: 0 })
  }
  expect(fs.statSync(kept)).toMatchObject({ uid: 0, gid: 0 })
  fs.chownSync(template, 12_345, 12_345)
  expect(isCopied(await startAndStop({ template }))).toBe(false)
})

test('a disk that hangs delays no start, and a stop leaves nothing half kept', async () => {
  const bin = path.join(root, 'bin')
  fs.mkdirSync(bin)
  fs.writeFileSync(path.join(bin, 'sync'), '#!/bin/sh\nexec sleep 20\n', { mode: 0o755 })
  fs.rmSync(template, { recursive: true })
  vi.stubEnv('PATH', `${bin}:${process.env.PATH}`)
  try {
    for (const name of ['one', 'two']) await startAndStop({ template, name, hangs: true })
  } finally {
    vi.unstubAllEnvs()
  }
  const left = () => fs.readdirSync(root).filter((each) => each.startsWith('template'))
  expect(left()).toEqual([])
})

test('what a kill leaves of a template keeps others off it for minutes, then goes', async () => {
  fs.rmSync(template, { recursive: true })
  const lock = `${template}.new`
  fs.mkdirSync(lock)
  await startAndStop({ template, hangs: true })
  expect(fs.readdirSync(root).sort()).toEqual(['postgres', 'template.new'])

  const hourAgo = new Date(Date.now() - 3600 * 1000)
  fs.utimesSync(lock, hourAgo, hourAgo)
  await startAndStop({ template, name: 'later' })
  expect(fs.readdirSync(root).sort()).toEqual(['later', 'postgres', 'template'])
})

test('a kill in mid-initdb ends it, and the next start makes the data', async () => {
  const dir = path.join(root, 'postgres')
  const [port = 0] = await freePorts(1)
  const options = { dir, port, password, template: null }
  const owner = spawn(
    process.execPath,
    [...typeScriptArgs, path.join(import.meta.dirname, 'postgresMain.ts')],
    { cwd: projectRoot, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] },
  )
  owner.send(options)
  await vi.waitFor(() => expect(initdbs(dir)).not.toEqual([]), { timeout: 20_000, interval: 5 })
  owner.kill('SIGKILL')
  const begun = fs.readdirSync(dir)
  const { url, stop } = await startEmbeddedPostgres(options)
  expect(await canLogIn(url)).toBe(true)
  await vi.waitFor(() => expect(initdbs(dir)).toEqual([]), { timeout: 5_000 })
  await stop()
  expect(begun).toEqual([expect.stringMatching(/^data\.new\./)])

  fs.mkdirSync(path.join(dir, 'data.new'))
  await (await startEmbeddedPostgres(options)).stop()
  expect(fs.readdirSync(dir)).toEqual(['data'])
})

type At = { readonly template: string; readonly name?: string; readonly hangs?: boolean }

/** @returns the folder with the data; a new template is waited for unless its disk hangs. */
async function startAndStop(at: At): Promise<string> {
  const dir = path.join(path.dirname(at.template), at.name ?? 'postgres')
  const [port = 0] = await freePorts(1)
  const server = await startEmbeddedPostgres({ dir, port, password, template: at.template })
  expect(await canLogIn(server.url)).toBe(true)
  const isMaking = () => !at.hangs && fs.existsSync(`${at.template}.new`)
  await vi.waitFor(() => expect(isMaking()).toBe(false), 20_000)
  await server.stop()
  return path.join(dir, 'data')
}

async function canLogIn(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.end()
  return true
}

function isCopied(data: string): boolean {
  return fs.readFileSync(path.join(data, 'postgresql.conf'), 'utf8').includes('# copied')
}

/** The pids of what creates data below a folder. */
function initdbs(dir: string): string[] {
  const processes = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,command=']).toString().split('\n')
  return processes.filter((each) => each.includes('initdb') && each.includes(`${dir}/data.new`))
}

function newRoot(): string {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(tmpdir()), 'postgres-data-'))
  fs.chmodSync(folder, 0o755)
  return folder
}
