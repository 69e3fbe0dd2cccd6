import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rowSets } from '../../../schemas/sql/rowSets.ts'
import { encodeRows } from '../../engines/views/encodeRows.ts'
import { namedQuery } from '../../engines/views/namedQueries.ts'
import { projectRoot } from '../../process/runtime.ts'
import { socketOf } from '../../sockets/socketUrl.ts'
import { engineArgs } from '../../testing/engineArgs.ts'
import { openPort } from '../../testing/openPort.ts'
import { startTestClickHouse, type TestClickHouse } from '../../testing/testClickHouse.ts'

/** Statements that only these tests ask. */
const extra = {
  settings:
    "SELECT toUInt64(getSetting('max_result_rows')) AS rows,\n" +
    "getSetting('insert_deduplication_token') AS token",
  slow: 'SELECT {x:UInt32} AS x, sleepEachRow(0.05) FROM numbers(4)',
  sleep: 'SELECT sleep(1)',
  echo: 'SELECT {x:String} AS x',
  endless: 'SELECT number FROM numbers(1000000000)',
  late: "SELECT number, throwIf(number = 300000, 'too late') FROM numbers(400000)",
  early: "SELECT throwIf(number = 0, 'at once') FROM numbers(2)",
  database: 'SELECT currentDatabase() AS name',
}
let server: TestClickHouse
let port: Awaited<ReturnType<typeof openPort>>
let origin: string
let headers: Record<string, string>

beforeAll(async () => {
  server = await startTestClickHouse({ extraQueries: Object.values(extra) })
  const url = new URL(server.url)
  port = await openPort(socketOf(url)!)
  origin = port.origin
  headers = { 'x-clickhouse-user': url.username, 'x-clickhouse-key': url.password }
})
afterAll(async () => {
  port.close()
  await server.stop()
})

function post(parameters: Record<string, string>, body: string | Uint8Array<ArrayBuffer>) {
  const address = `${origin}/?${new URLSearchParams({ database: 'wattproof', ...parameters })}`
  return fetch(address, { method: 'POST', headers, body })
}

async function rowsOf(sql: string, parameters: Record<string, string> = {}): Promise<unknown[]> {
  const answer = await post(parameters, `${sql}\nFORMAT JSONEachRow`)
  const text = await answer.text()
  expect(answer.status, text).toBe(200)
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

test('requests without the password are refused', async () => {
  const statement = { method: 'POST', body: namedQuery('published_generation').sql }
  for (const wrong of [
    {},
    { ...headers, 'x-clickhouse-key': 'guess' },
    { 'x-clickhouse-user': 'wattproof' },
  ]) {
    const answer = await fetch(`${origin}/?database=wattproof`, {
      ...statement,
      headers: wrong as HeadersInit,
    })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('x-clickhouse-exception-code')).toBe('516')
    expect(await answer.text()).toContain('(AUTHENTICATION_FAILED)')
  }
  expect(await (await fetch(`${origin}/ping`)).text()).toBe('Ok.\n')
})

test('statements unknown to the guard do not run', async () => {
  const wrong = ['SELECT 1', "SELECT * FROM file('/etc/passwd')", 'DROP TABLE meters', '']
  for (const statement of wrong) {
    const answer = await post({}, statement)
    expect(answer.status, statement).toBe(403)
    expect(await answer.text()).toContain('Code: 497')
  }
  // The same in the URL, in the URL and the body, and in a form.
  const form = new FormData()
  form.set('query', 'DROP TABLE meters')
  const asked = [
    fetch(`${origin}/?query=${encodeURIComponent('DROP TABLE meters')}`, { headers }),
    post({ query: 'DROP TABLE meters' }, ''),
    post({ query: namedQuery('published_generation').sql }, '; DROP TABLE meters'),
    fetch(`${origin}/`, { method: 'POST', headers, body: form }),
  ]
  for (const answer of await Promise.all(asked)) expect([400, 403]).toContain(answer.status)
  expect(await rowsOf(namedQuery('published_generation').sql)).toEqual([])
})

