import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { projectRoot } from '../process/runtime.ts'
import { ask, type LiveUp, startLiveUp } from './liveUp.ts'
import { runCommand, temporaryDir } from './runDemo.ts'

/**
 * Files that somebody could not load, or that were stored wrongly without a word, from the command
 * line through `up` to the view of readings. All engines are real.
 */
const folder = path.join(projectRoot, 'speed/ingest/profile/testing/reported')
const wide30 = ['--layout', 'wide', '--unit', 'kwh', '--step', '1800']

// A command is a process, and waits until the layers have read what it sent.
vi.setConfig({ testTimeout: 240_000 })

let up: LiveUp
const dir = temporaryDir()
beforeAll(async () => {
  up = await startLiveUp(dir)
}, 90_000)
afterAll(async () => {
  await up.stop()
})

type Ended = { readonly code: number | null; readonly said: string; readonly document: Document }
type Document = {
  readonly queued: number
  readonly rejectedCount: number
  readonly rejected: readonly { line: number; column: string; value: string; detail: string }[]
}

async function run(args: readonly string[]): Promise<Ended> {
  const at = ['--dir', dir, '--url', up.url, '--json']
  const { code, answer, said } = await runCommand([...args, ...at])
  return { code, said, document: JSON.parse(answer) as Document }
}

/** `MM-DDTHH:mm Wh` of each stored reading of a meter. */
async function stored(meter: string, year: string): Promise<string[]> {
  const range = `from=${Number(year) - 1}-12-31T00:00:00Z&to=${Number(year) + 1}-01-03T00:00:00Z`
  const route = `/api/v1/views/readings?meter=${meter}&${range}&limit=1000`
  const { body, status } = await ask(up, route)
  expect(status, body).toBe(200)
  const { rows } = JSON.parse(body) as { rows: { start: string; energyMwh: number }[] }
  return rows.map(({ start, energyMwh }) => `${start.slice(5, 16)} ${energyMwh / 1000}`).sort()
}

type Case = {
  readonly file: string
  readonly flags: readonly string[]
  readonly meter: string
  readonly year?: string
  readonly expected: readonly string[]
}

const cases: readonly Case[] = [
  {
    file: '01-enedis-semicolon-comma.csv',
    flags: ['--layout', 'wide', '--unit', 'kw', '--step', '1800', '--zone', 'Europe/Paris'],
    meter: 'Valeur',
    // 4.030 kW and 2.010 kW for half an hour, from local midnight.
    expected: ['01-31T23:00 2015', '01-31T23:30 1005'],
  },
  {
    file: '03-local-time-repeated-hour.csv',
    flags: [...wide30, '--zone', 'America/Chicago'],
    meter: 'C03',
    expected: ['05:30', '06:00', '06:30', '07:00', '07:30', '08:00'].map((at) => {
      return `11-03T${at} 500`
    }),
  },
  {
    file: '05-autumn-two-sets.csv',
    flags: wide30,
    meter: 'C05',
    year: '2020',
    // The later line of each.
    expected: ['10-25T01:00 29770', '10-25T01:30 29560'],
  },
  {
    file: '09-interval-end-stamps.csv',
    flags: [...wide30, '--stamp', 'end'],
    meter: 'C09',
    expected: ['01-01T00:00 100', '01-01T00:30 200', '01-01T23:30 400'],
  },
  {
    file: '10-hourly-in-half-hour-zone.csv',
    flags: [...wide30.slice(0, 4), '--step', '3600', '--zone', 'Australia/Adelaide'],
    meter: 'C10',
    expected: ['12-31T13:30 1000', '12-31T14:30 2000'],
  },
  {
    file: '15-cr-line-ends.csv',
    flags: [],
    meter: 'C15',
    expected: ['01-01T00:00 100', '01-01T00:30 100'],
  },
]

describe('as they come', () => {
  test.each(cases)('$file', async (each) => {
    const { file, flags, meter, year = '2024', expected } = each
    const { code, said } = await run(['ingest', path.join(folder, file), '--register', ...flags])
    expect(code, said).toBe(0)
    expect(await stored(meter, year)).toEqual(expected)
  })

  test('a step that is not the file’s is refused with both', async () => {
    const file = path.join(folder, '06-step-not-the-file-s.csv')
    const flags = ['--layout', 'wide', '--unit', 'kw', '--register']
    const refused = await run(['ingest', file, '--step', '1800', ...flags])
    expect(refused.code).toBe(1)
    expect(refused.said).toContain('set to 1800 s, and the stamps are 3600 s apart')
    expect((await run(['ingest', file, ...flags])).code).toBe(0)
    const [, meter = ''] = readFileSync(file, 'utf8').split(/[\n,]/)
    // 1 kW for an hour.
    const wh = (await stored(meter, '2024')).map((row) => row.split(' ')[1])
    expect(wh).toEqual(['1000', '1000', '1000', '1000'])
  })

  test('a spike that is restated lower', async () => {
    const name = (each: string) => path.join(folder, each)
    for (const file of ['08a-spike.csv', '08b-spike-corrected.csv']) {
      expect((await run(['ingest', name(file), '--register', ...wide30])).code).toBe(0)
    }
    const [header = ''] = readFileSync(name('08a-spike.csv'), 'utf8').split('\n')
    const meter = header.split(',')[1]!.trim()
    const [, row = ''] = readFileSync(name('08a-spike.csv'), 'utf8').split('\n')
    const wh = (await stored(meter, row.slice(0, 4))).map((each) => each.split(' ')[1])
    expect(wh).toEqual(['490'])
  })
})

