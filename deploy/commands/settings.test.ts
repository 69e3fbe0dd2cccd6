import { mkdtempSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { forgetRunning, noteRunning } from '../installation/running.ts'
import { clientOf } from './settings.ts'

const token = 'the-token-of-this-folder'
const dir = mkdtempSync(path.join(os.tmpdir(), 'wattproof-settings-'))
writeFileSync(path.join(dir, 'token'), `${token}\n`)
/** Echoes the token it was sent, and refuses requests without one. */
const server = http.createServer((request, response) => {
  const sent = request.headers.authorization
  response.writeHead(sent ? 200 : 401, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ sent, detail: 'This wants a token.' }))
})
let port = 0

beforeAll(async () => {
  vi.stubEnv('WATTPROOF_DIR', dir)
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  vi.unstubAllEnvs()
  server.close()
})

const sent = (options: { host: string; dir?: string; token?: string }) => {
  const { host, ...rest } = options
  return clientOf({ url: `http://${host}:${port}`, ...rest }).get('/status')
}

test.each(['127.0.0.1', 'localhost'])('the folder’s token is sent to %s', async (host) => {
  expect(await sent({ host })).toMatchObject({ sent: `Bearer ${token}` })
})

// 0.0.0.0 reaches this machine too, but it is not loopback, so it counts as remote.
test('a remote installation does not get the token, and the error says what to give', async () => {
  await expect(sent({ host: '0.0.0.0' })).rejects.toThrow(
    'This wants a token. Give --token or WATTPROOF_TOKEN; DIR/token is sent to this machine only',
  )
})

test('a folder that was named and has no installation is refused', async () => {
  const empty = mkdtempSync(path.join(os.tmpdir(), 'wattproof-empty-'))
  const nowhere = path.join(empty, 'nope')
  for (const dir of [empty, nowhere]) {
    const sentence = `There is no installation in ${dir}; `
    expect(() => clientOf({ dir })).toThrow(sentence)
    expect(() => clientOf({ dir, url: `http://127.0.0.1:${port}` })).toThrow(sentence)
  }
})

test('a folder that was named is not taken for the installation that is up', () => {
  vi.stubEnv('HOME', mkdtempSync(path.join(os.tmpdir(), 'wattproof-home-')))
  noteRunning({ dir: '/other', url: 'http://127.0.0.1:8420' })
  try {
    expect(() => clientOf({ dir })).toThrow(
      `${dir} is not up; http://127.0.0.1:8420 is /other. \`wattproof up --dir ${dir}\` starts it.`,
    )
  } finally {
    forgetRunning()
  }
})

test('a remote installation gets a token given for it', async () => {
  const given = 'a-token-given-for-it'
  expect(await sent({ host: '0.0.0.0', token: given })).toMatchObject({ sent: `Bearer ${given}` })
  expect(await sent({ host: '0.0.0.0', dir })).toMatchObject({ sent: `Bearer ${token}` })
})