test('other databases and settings are refused', async () => {
  expect((await post({ database: 'system' }, extra.echo)).status).toBe(404)
  expect((await post({ readonly: '0' }, extra.settings)).status).toBe(400)
  expect((await post({ max_result_rows: "1', readonly='0" }, extra.settings)).status).not.toBe(200)
  expect(await rowsOf(extra.database)).toEqual([{ name: 'wattproof' }])
})

test('settings of a request do not leak into the next', async () => {
  const set = { max_result_rows: '77', insert_deduplication_token: 'once' }
  // More requests than sessions, so that each session has had one.
  for (let turn = 0; turn < 6; turn++) {
    expect(await rowsOf(extra.settings, set)).toEqual([{ rows: 77, token: 'once' }])
  }
  // Also when the request with the settings failed.
  for (let turn = 0; turn < 6; turn++) expect((await post(set, extra.early)).status).toBe(500)
  for (let turn = 0; turn < 6; turn++) {
    expect(await rowsOf(extra.settings)).toEqual([{ rows: 0, token: '' }])
  }
})

test('parameters of a request do not leak into the next', async () => {
  for (let turn = 0; turn < 6; turn++) {
    expect(await rowsOf(extra.echo, { param_x: 'mine' })).toEqual([{ x: 'mine' }])
  }
  for (let turn = 0; turn < 6; turn++) {
    const answer = await post({}, extra.echo)
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('Code: 456')
  }
})

test('requests at the same time do not see each other', async () => {
  const indexes = Array.from({ length: 30 }, (_, index) => index)
  const answers = await Promise.all(
    indexes.map((index) => rowsOf(extra.slow, { param_x: String(index), max_result_rows: '9' })),
  )
  expect(answers.map(([first]) => (first as { x: number }).x)).toEqual(indexes)
})

test('three run at once', async () => {
  const start = performance.now()
  await Promise.all([1, 2, 3].map(() => rowsOf(extra.sleep)))
  expect(performance.now() - start).toBeLessThan(2_900)
})

test('a failure before the first row has a status, a later one breaks the answer off', async () => {
  const early = await post({}, `${extra.early}\nFORMAT JSONEachRow`)
  expect(early.status).toBe(500)
  expect(await early.text()).toMatch(
    /^Code: 395\. DB::Exception: .*at once.*\(version [\d.]+ embedded\)/s,
  )

  const late = await post({}, `${extra.late}\nFORMAT JSONEachRow`)
  expect(late.status).toBe(200)
  await expect(late.text()).rejects.toThrow()

  // Buffered, the same failure has its status.
  const whole = await post({ wait_end_of_query: '1' }, `${extra.late}\nFORMAT JSONEachRow`)
  expect(whole.status).toBe(500)
})

test('readers that disconnect release their sessions', async () => {
  for (let turn = 0; turn < 6; turn++) {
    const stop = new AbortController()
    const body = `${extra.endless}\nFORMAT JSONEachRow`
    const address = `${origin}/?database=wattproof`
    const answer = await fetch(address, { method: 'POST', headers, body, signal: stop.signal })
    await answer.body?.getReader().read()
    stop.abort()
  }
  expect(await rowsOf(extra.echo, { param_x: 'here' })).toEqual([{ x: 'here' }])
})

test('a read that takes too long is ended', async () => {
  const body = `${extra.endless}\nFORMAT JSONEachRow`
  const answer = await post({ max_execution_time: '1', wait_end_of_query: '1' }, body)
  expect([159, 241]).toContain(Number(answer.headers.get('x-clickhouse-exception-code')))
})

test('a refused large insert gets the reason', async () => {
  const query = 'INSERT INTO system.settings (`name`) FORMAT ArrowStream'
  const answer = await post({ query }, Buffer.alloc(32 << 20))
  expect(answer.status).toBe(403)
  expect(await answer.text()).toContain('Code: 497')
})