describe('what is wrong in them', () => {
  test('dead letters keep their place and their own cell', async () => {
    const file = path.join(folder, '11-dead-letter-quoted-comma.csv')
    const first = await run(['ingest', file, ...wide30])
    expect(first.code).toBe(1)
    expect(first.document.rejected.map(({ column, value }) => `${column} ${value}`)).toEqual([
      ...['C11A 1,2', 'C11B 5', 'C11C 7'],
    ])
    const { document } = await run(['dlq', 'list', '--reason', 'unknown-meter'])
    expect(document.rejected.map(({ line, column, value }) => [line, column, value])).toEqual([
      [2, 'C11C', '7'],
      [2, 'C11B', '5'],
      [2, 'C11A', '1,2'],
    ])
    const body = JSON.stringify(
      ['C11A', 'C11B', 'C11C'].map((meter) => {
        return { meter, zone: 'UTC', group: 'late', intervalS: 1800 }
      }),
    )
    const headers = { 'content-type': 'application/json' }
    await ask(up, '/api/v1/meters', { method: 'POST', headers, body })
    expect(await run(['dlq', 'retry'])).toMatchObject({ document: { tried: 3, queued: 3 } })
    const of = (meter: string) => expect.poll(() => stored(meter, '2024'), { timeout: 30_000 })
    await of('C11A').toEqual(['03-01T00:00 1200'])
    await of('C11B').toEqual(['03-01T00:00 5000'])
    await of('C11C').toEqual(['03-01T00:00 7000'])
  })

  test('a bad row is named by its line, and costs no other', async () => {
    const { code, document } = await run([
      ...['ingest', path.join(folder, '17-line-number.csv'), '--register'],
    ])
    expect(code).toBe(0)
    expect(document).toMatchObject({
      ...{ queued: 1, rejectedCount: 1 },
      rejected: [{ line: 5, column: 'start', value: 'yesterday' }],
    })
    const strict = ['--register', '--strict']
    const again = await run(['ingest', path.join(folder, '17-line-number.csv'), ...strict])
    expect(again.code).toBe(1)
  })
})

test('the same over REST, by a profile in the query, with its dead letters', async () => {
  const headers = { 'content-type': 'text/csv' }
  const body = 'Zeit;R1 (kW);R2 (kW)\n01.02.2024 00:00;1,5;x\n01.02.2024 00:15;2,5;1\n'
  const query = 'zone=Europe/Berlin&layout=wide&file=berlin.csv&step=900'
  const meters = ['R1', 'R2'].map((meter) => {
    return { meter, zone: 'Europe/Berlin', group: 'R', intervalS: 900 }
  })
  const json = { 'content-type': 'application/json' }
  await ask(up, '/api/v1/meters', { method: 'POST', headers: json, body: JSON.stringify(meters) })
  const sent = await ask(up, `/api/v1/readings?${query}`, { method: 'POST', headers, body })
  expect(sent.status, sent.body).toBe(202)
  expect(JSON.parse(sent.body)).toMatchObject({
    ...{ read: 4, queued: 3 },
    rejected: [{ line: 2, column: 'R2 (kW)', value: 'x', reason: 'not-a-number' }],
  })
  // A quarter of an hour of 1.5 kW.
  const stable = expect.poll(() => stored('R1', '2024'), { timeout: 30_000 })
  await stable.toEqual(['01-31T23:00 375', '01-31T23:15 625'])
  const { document } = await run(['dlq', 'list', '--reason', 'not-a-number', '--limit', '1'])
  expect(document.rejected).toMatchObject([
    { source: 'berlin.csv', line: 2, column: 'R2 (kW)', value: 'x' },
  ])
  const wrong = await ask(up, '/api/v1/readings?layout=wide&unit=kW&step=1800', {
    ...{ method: 'POST', headers, body: body.replaceAll(' (kW)', '') },
  })
  expect(wrong.status).toBe(400)
  expect(wrong.body).toContain('set to 1800 s, and the stamps are 900 s apart')
})

test('of many files one that cannot be read costs no other; no input ends in a stack', async () => {
  const at = (name: string, content: string | Uint8Array) => {
    const file = path.join(dir, name)
    writeFileSync(file, content)
    return file
  }
  const good = at('good.csv', 'meter,start,duration_s,energy_wh\nG1,2024-01-01T00:00Z,1800,1\n')
  const bad = [
    at('empty.csv', ''),
    at('binary.csv', new Uint8Array([0x50, 0x41, 0x52, 0x31, 0, 1, 2])),
    at('cut.csv.gz', 'no gzip'),
    at('long.csv', 'x'.repeat(10 << 20)),
  ]
  for (const file of bad) {
    const { code, said } = await run(['ingest', file])
    expect([1, 2]).toContain(code)
    expect(said).toMatch(/^wattproof: .{20,}[.?]\n$/)
    expect(said).not.toMatch(/\n\s+at /)
  }
  const both = await run(['ingest', bad[0]!, good, '--register'])
  expect(both).toMatchObject({ code: 1, document: { queued: 1 } })
  expect(both.said).toContain('empty.csv: The file is empty.')
})
