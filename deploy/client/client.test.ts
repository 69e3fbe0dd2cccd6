import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ApiBusyError, RefusedByApiError } from '../../schemas/errors/commandLine.ts'
import { createApiClient } from './client.ts'

/** What stands before an API may answer in its place: a proxy, a page for signing in. */
let server: Server
let answer = { status: 200, body: '' }

beforeEach(async () => {
  server = createServer((_, response) => {
    response.statusCode = answer.status
    response.end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(() => new Promise((resolve) => server.close(resolve)))

test.each(['null', '', '<html>', '[]', '7', '{"detail":7,"title":["Bad"]}'])(
  'a refusal whose body is %j is a refusal by its status',
  async (body) => {
    answer = { status: 502, body }
    await expect(ask()).rejects.toThrow(ApiBusyError)
    await expect(ask()).rejects.toThrow('Bad Gateway')
    answer = { status: 404, body }
    await expect(ask()).rejects.toThrow(RefusedByApiError)
    await expect(ask()).rejects.toMatchObject({ kind: 'not-found' })
  },
)

test('a problem document keeps its sentence, its kind and its data', async () => {
  const type = 'urn:wattproof:problem:range'
  const problem = { type, title: 'Too long', detail: 'Ask for less.', days: 9 }
  answer = { status: 400, body: JSON.stringify(problem) }
  const details = { answer: problem, status: 400, sentence: 'Ask for less.' }
  await expect(ask()).rejects.toMatchObject({ kind: 'range', message: 'Ask for less.', details })
})

function ask(): Promise<unknown> {
  const { port } = server.address() as AddressInfo
  return createApiClient({ url: `http://127.0.0.1:${port}`, token: null, retriesMax: 0 }).get('/x')
}
