import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { freePorts } from '../installation/addresses.ts'
import { typeScriptArgs } from '../process/runtime.ts'
import { mountSmallDisk, noSmallDisk, type SmallDisk } from '../testing/smallDisk.ts'
import { superviseChild } from './child.ts'
import { keepProcessTable, readProcessTable, readReplacements } from './processTable.ts'
import { findShortage, shortageIn, shortageOf } from './shortage.ts'

/** Real small file systems that are filled up and emptied, and processes that die of it. */
let disk: SmallDisk | undefined
afterEach(() => {
  disk?.unmount()
  disk = undefined
})

/** Writes when it starts and each tenth of a second, and dies when it cannot. */
const writer = (file: string) => `
import { writeFileSync } from 'node:fs'
const write = () => writeFileSync(${JSON.stringify(file)}, 'x'.repeat(1000), { flag: 'a' })
write()
setInterval(write, 100)
process.on('disconnect', () => process.exit())
process.send({ type: 'ready' })`

function superviseWriter({ dir }: SmallDisk) {
  const scripts = mkdtempSync(path.join(os.tmpdir(), 'wattproof-writer-'))
  const file = path.join(scripts, 'writer.mjs')
  writeFileSync(file, writer(path.join(dir, 'written')))
  const lines: string[] = []
  const child = superviseChild(
    { name: 'writer', entry: [file], environment: process.env },
    {
      say: (_, line) => lines.push(line),
      pidChanged: () => {},
      findShortage: () => findShortage(dir),
    },
  )
  const ends = () => lines.filter((line) => line.startsWith('ended'))
  return { child, lines, ends }
}

const untilPassed = 'it has passed, and this process goes on'

describe.skipIf(noSmallDisk !== null)(`a small disk (${noSmallDisk ?? 'mounted'})`, () => {
  test('a process that dies of a full disk waits for room, and says so once', async () => {
    disk = mountSmallDisk(16)
    const { child, lines, ends } = superviseWriter(disk)
    await child.ready
    const first = child.pid()
    disk.fill()
    await expect.poll(ends, { timeout: 30_000 }).toHaveLength(1)
    expect(ends()[0]).toContain('no space is left on the disk')
    expect(await findShortage(disk.dir)).toContain('no space is left on the disk')
    disk.empty()
    await expect.poll(() => lines, { timeout: 30_000 }).toContain(untilPassed)
    expect(ends()).toHaveLength(1)
    expect(child.pid()).not.toBe(first)
    await child.stop()
  })

  test('the same for a file system that turns read-only', async () => {
    disk = mountSmallDisk(16)
    const { child, lines, ends } = superviseWriter(disk)
    await child.ready
    disk.makeReadOnly(true)
    await expect.poll(ends, { timeout: 30_000 }).toHaveLength(1)
    expect(ends()[0]).toContain('the file system is read-only')
    disk.makeReadOnly(false)
    await expect.poll(() => lines, { timeout: 30_000 }).toContain(untilPassed)
    await child.stop()
  })

  test('a table that cannot be written is said once, and written later', async () => {
    disk = mountSmallDisk(1)
    const { dir } = disk
    const said: string[] = []
    const table = keepProcessTable(dir, (line) => said.push(line))
    // Its folder is made by the claim of the folder; until then it cannot be written either.
    expect(said).toHaveLength(1)
    expect(said[0]).toMatch(/^The table of processes cannot be written: .*ENOENT/)
    mkdirSync(path.join(dir, 'supervisor'))
    table.pidChanged('speed', process.pid)
    expect(said).toHaveLength(2)
    disk.fill()
    table.pidChanged('speed', null)
    table.replaced('speed', 'SIGKILL')
    table.pidChanged('batch', process.pid)
    expect(said).toHaveLength(3)
    expect(said[2]).toContain('ENOSPC')
    expect(Object.keys(readProcessTable(dir))).toEqual(['supervisor', 'speed'])
    disk.empty()
    await expect.poll(() => said, { timeout: 10_000 }).toHaveLength(4)
    expect(said[3]).toBe('The table of processes is written again.')
    expect(Object.keys(readProcessTable(dir))).toEqual(['supervisor', 'batch'])
    expect(readReplacements(dir).speed).toMatchObject({ count: 1, reason: 'SIGKILL' })
  })
})

