import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { clientOf } from '../commands/settings.ts'
import { forgetRunning, listRunning, noteRunning } from './running.ts'

const house = { dir: '/var/lib/wattproof', url: 'http://127.0.0.1:18420' }
let home: string

beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'wattproof-home-'))
  vi.stubEnv('HOME', home)
})
afterEach(() => void vi.unstubAllEnvs())

test('what is up is found until it ends', () => {
  expect(listRunning()).toEqual([])
  noteRunning(house)
  expect(listRunning()).toEqual([house])
  forgetRunning()
  expect(listRunning()).toEqual([])
})

test('a note of a process that is gone is not believed', () => {
  noteRunning(house)
  const gone = { ...house, dir: '/gone', supervisor: { pid: process.pid, start: 'before' } }
  const file = path.join(home, '.local/state/wattproof/running/1.json')
  writeFileSync(file, JSON.stringify(gone))
  expect(listRunning()).toEqual([house])
})

test('a home that cannot be written to hinders nothing', () => {
  vi.stubEnv('HOME', '/dev/null')
  noteRunning(house)
  expect(listRunning()).toEqual([])
})

test('of several a command wants to know which', () => {
  noteRunning(house)
  const other = { ...house, dir: '/srv/other', supervisor: supervisorOf(home) }
  writeFileSync(path.join(home, '.local/state/wattproof/running/2.json'), JSON.stringify(other))
  expect(() => clientOf({})).toThrow('say which by --dir: /var/lib/wattproof, /srv/other.')
  expect(() => clientOf({ dir: '/srv/other' })).not.toThrow()
})

function supervisorOf(folder: string): unknown {
  const file = path.join(folder, `.local/state/wattproof/running/${process.pid}.json`)
  return (JSON.parse(readFileSync(file, 'utf8')) as { supervisor: unknown }).supervisor
}
