import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { projectRoot } from '../process/runtime.ts'
import { callAnvil } from '../testing/callAnvil.ts'
import { engineArgs } from '../testing/engineArgs.ts'
import { type Anvil, anvilEntry, startAnvil } from '../testing/startAnvil.ts'
import { connectAnvil } from './anvilIpc.ts'
import { readDurableBlock, stateFile } from './anvilState.ts'

const start2013S = 1_360_000_000
const running: Anvil[] = []
const dirs: string[] = []

afterEach(async () => {
  for (const anvil of running.splice(0)) await anvil.stop()
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true })
})

test('a chain continues after kill -9 of anvil; its time neither jumps nor goes back', async () => {
  const dir = newDir()
  const first = await start({ dir, timestampS: start2013S })
  await callAnvil(first.url, 'evm_setNextBlockTimestamp', [start2013S + 500])
  await callAnvil(first.url, 'evm_mine')
  await untilDurable(first, 1)
  process.kill(first.pid, 'SIGKILL')
  await first.exited

  const second = await start({ dir, timestampS: start2013S })
  expect(second.url).toBe(first.url)
  expect(await newestBlock(second)).toEqual({ number: 1, timestampS: start2013S + 500 })
  // One second per block, however long nothing is sent.
  await sleep(1_200)
  await callAnvil(second.url, 'evm_mine')
  expect(await newestBlock(second)).toEqual({ number: 2, timestampS: start2013S + 501 })
})

test.each(['SIGKILL', 'SIGTERM'] as const)(
  '%s of anvil ends its owner likewise',
  async (signal) => {
    const owner = await startOwner({ dir: newDir(), timestampS: start2013S })
    const [{ pid }] = await once(owner, 'message')
    process.kill(pid, signal)
    const [code, ended] = await once(owner, 'exit')
    // Its supervisor counts that as killed from outside, and no fault. anvil itself obeys SIGTERM.
    expect({ code, ended }).toEqual(
      signal === 'SIGKILL' ? { code: null, ended: signal } : { code: 1, ended: null },
    )
  },
)

test('a graceful stop keeps the last block', async () => {
  const dir = newDir()
  const first = await start({ dir, timestampS: start2013S })
  for (let block = 0; block < 5; block++) await callAnvil(first.url, 'evm_mine')
  await first.stop()
  expect(first.durableBlock()).toBe(5)
  const second = await start({ dir, timestampS: start2013S })
  expect((await newestBlock(second)).number).toBe(5)
})

test('kill -9 of the owner: the next start saves the orphan’s blocks, then ends it', async () => {
  const dir = newDir()
  const first = await start({ dir, timestampS: start2013S })
  process.kill(first.ownerPid, 'SIGKILL')
  await first.exited
  await mineAlone(dir)
  const second = await start({ dir, timestampS: start2013S })
  expect(second.pid).not.toBe(first.pid)
  expect((await newestBlock(second)).number).toBe(1)
})

test('kill -9 of the owner while anvil starts: the next start ends the orphan', async () => {
  const dir = newDir()
  const owner = await startOwner({ dir, timestampS: start2013S })
  const orphan = await untilFound(() => childNamed('anvil', owner.pid!))
  // Stopped, so that it does not answer before its owner is killed.
  process.kill(orphan, 'SIGSTOP')
  await untilFound(() => existsSync(path.join(dir, 'anvil.json')) || null)
  owner.kill('SIGKILL')
  process.kill(orphan, 'SIGCONT')
  const second = await start({ dir, timestampS: start2013S })
  expect(second.pid).not.toBe(orphan)
  expect(await newestBlock(second)).toMatchObject({ number: 0 })
})

