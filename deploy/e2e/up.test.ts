import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { IngestCounters, RejectReason } from '../../schemas/reading/reading.ts'
import { createApiClient } from '../client/client.ts'
import { projectRoot } from '../process/runtime.ts'
import { loadLondon } from '../simulate/london.ts'
import { malformedKinds } from '../simulate/malformed.ts'
import { readProcessTable } from '../supervise/processTable.ts'
import { isAlive } from '../testing/isAlive.ts'
import { runCommand, temporaryDir } from './runDemo.ts'

/**
 * `wattproof up` and the commands around it, as a data engineer uses them; all engines are real.
 */
describe('wattproof up', () => {
  const dir = temporaryDir()
  let up: ChildProcess
  let url = ''
  let said = ''
  let answered = ''
  const at = () => ['--dir', dir, '--url', url]
  const ended = async <T>(expected: number, args: string[]) => {
    const { code, answer, said: words } = await runCommand([...args, ...at(), '--json'])
    expect(code, words).toBe(expected)
    return JSON.parse(answer) as T
  }
  const json = <T>(...args: string[]) => ended<T>(0, args)

  beforeAll(async () => {
    const flags = ['up', '--dir', dir, '--port', '0', '--no-browser', '--json']
    up = spawn(process.execPath, ['deploy/wattproof.mjs', ...flags], {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    up.stdout?.on('data', (chunk: Buffer) => {
      answered += chunk.toString()
    })
    url = await new Promise<string>((resolve, reject) => {
      up.once('exit', () => reject(new Error(said)))
      up.stderr?.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        const found = /Up in [\d.]+ s: (\S+)\n/.exec(said)
        if (found) resolve(found[1]!)
      })
    })
  }, 90_000)

  afterAll(() => {
    up.kill('SIGKILL')
  })

  test('with --json it prints its URL and folder in one document', async () => {
    await expect.poll(() => answered).toContain('}')
    expect(JSON.parse(answered)).toEqual({ url, dir, tokenFile: path.join(dir, 'token') })
  })

  test('a wide file of real meters is read completely, and the counters balance', async () => {
    const london = path.join(projectRoot, 'deploy/simulate/london/kwh_halfhour_wide.csv.gz')
    const flags = ['--layout', 'wide', '--unit', 'kwh', '--step', '1800']
    const zone = ['--zone', 'Europe/London', '--register']
    const report = await json<{ read: number; gaps: number; counters: IngestCounters }>(
      ...['ingest', london, ...flags, ...zone],
    )
    const cells = loadLondon().slots.reduce((sum, slot) => sum + slot.rows.length, 0)
    expect(report.read).toBe(cells)
    expect(report.gaps).toBe(52 * loadLondon().slots.length - cells)
    expect(report.counters).toMatchObject({
      read: cells,
      accepted: cells,
      duplicate: 0,
      rejected: 0,
    })
  })

  test('a thousand malformed lines become dead letters, with reasons and bytes', async () => {
    const good = loadLondon(20)
      .slots.slice(0, 200)
      .flatMap((slot) => slot.rows)
    const kinds = Object.entries(malformedKinds).slice(0, 10)
    const sent = good.slice(0, 1000).map((row, index) => {
      const [reason, spoil] = kinds[index % 10]!
      return { reason: reason as RejectReason, line: spoil(row) }
    })
    const file = path.join(dir, 'malformed.ndjson')
    writeFileSync(file, sent.map(({ line }) => `${line}\n`).join(''))
    const before = await json<{ readings: IngestCounters }>('status')
    const report = await ended<{ rejectedCount: number; queued: number }>(1, ['ingest', file])
    expect(report).toMatchObject({ rejectedCount: 1000, queued: 0 })

    const deadLetters = await json<{ rejected: { reason: string; originalBase64: string }[] }>(
      ...['dlq', 'list', '--limit', '1000'],
    )
    const found = deadLetters.rejected.map(({ reason, originalBase64 }) => {
      return `${reason} ${Buffer.from(originalBase64, 'base64').toString()}`
    })
    expect(found.sort()).toEqual(sent.map(({ reason, line }) => `${reason} ${line}`).sort())

    const { readings } = await json<{ readings: IngestCounters }>('status')
    expect(readings.rejected - before.readings.rejected).toBe(1000)
    expect(readings.read).toBe(readings.accepted + readings.duplicate + readings.rejected)
  })

  test('a dead letter is resolved by enrolling its meter and retrying', async () => {
    const file = path.join(dir, 'unknown.csv')
    const row = 'NEW-1,2013-02-01T00:00:00Z,1800,219'
    writeFileSync(file, `meter,start,duration_s,energy_wh\n${row}\n`)
    await ended(1, ['ingest', file])
    const token = readFileSync(path.join(dir, 'token'), 'utf8').trim()
    const meter = { meter: 'NEW-1', zone: 'Europe/London', group: 'new', intervalS: 1800 }
    await createApiClient({ url, token }).post('/meters', [meter])
    const retry = ['dlq', 'retry', '--reason', 'unknown-meter']
    expect(await json(...retry)).toMatchObject({ tried: 1, queued: 1 })
  })

  test('what shows a single meter requires the token, which other users cannot read', async () => {
    expect(statSync(path.join(dir, 'token')).mode & 0o777).toBe(0o600)
    const stranger = createApiClient({ url, token: null })
    await expect(stranger.get('/views/deviation?meter=MAC000005')).rejects.toMatchObject({
      details: { status: 401 },
    })
    await expect(stranger.post('/readings', '[]')).rejects.toMatchObject({
      details: { status: 401 },
    })
    await expect(stranger.get('/status')).resolves.toHaveProperty('readings')
  })

  test('the pages are served', async () => {
    const page = await fetch(url)
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('<title>Wattproof</title>')
  })

  test('a folder in use is refused, with what to do', async () => {
    const second = await runCommand(['up', '--dir', dir, '--port', '0', '--no-browser'])
    expect(second.code).toBe(1)
    expect(second.said).toContain('is in use by process')
  })

  test('a port in use is refused, with what to do', async () => {
    const { port } = new URL(url)
    const flags = ['--dir', temporaryDir(), '--port', port, '--no-browser']
    const second = await runCommand(['up', ...flags])
    expect(second.code).toBe(1)
    expect(second.said).toContain(`Port ${port} is already in use`)
  })

  test('the death of a process is reported, and it comes back', async () => {
    const before = readProcessTable(dir).speed!.pid
    process.kill(before, 'SIGKILL')
    await expect
      .poll(() => readProcessTable(dir).speed?.pid, { timeout: 15_000 })
      .toSatisfy((pid: number | undefined) => pid !== undefined && pid !== before)
    expect(said).toMatch(/speed +ended \(SIGKILL\); it is started again/)
  })

  test('SIGTERM ends it cleanly and leaves nothing behind', async () => {
    const pids = Object.values(readProcessTable(dir)).map(({ pid }) => pid)
    // The supervisor, three engines, three layers, and one process for all validators.
    expect(pids).toHaveLength(8)
    const ended = new Promise((resolve) => up.once('exit', (code) => resolve(code)))
    up.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(pids.filter(isAlive)).toEqual([])
  })
})

