import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { shortageOf } from './supervise/shortage.ts'
import { isAlive } from './testing/isAlive.ts'
import { mountSmallDisk, noSmallDisk } from './testing/smallDisk.ts'

type Project = {
  readonly root: string
  readonly rooms: string[]
  readonly programs: string[]
  /** Time for a build. */
  readonly ms?: number
  readonly cache: string
}
type Bundler = { openBundle(project: Project): Promise<string | null> }

const bundler = new URL('bundle.mjs', import.meta.url).href
const { openBundle }: Bundler = await import(bundler)

const dayMs = 24 * 3600 * 1000
const reader = `import { readFileSync } from 'node:fs'
console.log(readFileSync(new URL('query.sql', import.meta.url), 'utf8'))`
let project: Project

beforeEach(() => {
  const root = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'wattproof-bundle-'))
  project = { root, rooms: ['room'], programs: ['room/main.ts'], cache: 'wattproof' }
  write('package.json', '{ "type": "module" }')
  write('node_modules/.package-lock.json', '{}')
  write('room/main.ts', reader)
  write('room/query.sql', 'SELECT 1')
})

afterEach(() => fs.rmSync(project.root, { recursive: true }))

test('a bundle is built once, and opening it marks it as used', async () => {
  const folder = await open()
  setAge(folder, 6 * dayMs)
  expect(await open()).toBe(folder)
  expect(Date.now() - fs.statSync(folder).mtimeMs).toBeLessThan(dayMs)
  expect(listCache()).toEqual([path.basename(folder)])
})

test('a pull leaves a running bundle alone; one unused for a week is deleted', async () => {
  const unused = await open()
  write('room/query.sql', 'SELECT 2')
  const running = await open()
  setAge(unused, 8 * dayMs)
  setAge(running, 2 * dayMs)
  write('room/query.sql', 'SELECT 3')
  const current = await open()
  const kept = [running, current].map((each) => path.basename(each))
  expect(listCache()).toEqual(kept.sort())
})

test('a kill in mid-deletion leaves nothing that is taken for a bundle, nor for long', async () => {
  const unused = await open()
  write('room/query.sql', 'SELECT 2')
  const current = await open()
  setAge(unused, 8 * dayMs)
  write('room/query.sql', 'SELECT 3')
  openBrokenly("fs.rmSync = (folder) => folder.includes('.unused') && process.kill(process.pid, 9)")
  const [left = '', ...others] = listCache().filter((each) => each !== path.basename(current))
  expect([left, others]).toEqual([expect.stringMatching(/\.unused$/), []])
  expect(fs.existsSync(unused)).toBe(false)

  const newest = await open()
  expect(listCache()).toEqual([current, newest].map((each) => path.basename(each)).sort())
})

test('an old bundle reads the files of its own sources', async () => {
  const old = await open()
  write('room/query.sql', 'SELECT 2')
  const current = await open()
  expect([run(old), run(current)]).toEqual(['SELECT 1', 'SELECT 2'])
})

test('another installed package makes another bundle', async () => {
  const before = await open()
  write('package-lock.json', '{ "packages": {} }')
  expect(await open()).toBe(before)
  write('node_modules/.package-lock.json', '{ "packages": {} }')
  expect(await open()).not.toBe(before)
})

test('sources that change during the build are bundled again', async () => {
  const opening = openBundle(project)
  write('room/query.sql', 'SELECT 2')
  const folder = await opening
  expect(run(folder!)).toBe('SELECT 2')
  expect(await open()).toBe(folder)
  expect(listCache()).toEqual([path.basename(folder!)])
})

test('concurrent builders share one bundle', async () => {
  const folders = await Promise.all(Array.from({ length: 6 }, open))
  expect(new Set(folders).size).toBe(1)
  expect(listCache()).toEqual([path.basename(folders[0]!)])
})

test('a folder that another builder has just renamed is passed over', async () => {
  const old = await open()
  // Listed, but gone when it is looked at.
  fs.symlinkSync('gone', `${old}.gone`)
  write('room/query.sql', 'SELECT 2')
  expect(run(await open())).toBe('SELECT 2')
})

// The superuser may mark any file: only a file system that refuses shows it.
test('a bundle that cannot be marked as used is used', async () => {
  const folder = await open()
  const refusal = "throw Object.assign(new Error('refused'), { code: 'EROFS' })"
  expect(openBrokenly(`fs.utimesSync = () => { ${refusal} }`)).toBe(folder)
})

/** Those of a folder of another user, and all that a supervisor waits for. */
const refusals = Object.keys(os.constants.errno).filter((code) => {
  const isShort = shortageOf({ code }) !== null && code !== 'EADDRINUSE'
  return isShort || ['EACCES', 'EPERM'].includes(code)
})

test.each(refusals)('the sources run as they are where nothing can be written: %s', (code) => {
  const refusal = `throw Object.assign(new Error('refused'), { code: '${code}' })`
  expect(openBrokenly(`fs.mkdirSync = () => { ${refusal} }`)).toBe('null')
})

test.skipIf(noSmallDisk !== null)(
  'a full disk: esbuild is not started, and the sources run as they are',
  () => {
    const disk = mountSmallDisk(1)
    try {
      fs.symlinkSync(disk.dir, path.join(project.root, 'node_modules/.cache'))
      fs.mkdirSync(path.join(disk.dir, project.cache))
      disk.fill()
      expect(openBrokenly('')).toBe('null')
    } finally {
      disk.unmount()
    }
  },
)

test('an esbuild that never answers is given up, with a sentence, and does not stay', () => {
  const hung = path.join(project.root, 'hung')
  const pidFile = path.join(project.root, 'pid')
  fs.writeFileSync(hung, `#!/bin/sh\necho $$ > ${pidFile}\nexec sleep 600\n`, { mode: 0o755 })
  const script = `const { openBundle } = await import(${JSON.stringify(bundler)})
console.log(await openBundle(${JSON.stringify({ ...project, ms: 500 })}))`
  const ended = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, ESBUILD_BINARY_PATH: hung },
    timeout: 60_000,
  })
  expect(ended.stdout.toString().trim()).toBe('null')
  const said = 'esbuild has not built the program in 0.5 s and is given up: the sources run as'
  expect(ended.stderr.toString()).toContain(said)
  expect(ended.status).toBe(0)
  expect(listCache()).toEqual([])
  expect(isAlive(Number(fs.readFileSync(pidFile, 'utf8')))).toBe(false)
})

/** Opens the bundle in a process with another file system. */
function openBrokenly(breakage: string): string {
  const script = `import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
${breakage}
syncBuiltinESMExports()
const { openBundle } = await import(${JSON.stringify(bundler)})
console.log(await openBundle(${JSON.stringify(project)}))`
  const ended = spawnSync(process.execPath, ['--input-type=module', '-e', script])
  return ended.stdout.toString().trim()
}

async function open(): Promise<string> {
  const folder = await openBundle(project)
  expect(folder).not.toBeNull()
  return folder!
}

function run(folder: string): string {
  return execFileSync(process.execPath, [path.join(folder, 'room/main.mjs')])
    .toString()
    .trim()
}

function write(file: string, text: string): void {
  const target = path.join(project.root, file)
  fs.mkdirSync(path.dirname(target), { recursive: true })
  fs.writeFileSync(target, text)
}

function setAge(folder: string, ageMs: number): void {
  const then = new Date(Date.now() - ageMs)
  fs.utimesSync(folder, then, then)
}

function listCache(): string[] {
  return fs.readdirSync(path.join(project.root, 'node_modules/.cache/wattproof')).sort()
}
