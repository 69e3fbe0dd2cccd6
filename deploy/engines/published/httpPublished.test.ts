import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { InvalidArgumentError, RetryableError } from '../../../schemas/errors/wattproofError.ts'
import type { Address } from '../../../schemas/ids.ts'
import { toJson } from '../../../schemas/units.ts'
import { buildSettlement } from '../../../serving/settlement/buildSettlement.ts'
import { exampleInputs } from '../../../serving/settlement/testing/exampleEvent.ts'
import { openHttpPublished } from './httpPublished.ts'

type Asked = { method: string; url: string; token: string; body: string }

const { published } = buildSettlement(exampleInputs())
const verdict = { validator: `0x${'aa'.repeat(20)}` as Address, signature: null, refusal: 'No.' }
const asked: Asked[] = []
let answer: (response: ServerResponse, count: number) => void
let server: Server
let url: string

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const { method = '', headers } = request
    const token = headers.authorization ?? ''
    asked.push({ method, url: request.url ?? '', token, body: Buffer.concat(parts).toString() })
    answer(response, asked.length)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

test('a settlement is requested with the token and decoded completely', async () => {
  answer = (response) => response.end(toJson(published))
  expect(await open().published(3)).toEqual(published)
  expect(asked.at(-1)).toMatchObject({
    method: 'GET',
    url: '/api/v1/anchors/3/published',
    token: 'Bearer secret',
  })
})

test('an unavailable settlement is null; a malformed one is refused', async () => {
  answer = (response) => response.writeHead(404).end('{}')
  expect(await open().published(4)).toBe(null)
  answer = (response) => response.end(toJson({ ...published, members: 'none' }))
  await expect(open().published(4)).rejects.toThrow(/not a published settlement: members/)
})

test('a verdict is posted; the reason of a refusal is passed on', async () => {
  answer = (response) => response.end('{}')
  await open().sendVerdict({ period: 5, ...verdict })
  expect(asked.at(-1)).toMatchObject({ method: 'POST', url: '/api/v1/anchors/5/verdicts' })
  expect(JSON.parse(asked.at(-1)!.body)).toEqual(verdict)
  answer = (response) => response.writeHead(400).end('{"detail":"It has no stake."}')
  const refused = open().sendVerdict({ period: 5, ...verdict })
  await expect(refused).rejects.toBeInstanceOf(InvalidArgumentError)
  await expect(refused).rejects.toThrow(/It has no stake/)
})

test('a server that is down is retried, and then reported', async () => {
  const before = asked.length
  answer = (response, count) => {
    response.writeHead(count - before < 3 ? 503 : 200).end(toJson(published))
  }
  expect(await open().published(6)).toEqual(published)
  answer = (response) => response.writeHead(500).end()
  await expect(open().published(7)).rejects.toBeInstanceOf(RetryableError)
  answer = () => {}
  const slow = openHttpPublished({ url, token: 'secret', timeoutMs: 100, triesMax: 1 })
  await expect(slow.published(8)).rejects.toBeInstanceOf(RetryableError)
})

function open() {
  return openHttpPublished({ url, token: 'secret' })
}
