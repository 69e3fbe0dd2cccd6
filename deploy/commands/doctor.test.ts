import { chmodSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { readConfig } from '../installation/config.ts'
import { forgetRunning, noteRunning } from '../installation/running.ts'
import { keepProcessTable } from '../supervise/processTable.ts'
import {
  checkApi,
  checkClock,
  checkFolder,
  checkInstallation,
  checkPermissions,
  checkProcesses,
} from './doctor.ts'
import { runningConfigOf } from './settings.ts'

const dir = mkdtempSync(path.join(os.tmpdir(), 'wattproof-doctor-'))

afterEach(() => {
  forgetRunning()
  vi.unstubAllEnvs()
})

test('it examines the installation that is up, unless a flag names another', () => {
  vi.stubEnv('HOME', mkdtempSync(path.join(os.tmpdir(), 'wattproof-doctor-home-')))
  expect(checkInstallation(runningConfigOf({ dir }))).toMatchObject({ state: 'unknown' })
  noteRunning({ dir, url: 'http://127.0.0.1:8433' })
  const found = runningConfigOf({})
  expect(found).toMatchObject({ dir, port: 8433, url: 'http://127.0.0.1:8433' })
  const sentence = `${dir} is up at http://127.0.0.1:8433`
  expect(checkInstallation(found)).toEqual({ what: 'installation', state: 'good', sentence })
  expect(runningConfigOf({ port: '8434' })).toMatchObject({ dir, port: 8434 })
  expect(runningConfigOf({ dir: os.tmpdir() })).toMatchObject({ dir: os.tmpdir(), port: 8420 })
})

test('a folder that does not exist is said not to, and is not made', () => {
  expect(checkFolder({ dir })).toMatchObject({ state: 'good', sentence: `${dir} can be written` })
  const none = path.join(dir, 'a', 'none')
  const sentence = `${none} does not exist yet; it can be made`
  expect(checkFolder({ dir: none })).toMatchObject({ state: 'good', sentence })
  expect(existsSync(path.dirname(none))).toBe(false)
  writeFileSync(path.join(dir, 'file'), '')
  const inFile = path.join(dir, 'file', 'x')
  expect(checkFolder({ dir: inFile })).toMatchObject({ state: 'bad' })
})

test('what other users can reach is named, with what to run', () => {
  const open = mkdtempSync(path.join(os.tmpdir(), 'wattproof-doctor-open-'))
  mkdirSync(path.join(open, 'chain'), { mode: 0o700 })
  writeFileSync(path.join(open, 'token'), '', { mode: 0o600 })
  expect(checkPermissions({ dir: open })).toMatchObject({ state: 'good' })
  writeFileSync(path.join(open, 'chain', 'chain.json'), '')
  for (const [entry, mode] of [
    ['chain/chain.json', 0o604],
    ['chain', 0o750],
    ['.', 0o711],
  ] as const)
    chmodSync(path.join(open, entry), mode)
  const list = `${open}, ${open}/chain, ${open}/chain/chain.json`
  const sentence = `other users can reach ${list}; run \`chmod -R go= ${open}\``
  expect(checkPermissions({ dir: open })).toEqual({ what: 'permissions', state: 'bad', sentence })
  expect(checkPermissions({ dir: path.join(open, 'none') })).toMatchObject({ state: 'good' })
})

test('a clock that agrees with every reference is good', async () => {
  const config = readConfig({ WATTPROOF_DIR: dir }, {})
  expect(await checkClock(config)).toMatchObject({ what: 'clock', state: 'good' })
})

test('a clock before the last write to the folder is bad', async () => {
  writeFileSync(path.join(dir, 'origin'), '')
  const config = readConfig({ WATTPROOF_DIR: dir }, {})
  const finding = await checkClock(config, Date.now() - 120_000)
  expect(finding.state).toBe('bad')
  expect(finding.sentence).toContain('the newest file of this folder shows')
})

test('a clock two minutes off the engine’s is bad, ten seconds off is not', async () => {
  const server = http.createServer((_, response) => response.end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const config = readConfig({ WATTPROOF_DIR: dir, VIEWS_URL: `http://user:pw@${host}/?x=1` }, {})
  const off = await checkClock(config, Date.now() + 120_000)
  expect(off.state).toBe('bad')
  expect(off.sentence).toContain(`but ${host} shows`)
  const near = await checkClock(config, Date.now() + 10_000)
  expect(near.state).toBe('good')
  expect(near.sentence).toContain(`agrees with ${host}`)
  server.close()
})

test('what was replaced is listed, with how often and why', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'wattproof-doctor-'))
  expect(checkProcesses({ dir: folder })).toMatchObject({ state: 'good' })
  mkdirSync(path.join(folder, 'supervisor'))
  const table = keepProcessTable(folder, () => {})
  table.replaced('speed', 'SIGKILL')
  table.replaced('speed', 'it was stopped for 10 s')
  const { state, sentence } = checkProcesses({ dir: folder })
  expect(state).toBe('unknown')
  expect(sentence).toMatch(/^started again: speed 2 times, last at 2.*\(it was stopped for 10 s\)$/)
})

test('where nobody answers it says what it asked for and what to do', async () => {
  const server = http.createServer((_, response) => response.end('{}'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  expect(await checkApi(url)).toMatchObject({ state: 'good' })
  await new Promise((resolve) => server.close(resolve))
  const { state, sentence } = await checkApi(url)
  expect(state).toBe('bad')
  expect(sentence).toContain(`tried GET ${url}/api/v1/status`)
  expect(sentence).toContain(`Start it with \`wattproof up --port ${port}\``)
})