test('a machine without file handles is waited for, and takes nobody with it', async () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'wattproof-handles-'))
  const file = path.join(dir, 'idle.mjs')
  writeFileSync(
    file,
    `process.send({ type: 'ready' })
setInterval(() => {}, 1000)
process.on('disconnect', () => process.exit())`,
  )
  const main = path.join(dir, 'main.mjs')
  const from = (name: string) => pathToFileURL(path.join(import.meta.dirname, name)).href
  writeFileSync(
    main,
    `import { closeSync, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { superviseChild } from ${JSON.stringify(from('child.ts'))}
import { findShortage } from ${JSON.stringify(from('shortage.ts'))}
let last = ''
const say = (_, line) => {
  last = line
  process.stdout.write(line + '\\n')
}
const child = superviseChild(
  { name: 'idle', entry: [${JSON.stringify(file)}], environment: process.env },
  { say, pidChanged: () => {}, findShortage: () => findShortage(${JSON.stringify(dir)}) },
)
await child.ready
const held = []
try { for (;;) held.push(openSync('/dev/null')) } catch {}
// Its end gives some back: too few to start another.
process.kill(child.pid(), 'SIGTERM')
await sleep(3000)
for (const each of held) closeSync(each)
while (last !== ${JSON.stringify(untilPassed)}) await sleep(50)
say('', child.pid() === null ? 'gone' : 'alive')
await child.stop()
process.exit(0)
`,
  )
  const shell = spawn(
    'bash',
    ['-c', 'ulimit -n 128; exec "$@"', 'sh', process.execPath, ...typeScriptArgs, main],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let said = ''
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
  }
  const code = await new Promise((resolve) => shell.once('close', resolve))
  expect(code, said).toBe(0)
  const lines = said.trim().split('\n')
  expect(lines).toEqual([
    'ended (SIGTERM); it is started again',
    expect.stringMatching(/^ended \(.*\): no file handle is left.*; it is started again when/),
    untilPassed,
    'alive',
  ])
})

test('a port that another program takes meanwhile is waited for, however long', async () => {
  const [port = 0] = await freePorts(1)
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'wattproof-port-')), 'listener.mjs')
  writeFileSync(
    file,
    `import net from 'node:net'
process.on('disconnect', () => process.exit())
const ready = () => process.send({ type: 'ready' })
// The other is to be first.
setTimeout(() => net.createServer().listen(${port}, '127.0.0.1', ready), 500)`,
  )
  const lines: string[] = []
  const pids: (number | null)[] = []
  const child = superviseChild(
    { name: 'listener', entry: [file], environment: process.env },
    { say: (_, line) => lines.push(line), pidChanged: (_, pid) => pids.push(pid) },
  )
  const ends = () => lines.filter((line) => line.startsWith('ended'))
  const lives = () => pids.filter((pid) => pid !== null).length
  await child.ready
  const other = net.createServer()
  process.kill(child.pid()!, 'SIGKILL')
  await expect.poll(() => isTakenBy(other, port), { interval: 0 }).toBe(true)
  await expect.poll(() => ends().at(-1), { timeout: 30_000 }).toContain('its port is taken')
  await expect.poll(lives, { timeout: 60_000 }).toBeGreaterThan(6)
  expect(ends()).toHaveLength(2)
  expect(await Promise.race([child.givenUp, sleep(0, 'supervised')])).toBe('supervised')
  await new Promise((resolve) => other.close(resolve))
  await expect.poll(() => lines, { timeout: 60_000 }).toContain(untilPassed)
  await child.stop()
}, 240_000)

/** Whether a server has the port now; it is tried again while somebody else has it. */
function isTakenBy(server: net.Server, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => resolve(true))
  })
}

test('a port that is taken before it was ever ready is a mistake, and ends it', async () => {
  const other = net.createServer()
  await isTakenBy(other, 0)
  const { port } = other.address() as net.AddressInfo
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'wattproof-port-')), 'listener.mjs')
  writeFileSync(file, `(await import('node:net')).createServer().listen(${port}, '127.0.0.1')`)
  const child = superviseChild(
    { name: 'listener', entry: [file], environment: process.env },
    { say: () => {}, pidChanged: () => {} },
  )
  await expect(child.ready).rejects.toThrow('listener ended too often, last by exit code 1.')
  other.close()
}, 120_000)

test('a shortage is no other error', () => {
  expect(shortageOf(Object.assign(new Error('write'), { code: 'ENOSPC' }))).not.toBeNull()
  expect(shortageOf(Object.assign(new Error('open'), { code: 'ENOENT' }))).toBeNull()
  expect(shortageOf(new Error('a mistake'))).toBeNull()
  expect(
    shortageIn('PANIC: could not write to file: No space left on device', false),
  ).not.toBeNull()
  expect(
    shortageIn('Code: 243. DB::Exception: Cannot reserve: not enough space', false),
  ).not.toBeNull()
  expect(shortageIn('EMFILE: too many open files, open', false)).toContain('file handle')
  expect(shortageIn('FATAL ERROR: JavaScript heap out of memory', false)).toBeNull()
  const ofOthers = [
    'listen EADDRINUSE: address already in use 127.0.0.1:8420',
    'could not bind IPv4 address "127.0.0.1": Address already in use',
    'could not fork new process for connection: Resource temporarily unavailable',
    'spawn esbuild EAGAIN',
  ]
  for (const line of ofOthers) {
    expect(shortageIn(line, true), line).not.toBeNull()
    expect(shortageIn(line, false), line).toBeNull()
  }
})