test('a chain that cannot be saved is reported once, and once more when it can', async () => {
  const dir = newDir()
  const owner = await startOwner({ dir, timestampS: start2013S })
  let said = ''
  owner.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8')
  })
  const [{ url }] = await once(owner, 'message')
  await untilFound(() => readDurableBlock(dir) === 0 || null)
  const good = readFileSync(stateFile(dir), 'utf8')
  // A folder in place of the temporary file.
  const inPlace = `${stateFile(dir)}.${owner.pid}.new`
  mkdirSync(inPlace)
  await expect(callAnvil(url, 'evm_mine')).rejects.toThrow('does not pass "evm_mine"')
  await mineAlone(dir)
  await untilFound(() => said.includes('the chain cannot be saved: EISDIR') || null)
  await sleep(300)
  expect(readFileSync(stateFile(dir), 'utf8')).toBe(good)
  expect(readDurableBlock(dir)).toBe(0)
  rmSync(inPlace, { recursive: true })
  await untilFound(() => readDurableBlock(dir) === 1 || null)
  expect(said.match(/cannot be saved/g)).toHaveLength(1)
  await untilFound(() => said.includes('the chain is saved again') || null)
  owner.kill('SIGTERM')
  await once(owner, 'exit')
})

test('without a start time the chain uses the machine’s time', async () => {
  const anvil = await start({ dir: newDir() })
  await callAnvil(anvil.url, 'evm_mine')
  const { timestampS } = await newestBlock(anvil)
  expect(Math.abs(timestampS - Date.now() / 1000)).toBeLessThan(5)
})

test('a folder whose path is longer than that of a socket may be has a chain too', async () => {
  const dir = path.join(newDir(), 'x'.repeat(90))
  const anvil = await start({ dir, timestampS: start2013S })
  await callAnvil(anvil.url, 'evm_mine')
  expect((await newestBlock(anvil)).number).toBe(1)
  expect(statSync(path.join(dir, 'guard.sock')).mode & 0o777).toBe(0o600)
  expect(statSync(dir).mode & 0o777).toBe(0o700)
})

test('no well-known key has money', async () => {
  const anvil = await start({ dir: newDir() })
  expect(await callAnvil(anvil.url, 'eth_accounts')).toEqual([])
})

async function start(options: { dir: string; timestampS?: number }): Promise<Anvil> {
  const anvil = await startAnvil({ chainId: 31_337, ...options })
  running.push(anvil)
  return anvil
}

type StartOwnerOptions = { dir: string; timestampS: number }

/** The owner as the supervisor starts it, before it is ready. */
async function startOwner(options: StartOwnerOptions): Promise<ChildProcess> {
  const owner = spawn(process.execPath, await engineArgs(anvilEntry), {
    cwd: projectRoot,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  owner.send({ chainId: 31_337, password: 'a password for tests', ...options })
  return owner
}

/** Without the guard. */
async function mineAlone(dir: string): Promise<void> {
  process.chdir(dir)
  const anvil = await connectAnvil()
  await anvil.call('evm_mine')
  anvil.close()
  process.chdir(projectRoot)
}

function childNamed(name: string, parent: number): number | null {
  const said = execFileSync('ps', ['-eo', 'pid=,ppid=,comm='], { encoding: 'utf8' })
  for (const line of said.split('\n')) {
    const [pid, ppid, command = ''] = line.trim().split(/\s+/)
    if (Number(ppid) === parent && path.basename(command) === name) return Number(pid)
  }
  return null
}

async function untilFound<T>(find: () => T | null): Promise<T> {
  for (;;) {
    const found = find()
    if (found !== null) return found
    await sleep(2)
  }
}

function newDir(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'wattproof-anvil-'))
  dirs.push(dir)
  return dir
}

async function newestBlock(anvil: Anvil): Promise<{ number: number; timestampS: number }> {
  const block = await callAnvil<{ number: string; timestamp: string }>(
    anvil.url,
    'eth_getBlockByNumber',
    ['latest', false],
  )
  return { number: Number(block.number), timestampS: Number(block.timestamp) }
}

async function untilDurable(anvil: Anvil, block: number): Promise<void> {
  while (anvil.durableBlock() < block) await sleep(20)
}
