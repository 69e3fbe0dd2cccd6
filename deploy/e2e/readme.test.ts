import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiClient, createApiClient } from '../client/client.ts'
import { openSimulatedClock } from '../engines/clock/simulatedClock.ts'
import { projectRoot } from '../process/runtime.ts'
import { loadLondon } from '../simulate/london.ts'
import { temporaryDir } from './runDemo.ts'

/**
 * The session under "Use it" in the README, typed as printed into the shell of a user who
 * has two files of readings. Only time is simulated, and moved between the lines.
 */
const home = temporaryDir()
const meters = loadLondon().dynamic.slice(0, 5)
const [upLine = '', ...lines] = sessionOf('README.md')
const clock = openSimulatedClock(path.join(home, 'wattproof/clock'))
const environment = {
  ...process.env,
  HOME: home,
  PATH: `${home}/bin:${process.env.PATH}`,
  WATTPROOF_CLOCK: 'simulated',
  WATTPROOF_PORT: '0',
}
let up: ChildProcess
/** What waits asks by it: a command is a process each. */
let client: ApiClient

beforeAll(async () => {
  mkdirSync(path.join(home, 'bin'))
  // Like npx in a checkout, from another folder.
  const npx = `#!/bin/sh\nshift\nexec node ${projectRoot}/deploy/wattproof.mjs "$@"\n`
  writeFileSync(path.join(home, 'bin/npx'), npx, { mode: 0o755 })
  await clock.set(at('2013-02-11T00:00Z'))
  let said = ''
  up = spawn('sh', ['-c', `exec ${upLine} --no-browser`], {
    cwd: home,
    env: environment,
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
  expect(said).not.toMatch(/warn|deprecat|"level"/i)
  expect(said).toMatch(/PostgreSQL is ready \([\d.]+ s\)/)
  const token = readFileSync(path.join(home, 'wattproof/token'), 'utf8').trim()
  expect(said).not.toContain(token)
  client = createApiClient({ url, token })
}, 120_000)

afterAll(async () => {
  up.kill('SIGTERM')
  await new Promise((resolve) => up.once('exit', resolve))
  await clock.close()
})

test('the README’s session leads from a CSV to a paid and proved claim, as typed', async () => {
  writeReadings('history.csv', '2013-01-14T00:00Z', '2013-02-11T00:00Z')
  expect(await type('ingest history.csv')).toContain('0 rejected')
  expect(await type('group list')).toMatch(/default +Europe\/London +1800 +5 +5 +MAC/)
  await type('event example')
  editEvent()
  expect(await type('event create')).toContain('Announced my-event')

  writeReadings('today.csv', '2013-02-11T00:00Z', '2013-02-11T16:30Z')
  await clock.set(at('2013-02-11T16:40Z'))
  await type('ingest today.csv')
  await goTo('2013-02-11T16:45Z', 'committed')
  await goTo('2013-02-11T17:00Z', 'running')
  await clock.set(at('2013-02-11T20:00Z'))
  writeReadings('today.csv', '2013-02-11T00:00Z', '2013-02-11T20:00Z')
  await type('ingest today.csv')
  await goTo('2013-02-11T20:30Z', 'ended')

  await clock.set(at('2013-02-11T21:00Z'))
  expect(await type('settle')).toMatch(/^my-event is \w+: it pays 0\.011465 GBP in 5 lines;/)
  await goTo('2013-02-11T21:01Z', 'attested')
  await goTo('2013-02-11T23:01Z', 'final')
  const asShown = JSON.parse(await shell('npx wattproof event show my-event --json')) as Reached
  expect(asShown.reached).toHaveProperty('final')
  const paid = await type('claim')
  expect(paid).toMatch(/^account +GBP\n/)
  expect(paid).toContain('0x70997970c51812dc3a010c7d01b50e0d17dc79c8')
  await type('bundle')
  expect(await type('verify bundle.json')).toMatch(/Valid: line \d of 5 of my-event/)
  const onChain = await type('verify bundle.json --rpc')
  expect(onChain).toMatch(/Valid: line \d of 5 of my-event/)
  expect(onChain).not.toContain('only the chain shows')
  expect(await type('dlq list')).toBe('Nothing was refused.\n')
  const diagnosis = await type('doctor')
  expect(diagnosis).toContain('onnxruntime-node')
  expect(diagnosis).toContain('wattproof is up at http')
  expect(await type('--help')).toContain('event')
}, 300_000)

test('an export of a utility is looked at, tried and read, as typed', async () => {
  // Half-hours of a July day by the clock of the meters, with a row that cannot be read.
  const rows = ['0,412;1,250', '0,398;1,187', ';1,020', '0,4x;0,9']
  const stamps = ['00:00', '00:30', '01:00', '01:30']
  const lines = rows.map((values, at) => `01/02/2013 ${stamps[at]};${values}`)
  const file = ['Client;Dupont', '', 'Horodate;Z1;Z2', ...lines, ''].join('\r\n')
  writeFileSync(path.join(home, 'export.csv'), file)

  const looked = await type('profile test')
  expect(looked).toMatch(/delimiter +semicolon/)
  expect(looked).toMatch(/Z1 +2 +0 +2013-01-31T23:00:00.000Z +2013-02-01T00:00:00.000Z +0.81\n/)
  expect(looked).toContain('8 cells: 6 readings, 1 gap (1 empty), 1 refused')
  expect(looked).toMatch(/export.csv +7 +Z1 +0,4x +not-a-number +"0,4x" is not a number/)
  expect(await type(lineWith('--dry-run'))).toContain(
    '8 cells: 6 readings, 1 gap (1 empty), 1 refused',
  )
  // Two hours of the night: neither series has an afternoon.
  const evaluated = await type('evaluate baseline')
  expect(evaluated).toMatch(/^caiso-10-in-10 +0 .* 2 gap$/m)
  expect(evaluated).toContain('Refused: 1')
  await expect(type(lineWith('--strict'))).rejects.toMatchObject({ code: 1 })
  expect(await shell('npx wattproof group list')).toContain('Z1 Z2')
}, 120_000)

function lineWith(flag: string): string {
  return lines.find((line) => line.endsWith(flag))!.replace('npx wattproof ', '')
}

test('every line of it was typed', () => {
  expect(lines.filter((line) => !typed.has(line))).toEqual([])
})

const typed = new Set<string>()

/** Runs the line of the session, or the one with this beginning, in a shell. */
async function type(command: string): Promise<string> {
  const said = `npx wattproof ${command}`
  const found = lines.filter((line) => {
    return lines.includes(said) ? line === said : line.startsWith(said)
  })
  expect(found, command).toHaveLength(1)
  typed.add(found[0]!)
  return shell(found[0]!)
}

async function shell(line: string): Promise<string> {
  const options = { cwd: home, env: environment }
  const { stdout, stderr } = await promisify(execFile)('sh', ['-c', line], options)
  expect(stderr).not.toMatch(/warn|deprecat/i)
  return stdout
}

/** The user's edits; the comments stay. */
function editEvent(): void {
  const file = path.join(home, 'event.json')
  const text = readFileSync(file, 'utf8')
    .replace(/"id": ".*"/, '"id": "my-event"')
    .replace(/"start": ".*"/, '"start": "2013-02-11T17:00:00Z"')
    .replace(/"end": ".*"/, '"end": "2013-02-11T19:00:00Z"')
    .replace(/"participants": \[.*\]/, `"participants": ${JSON.stringify(meters)}`)
  expect(text).toContain('// ')
  writeFileSync(file, text)
}

type Reached = { readonly reached: Record<string, string> }

async function goTo(time: string, state: string): Promise<void> {
  await clock.set(at(time))
  const shown = async () => Object.keys((await client.get<Reached>('/events/my-event')).reached)
  await expect.poll(shown, { timeout: 60_000, interval: 200 }).toContain(state)
}

/** Half-hours of five London homes between these times, as a user would export them. */
function writeReadings(file: string, from: string, before: string): void {
  const slots = loadLondon().slots.filter(({ startMs }) => {
    return startMs >= at(from) && startMs < at(before)
  })
  const rows = slots.map(({ startMs, rows }) => {
    const of = new Map(rows.map((row) => [row.meter, row.energy_wh / 1000]))
    const stamp = new Date(startMs).toISOString().slice(0, 19).replace('T', ' ')
    return [stamp, ...meters.map((meter) => of.get(meter) ?? '')].join(',')
  })
  writeFileSync(path.join(home, file), `${[['start', ...meters].join(','), ...rows].join('\n')}\n`)
}

function at(time: string): number {
  return Date.parse(time)
}

/** The commands of the code blocks under "Use it". */
function sessionOf(file: string): string[] {
  const text = readFileSync(path.join(projectRoot, file), 'utf8')
  const section = text.slice(text.indexOf('\n## Use it'), text.indexOf('\n## Figures'))
  const blocks = [...section.matchAll(/```\n([\s\S]*?)```/g)].map((match) => match[1]!)
  return blocks.flatMap((block) =>
    block
      .trim()
      .split('\n')
      .map((line) => line.replace(/ +#.*/, '')),
  )
}
