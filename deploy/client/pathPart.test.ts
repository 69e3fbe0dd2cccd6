import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProgram } from '../commands/createProgram.ts'

/** Paths that commands ask for. */
let asked: (string | undefined)[] = []
const server = http.createServer((request, response) => {
  asked.push(request.url)
  response.writeHead(404, { 'content-type': 'application/problem+json' })
  response.end(JSON.stringify({ detail: 'There is none.' }))
})
let url = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

const run = (args: readonly string[]) => {
  asked = []
  const place = ['--url', url, '--token', 'a-token-for-the-test']
  return createProgram().parseAsync([...args, ...place], { from: 'user' })
}
const odd = '../../x?y#z'
const part = '..%2F..%2Fx%3Fy%23z'

test.each([
  [['event', 'show', odd], `/api/v1/events/${part}`],
  [['settle', odd], `/api/v1/events/${part}`],
  [['claim', odd], `/api/v1/events/${part}`],
  [['claim', odd, '--json'], `/api/v1/events/${part}/claims`],
  [['bundle', odd, `m${odd}`], `/api/v1/meters/m${part}/bundles/${part}`],
])('%j asks for %s', async (args, path) => {
  await expect(run(args)).rejects.toThrow('There is none.')
  expect(asked).toEqual([path])
})

test('a name that a URL drops is refused before anything is asked', async () => {
  for (const id of ['', '.', '..']) {
    await expect(run(['event', 'show', id])).rejects.toThrow('is not a known id')
    expect(asked).toEqual([])
  }
})
