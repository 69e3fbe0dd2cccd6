import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { typeScriptArgs } from '../process/runtime.ts'
import { writeOnce, writeWhole } from './writeWhole.ts'

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
  expect(writeOnFullDisk(`writeOnce('${file}', 'x'.repeat(1_500_000), 0o600)`)).toBe('EFBIG')
  expect(readdirSync(path.dirname(file))).toEqual([])
  writeOnce(file, 'first', 0o600)
  writeOnce(file, 'second', 0o600)
  expect(readFileSync(file, 'utf8')).toBe('first')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readdirSync(path.dirname(file))).toEqual(['secret'])
})