describe('wrong use', () => {
  // Others are in `../commands/createProgram.test.ts`: each of these is a process.
  test.concurrent.each([
    [['up', '--prot', '8420'], 'unknown option'],
    [['up', '--port', 'abc'], '--port is not a whole number'],
    [['event', 'create', '--dry-run', 'README.md'], 'cannot be read as JSON'],
  ])('%j is refused with exit code 2 and a sentence', async (args, sentence) => {
    const { code, answer, said } = await runCommand(args)
    expect({ code, answer }, said).toEqual({ code: 2, answer: '' })
    expect(said).toContain(sentence)
  })

  test.concurrent('an unknown setting', async () => {
    const { code, said } = await runCommand(['config', 'print'], {
      ...process.env,
      WATTPROOF_PROT: '1',
    })
    expect(code).toBe(2)
    expect(said).toContain('WATTPROOF_PROT')
  })

  test.concurrent.each([[[]], [['--dry-run']]])(
    'migrate %j with nothing to migrate says so, and leaves the folder alone',
    async (flags) => {
      const dir = temporaryDir()
      const { code, said } = await runCommand(['migrate', ...flags], {
        ...process.env,
        WATTPROOF_DIR: dir,
      })
      expect(code).toBe(2)
      expect(said).toContain('VIEWS_URL is not set, and no embedded engine runs on')
      expect(readdirSync(dir)).toEqual([])
    },
  )

  test('an event that is not settled in time is no wrong use: exit code 1', async () => {
    const api = http.createServer((_, response) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ state: 'announced', deliveredMwh: null }))
    })
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
    const { port } = api.address() as AddressInfo
    const url = `http://127.0.0.1:${port}`
    const { code, said } = await runCommand(['settle', 'e', '--timeout', '0', '--url', url])
    api.close()
    expect(code).toBe(1)
    expect(said).toContain('e is announced; it is settled once it has ended')
  })

  test('a bad finding of doctor: exit code 1 and what to do', async () => {
    const { code, answer } = await runCommand(['doctor', '--url', 'http://127.0.0.1:9'])
    expect(answer).toContain('BAD  API: tried GET http://127.0.0.1:9/api/v1/status')
    expect(answer).toContain('`wattproof up --port 9`')
    expect(code).toBe(1)
  })

  test('no server: exit code 1 and what to do', async () => {
    const { code, said } = await runCommand(['status', '--url', 'http://127.0.0.1:9'])
    expect(code).toBe(1)
    expect(said).toContain('Is `wattproof up` running?')
  })
})
