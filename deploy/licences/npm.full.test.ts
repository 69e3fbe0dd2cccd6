import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import http, { type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { audit, countSevere } from './audit.ts'
import { makeSbom } from './sbom.ts'

/** npm itself, against registries of this file. */
let server: http.Server | undefined

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

async function listen(answer: RequestListener): Promise<string> {
  server = http.createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

test('npm makes an SBOM of this lock file without a registry', () => {
  expect(() => execFileSync('npm', ['--version'])).not.toThrow()
  const sbom = makeSbom()
  expect(sbom.bomFormat).toBe('CycloneDX')
  const names = new Set(sbom.components.map(({ name }) => name))
  for (const name of ['fastify', 'chdb', 'lmdb', 'vitest']) expect(names.has(name)).toBe(true)
})

test('a registry that does not answer an audit fails nobody', async () => {
  const registry = await listen((_, reply) => reply.writeHead(405).end())
  const answer = await audit({ registry, msMax: 20_000 })
  expect(answer).toMatchObject({ isAnswered: false, reason: expect.stringContaining('405') })
})

test('a registry that never answers is not waited for', async () => {
  const registry = await listen(() => {})
  expect(await audit({ registry, msMax: 1_000 })).toMatchObject({ isAnswered: false })
})

test('a known vulnerability is counted', async () => {
  const advisory = {
    ...{ id: 1, url: 'https://example.org/1', title: 'an example', severity: 'critical' },
    ...{ vulnerable_versions: '*', cwe: [], cvss: { score: 9, vectorString: null } },
  }
  const registry = await listen((request, reply) => {
    const isAsked = request.url?.endsWith('/advisories/bulk')
    reply.writeHead(isAsked ? 200 : 404, { 'content-type': 'application/json' })
    reply.end(JSON.stringify(isAsked ? { lmdb: [advisory] } : {}))
  })
  const answer = await audit({ registry, msMax: 30_000 })
  expect(answer).toMatchObject({ isAnswered: true })
  expect(answer.isAnswered && countSevere(answer)).toBe(1)
})
