import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { meterId, partitionOf } from '../../schemas/ids.ts'
import type { Validators } from '../../serving/shapes/chain.ts'
import type { Jobs, Status } from '../../serving/shapes/status.ts'
import { type ApiClient, createApiClient } from '../client/client.ts'
import { projectRoot } from '../process/runtime.ts'
import { readProcessTable } from '../supervise/processTable.ts'
import { temporaryDir } from './runDemo.ts'

/** The daily schedule on real engines: one meter, two partitions, so one of them stays empty. */
const dir = temporaryDir()
const meter = 'MAC000002'
const partition = partitionOf(meterId(meter), 2)
let up: ChildProcess
let said = ''
let client: ApiClient

beforeAll(async () => {
  const flags = ['up', '--dir', dir, '--port', '0', '--no-browser']
  const env = {
    ...process.env,
    WATTPROOF_PARTITIONS: '2',
    WATTPROOF_IDLE_S: '2',
    WATTPROOF_QUIET_S: '1',
    WATTPROOF_VALIDATORS: '0',
  }
  up = spawn(process.execPath, ['deploy/wattproof.mjs', ...flags], {
    ...{ cwd: projectRoot, env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const url = await new Promise<string>((resolve, reject) => {
    up.once('exit', () => reject(new Error(said)))
    up.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const found = /Up in [\d.]+ s: (\S+)\n/.exec(said)
      if (found) resolve(found[1]!)
    })
  })
  const token = readFileSync(path.join(dir, 'token'), 'utf8').trim()
  client = createApiClient({ url, token })
}, 120_000)

afterAll(async () => {
  const ended = once(up, 'exit')
  up.kill('SIGTERM')
  await ended
})

test('without validators it says what that means, and starts none', async () => {
  const line = 'WATTPROOF_VALIDATORS is 0: settlements are proposed and never attested'
  expect(said).toContain(`${line}, so none becomes final.`)
  expect(Object.keys(readProcessTable(dir))).not.toContain('validators')
  // The contract wants a founder: nobody runs it.
  const { validators } = await client.get<Validators>('/validators')
  expect(validators).toMatchObject([{ isFounder: true, share: 1 }])
})

test('a generation is published though a partition stays empty, and status names it', async () => {
  await client.post('/meters', [{ meter, zone: 'Europe/London', group: 'g', intervalS: 1800 }])
  await send('2013-02-01T00:00:00Z', 10 * 48)
  const published = await statusOnce(({ generation }) => generation !== null)
  expect(published.generation!.highWater).toBe('2013-02-11T00:00:00.000Z')
  expect(published.watermark).toBe('2013-02-10T23:00:00.000Z')
  // No more readings arrive, so both partitions become idle, the empty one too.
  const { idlePartitions } = await statusOnce((status) => status.idlePartitions.length === 2)
  expect(idlePartitions.map((each) => each.partition)).toEqual([0, 1])
  const nowMs = Date.now()
  for (const { since } of idlePartitions) expect(Date.parse(since)).toBeLessThan(nowMs)
}, 120_000)

test('old readings are late, and soon in a generation of the same high-water mark', async () => {
  await send('2013-01-20T00:00:00Z', 48)
  const status = await statusOnce(({ generation }) => generation!.generation === 2)
  expect(status.readings).toMatchObject({ accepted: 11 * 48, late: 48 })
  expect(status.generation!.highWater).toBe('2013-02-11T00:00:00.000Z')
  await statusOnce(({ dirtyDays }) => dirtyDays === null)
  const range = 'from=2013-01-20T00:00:00Z&to=2013-01-21T00:00:00Z'
  const { rows } = await client.get<{ rows: unknown[] }>(`/views/deviation?meter=${meter}&${range}`)
  expect(rows).toHaveLength(48)
}, 120_000)

test('the same high-water mark again is nothing to do; later ones only rise', async () => {
  const asked = { name: 'recompute', highWater: '2013-02-11T00:00:00Z' }
  const answer = await client.post<{ id: string | null; sentence: string }>('/jobs', asked)
  expect(answer).toMatchObject({ id: null, sentence: expect.stringContaining('nothing to do') })
  await send('2013-02-11T00:00:00Z', 48)
  const next = await statusOnce(({ generation }) => generation!.generation === 3)
  expect(next.generation!.highWater).toBe('2013-02-12T00:00:00.000Z')
  const { jobs } = await client.get<Jobs>('/jobs')
  expect(jobs.filter(({ state }) => state === 'failed').map(({ name }) => name)).not.toContain(
    'recompute',
  )
}, 120_000)

test('a high-water mark taken back stays back until it is asked for', async () => {
  const taken = { name: 'recompute', highWater: '2013-02-11T00:00:00Z', takesBack: true }
  await client.post('/jobs', taken)
  const held = await statusOnce(({ generation }) => generation!.generation === 4)
  expect(held.generation!.heldSince).not.toBeNull()
  // Twice as many turns of the schedule as the day after needed to be published.
  await sleep(10_000)
  const later = await client.get<Status>('/status')
  expect(later.generation).toMatchObject({ generation: 4, highWater: '2013-02-11T00:00:00.000Z' })
  expect(later.layers.batch.sentence).toMatch(/held back by an operator until POST .* asks for one/)
  await client.post('/jobs', { name: 'recompute', highWater: '2013-02-12T00:00:00Z' })
  const free = await statusOnce(({ generation }) => generation!.generation === 5)
  expect(free.generation!.heldSince).toBeNull()
}, 120_000)

test('only the partition of the meter ever had a record', async () => {
  const { lag } = await client.get<Status>('/status')
  const held = lag.filter(({ topic, end }) => topic === 'readings.v1' && end > 0)
  expect(new Set(held.map((each) => each.partition))).toEqual(new Set([partition]))
})

async function send(start: string, count: number): Promise<void> {
  const lines = Array.from({ length: count }, (_, index) => {
    const at = new Date(Date.parse(start) + index * 1_800_000).toISOString()
    return JSON.stringify({ meter, start: at, duration_s: 1800, energy_wh: 200 + (index % 48) })
  })
  await client.post('/readings', `${lines.join('\n')}\n`, { contentType: 'application/x-ndjson' })
}

async function statusOnce(isThere: (status: Status) => boolean): Promise<Status> {
  let status!: Status
  await expect
    .poll(
      async () => {
        status = await client.get<Status>('/status')
        return isThere(status)
      },
      { timeout: 60_000, interval: 200 },
    )
    .toBe(true)
  return status
}
