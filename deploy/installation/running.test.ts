import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { clientOf } from '../commands/settings.ts'
import { forgetRunning, listRunning, noteRunning } from './running.ts'

const installation = { dir: '/var/lib/wattproof', url: 'http://127.0.0.1:18420' }
let home: string

beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'wattproof-home-'))
  vi.stubEnv('HOME', home)
})
afterEach(() => void vi.unstubAllEnvs())

test('a running installation is found until it ends', () => {
  expect(listRunning()).toEqual([])
  noteRunning(installation)
  expect(listRunning()).toEqual([installation])
  forgetRunning()
  expect(listRunning()).toEqual([])
})

test('a record of a process that is gone is ignored', () => {
  noteRunning(installation)
  const gone = { ...installation, dir: '/gone', supervisor: { pid: process.pid, start: 'before' } }
  const file = path.join(home, '.local/state/wattproof/running/1.json')
  writeFileSync(file, JSON.stringify(gone))
  expect(listRunning()).toEqual([installation])
})

test('a record that a power cut left empty hides no other', () => {
  noteRunning(installation)
  const folder = path.join(home, '.local/state/wattproof/running')
  for (const [at, text] of ['', '{}', '{"dir":"/x","url":7}'].entries()) {
    writeFileSync(path.join(folder, `${at + 1}.json`), text)
  }
  expect(listRunning()).toEqual([installation])
})

test('a read-only home directory does not prevent a start', () => {
  vi.stubEnv('HOME', '/dev/null')
  noteRunning(installation)
  expect(listRunning()).toEqual([])
})

test('with several running, a command asks which one', () => {
  noteRunning(installation)
  const dir = path.join(home, 'other')
  mkdirSync(dir)
  writeFileSync(path.join(dir, 'token'), 'secret')
  const other = { ...installation, dir, supervisor: supervisorOf(home) }
  writeFileSync(path.join(home, '.local/state/wattproof/running/2.json'), JSON.stringify(other))
  expect(() => clientOf({})).toThrow(`choose one with --dir: ${dir}, /var/lib/wattproof.`)
  expect(() => clientOf({ dir })).not.toThrow()
})

function supervisorOf(folder: string): unknown {
  const file = path.join(folder, `.local/state/wattproof/running/${process.pid}.json`)
  return (JSON.parse(readFileSync(file, 'utf8')) as { supervisor: unknown }).supervisor
}
