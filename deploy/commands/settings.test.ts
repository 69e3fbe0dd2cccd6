import { mkdtempSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { clientOf } from './settings.ts'

const token = 'the-token-of-this-folder'
const dir = mkdtempSync(path.join(os.tmpdir(), 'wattproof-settings-'))
writeFileSync(path.join(dir, 'token'), `${token}\n`)
/** Answers what it was told, and refuses who tells it nothing. */
const server = http.createServer((request, response) => {
  const told = request.headers.authorization
  response.writeHead(told ? 200 : 401, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ told, detail: 'This wants a token.' }))
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

const told = (options: { host: string; dir?: string; token?: string }) => {
  const { host, ...rest } = options
  return clientOf({ url: `http://${host}:${port}`, ...rest }).get('/status')
}

test.each(['127.0.0.1', 'localhost'])('the folder’s token is sent to %s', async (host) => {
  expect(await told({ host })).toMatchObject({ told: `Bearer ${token}` })
})

// 0.0.0.0 leads to this machine too, but it is not the loopback address: it is another house.
test('another house is not told it, and the error says what to give', async () => {
  await expect(told({ host: '0.0.0.0' })).rejects.toThrow(
    'This wants a token. Give --token or WATTPROOF_TOKEN; DIR/token is sent to this machine only',
  )
})

test('it is told what is meant for it', async () => {
  const given = 'a-token-given-for-it'
  expect(await told({ host: '0.0.0.0', token: given })).toMatchObject({ told: `Bearer ${given}` })
  expect(await told({ host: '0.0.0.0', dir })).toMatchObject({ told: `Bearer ${token}` })
})
