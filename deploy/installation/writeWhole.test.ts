import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { typeScriptArgs } from '../process/runtime.ts'
import { removeUnfinished, writeOnce, writeWhole } from './writeWhole.ts'

const newDir = () => mkdtempSync(path.join(os.tmpdir(), 'wattproof-whole-'))

/** File size is limited to 1 MiB: as on a full disk, the write that reaches the limit is short. */
function writeOnFullDisk(call: string): string {
  const source =
    `import { writeOnce, writeWhole } from '${path.join(import.meta.dirname, 'writeWhole.ts')}';` +
    "process.on('SIGXFSZ', () => {});" +
    `try { ${call} } catch (error) { process.stdout.write(error.code) }`
  const node = [process.execPath, ...typeScriptArgs, '--input-type=module', '-e', source]
  const limited = ['-c', 'ulimit -f 1024 && exec "$@"', 'bash', ...node]
  return execFileSync('bash', limited, { encoding: 'utf8' }).trim()
}

test('a write that does not fit on disk leaves the old file and nothing else', () => {
  const file = path.join(newDir(), 'state')
  writeWhole(file, 'good')
  const call = `writeWhole('${file}', new Uint8Array(1_500_000))`
  expect(writeOnFullDisk(call)).toBe('EFBIG')
  expect(readFileSync(file, 'utf8')).toBe('good')
  expect(readdirSync(path.dirname(file))).toEqual(['state'])
})

test('a write-once file is complete or absent', () => {
  const file = path.join(newDir(), 'secret')
  expect(writeOnFullDisk(`writeOnce('${file}', 'x'.repeat(1_500_000))`)).toBe('EFBIG')
  expect(readdirSync(path.dirname(file))).toEqual([])
  expect(writeOnce(file, 'first')).toBe(true)
  expect(writeOnce(file, 'second')).toBe(false)
  expect(readFileSync(file, 'utf8')).toBe('first')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readdirSync(path.dirname(file))).toEqual(['secret'])
})

test('what killed writers left is removed, and what a running one writes is kept', () => {
  const folder = newDir()
  const gone = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim()
  const [left, written] = [`state.${gone}.new`, `state.${process.pid}.new`]
  for (const name of ['state', 'state.new', left, written]) {
    writeFileSync(path.join(folder, name), 'half')
  }
  removeUnfinished(folder)
  expect(readdirSync(folder).sort()).toEqual(['state', written, 'state.new'].sort())
  removeUnfinished(path.join(folder, 'absent'))
})

test('two processes that write one file at once do not disturb each other', async () => {
  const file = path.join(newDir(), 'state')
  const source =
    `import { writeWhole } from '${path.join(import.meta.dirname, 'writeWhole.ts')}';` +
    `for (let n = 0; n < 200; n++) writeWhole('${file}', 'whole')`
  const node = [...typeScriptArgs, '--input-type=module', '-e', source]
  const run = promisify(execFile)
  await Promise.all([1, 2, 3].map(() => run(process.execPath, node)))
  expect(readFileSync(file, 'utf8')).toBe('whole')
  expect(readdirSync(path.dirname(file))).toEqual(['state'])
})

test.each([0o000, 0o077])('a file has its mode whatever the mask is (%o)', (mask) => {
  const dir = newDir()
  const before = process.umask(mask)
  writeWhole(path.join(dir, 'state'), '')
  writeOnce(path.join(dir, 'secret'), '')
  writeWhole(path.join(dir, 'pages'), '', 0o644)
  process.umask(before)
  const modes = ['state', 'secret', 'pages'].map((name) => statSync(path.join(dir, name)).mode)
  expect(modes.map((mode) => mode & 0o777)).toEqual([0o600, 0o600, 0o644])
})
