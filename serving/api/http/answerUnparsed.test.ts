import { connect } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApi } from '../../../deploy/testing/testApi.ts'

/** What no route and no hook sees, over real sockets. */
let app: FastifyInstance
let port: number

beforeAll(async () => {
  app = await openTestApi({})
  port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)
})
afterAll(() => app.close())

/** All that the server says until it closes. */
function say(text: string): Promise<string> {
  return new Promise((resolve) => {
    let said = ''
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(text))
    socket.on('data', (bytes) => {
      said += bytes.toString('latin1')
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(said))
  })
}

const get = 'GET /livez HTTP/1.1\r\n'
const post = 'POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\n'

test.each([
  ['no request line', 'nonsense\r\n\r\n', 400, 'unreadable'],
  ['lines without CR', 'GET /livez HTTP/1.1\nHost: localhost\n\n', 400, 'unreadable'],
  ['two lengths', `${post}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, 400, 'unreadable'],
  [
    'a length and chunks',
    `${post}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
    400,
    'unreadable',
  ],
  ['no host', `${get}\r\n`, 400, 'unreadable'],
  ['a foreign expectation', `${get}Host: localhost\r\nExpect: tea\r\n\r\n`, 417, 'expectation'],
  [
    'a long head',
    `${get}Host: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    431,
    'head-too-large',
  ],
])('%s is a problem, and the connection is closed', async (_, text, status, kind) => {
  const [head = '', body = ''] = (await say(text)).split('\r\n\r\n')
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  expect(head.toLowerCase()).toContain('content-type: application/problem+json')
  expect(head.toLowerCase()).toContain('x-content-type-options: nosniff')
  expect(head.toLowerCase()).toContain('connection: close')
  const id = /x-request-id: (\S+)/i.exec(head)![1]
  expect(JSON.parse(body)).toMatchObject({
    ...{ status, type: `urn:wattproof:problem:${kind}` },
    instance: `urn:wattproof:request:${id}`,
  })
})
