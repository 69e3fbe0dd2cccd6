import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { createProgram } from './createProgram.ts'

const account = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const enrolment = ['--zone', 'Europe/London', '--interval', '1800', '--group', 'dynamic']
const groups = [
  {
    ...{ group: 'dynamic', zone: 'Europe/London', intervalS: 1800 },
    ...{ members: 2, accounts: 1, meters: ['A', 'B'] },
  },
]

/** Bodies that were posted, by path. */
let posted: [string | undefined, unknown][] = []
const server = http.createServer(async (request, response) => {
  const body = await text(request)
  if (request.method === 'POST') posted.push([request.url, JSON.parse(body)])
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body === '' ? { groups } : { enrolled: 1, unchanged: 1 }))
})
let url = ''
let said = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())
beforeEach(() => {
  posted = []
  said = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((piece) => {
    said += piece
    return true
  })
})
afterEach(() => vi.restoreAllMocks())

const run = (...args: string[]) =>
  createProgram().parseAsync([
    'node',
    'wattproof',
    'meter',
    ...args,
    '--url',
    url,
    '--token',
    'a-token-for-the-test',
  ])

test('set enrols meters with the account that is paid', async () => {
  await run('set', 'A', 'B', ...enrolment, '--account', account)
  const record = { zone: 'Europe/London', intervalS: 1800, group: 'dynamic', account }
  expect(posted).toEqual([
    [
      '/api/v1/meters',
      [
        { meter: 'A', ...record },
        { meter: 'B', ...record },
      ],
    ],
  ])
  expect(said).toBe('1 enrolled, 1 unchanged.\n')
})

test('an account is taken away only when that is said', async () => {
  await run('set', 'A', ...enrolment, '--account', 'none', '--json')
  expect(posted).toMatchObject([['/api/v1/meters', [{ meter: 'A', account: null }]]])
  expect(JSON.parse(said)).toEqual({ enrolled: 1, unchanged: 1 })
  await expect(run('set', 'A', ...enrolment)).rejects.toThrow('meter set needs --account too')
  await expect(run('set', 'A', '--group', 'dynamic')).rejects.toThrow(
    'needs --zone, --interval, --account too',
  )
})

test('a dry run sends nothing', async () => {
  await run('set', 'A', ...enrolment, '--account', account, '--dry-run')
  expect(posted).toEqual([])
  expect(said).toBe('Would enrol A.\n')
})

test('list prints groups and their meters', async () => {
  await run('list')
  expect(said.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['group', 'zone', 'interval s', 'meters', 'with account', 'names'],
    ['dynamic', 'Europe/London', '1800', '2', '1', 'A B'],
    [''],
  ])
})