test('an interrupted insert stores nothing', async () => {
  const columns = rowSets.watermarks!
  const names = Object.keys(columns).map((name) => `\`${name}\``)
  const query = `INSERT INTO watermarks (${names.join(', ')}) FORMAT ArrowStream`
  const row = { log_partition: 0, version: 1, watermark: 0 }
  const bytes = Buffer.from(encodeRows(columns, [row]))
  const broken = [bytes.subarray(0, bytes.length - 60), bytes.subarray(40), Buffer.from('x')]
  for (const body of broken) expect((await post({ query }, body)).status).toBeGreaterThan(399)

  const cut = request(`${origin}/?${new URLSearchParams({ database: 'wattproof', query })}`, {
    method: 'POST',
    headers: { ...headers, 'content-length': String(bytes.length) },
  })
  cut.on('error', () => {})
  cut.write(bytes.subarray(0, 100))
  await new Promise((resolve) => setTimeout(resolve, 100))
  cut.destroy()

  expect(await rowsOf(namedQuery('watermarks').sql)).toEqual([])
  expect((await post({ query }, bytes)).status).toBe(200)
  expect(await rowsOf(namedQuery('watermarks').sql)).toHaveLength(1)
})

test('the plain client pings, reads and gets typed errors', async () => {
  const { username, password } = new URL(server.url)
  const log = { level: ClickHouseLogLevel.OFF }
  const client = createClient({ url: origin, username, password, database: 'wattproof', log })
  expect(await client.ping()).toEqual({ success: true })
  expect(await client.ping({ select: true })).toEqual({ success: true })
  const query = extra.echo
  const result = await client.query({ query, query_params: { x: "a'\t\\" }, format: 'JSONEachRow' })
  expect(await result.json()).toEqual([{ x: "a'\t\\" }])
  await expect(client.query({ query })).rejects.toMatchObject({ code: '497' })
  const missing = client.query({ query, format: 'JSONEachRow' })
  await expect(missing).rejects.toMatchObject({ code: '456', type: 'UNKNOWN_QUERY_PARAMETER' })
  await client.close()
})

test('it ends with its parent: standard input closes, or the parent`s channel', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-owner-'))
  const byInput = spawn(process.execPath, await ownerArgs(dir), {
    cwd: projectRoot,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  byInput.stdin.write('a-password-of-24-letters\n')
  const [line] = (await once(createInterface({ input: byInput.stdout }), 'line')) as [string]
  expect(JSON.parse(line)).toMatchObject({ type: 'ready' })
  byInput.stdin.end()
  expect(await once(byInput, 'exit')).toEqual([0, null])

  const byChannel = await startOwner(dir)
  await once(byChannel, 'message')
  byChannel.disconnect()
  expect(await once(byChannel, 'exit')).toEqual([0, null])
  rmSync(dir, { recursive: true, force: true })
})

test('a second owner waits until the first has gone', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-owner-'))
  const first = await startOwner(dir)
  await once(first, 'message')
  const second = await startOwner(dir, 'pipe')
  const ready = once(second, 'message')
  // The engine prints this each time it finds the folder locked; the second time it has waited.
  const waits = saysTwice(second, 'Another server instance')
  expect(await Promise.race([waits, ready, once(second, 'exit')])).toBe('said twice')

  first.kill('SIGKILL')
  expect((await ready)[0]).toMatchObject({ type: 'ready' })
  second.kill('SIGTERM')
  expect(await once(second, 'exit')).toEqual([0, null])
  rmSync(dir, { recursive: true, force: true })
})

function saysTwice(child: ChildProcess, words: string): Promise<string> {
  let said = ''
  return new Promise((resolve) => {
    child.stderr?.on('data', (chunk) => {
      said += chunk
      if (said.split(words).length > 2) resolve('said twice')
    })
  })
}

async function startOwner(
  dir: string,
  stderr: 'inherit' | 'pipe' = 'inherit',
): Promise<ChildProcess> {
  const child = spawn(process.execPath, await ownerArgs(dir), {
    cwd: projectRoot,
    stdio: ['ignore', 'inherit', stderr, 'ipc'],
  })
  child.send({ password: 'a-password-of-24-letters' })
  return child
}

async function ownerArgs(dir: string): Promise<string[]> {
  const main = await engineArgs('deploy/embedded/clickhouse/main.ts')
  return [...main, '--dir', dir]
}
