import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { markProcess } from '../process/processMark.ts'
import { clearLeftovers, writeProcessTable } from './processTable.ts'

const newDir = () => mkdtempSync(path.join(os.tmpdir(), 'wattproof-table-'))

const never = new AbortController().signal

/** Looks like one of our processes: its command line contains our folder. */
function startSleeper() {
  const source = 'process.stdout.write("up"); setInterval(() => {}, 1000)'
  const child = spawn(process.execPath, ['-e', source, 'deploy/cli.ts'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return { child, up: once(child.stdout, 'data'), gone: once(child, 'exit') }
}

test('leftovers of a killed start are ended', async () => {
  const dir = newDir()
  const { child, up, gone } = startSleeper()
  await up
  writeProcessTable(dir, { speed: markProcess(child.pid!) })
  await clearLeftovers(dir, never)
  expect(await gone).toEqual([null, 'SIGKILL'])
})

test('another process that has reused a pid of ours is left alone', async () => {
  const dir = newDir()
  const { child, up, gone } = startSleeper()
  await up
  const mark = markProcess(child.pid!)
  const earlier = { ...mark, start: `${mark.start} of another life` }
  writeProcessTable(dir, { supervisor: earlier, speed: earlier, batch: earlier })
  const start = performance.now()
  await clearLeftovers(dir, never)
  expect(performance.now() - start).toBeLessThan(1_000)
  expect(child.exitCode).toBeNull()
  child.kill('SIGKILL')
  expect(await gone).toEqual([null, 'SIGKILL'])
})

test('a process that ended is not running, though its parent has not reaped it', async () => {
  const dir = newDir()
  const { child, up, gone } = startSleeper()
  await up
  writeProcessTable(dir, { speed: markProcess(child.pid!) })
  child.kill('SIGKILL')
  await gone
  await clearLeftovers(dir, never)
})

test('a stop does not wait for leftovers', async () => {
  const dir = newDir()
  const { child, up, gone } = startSleeper()
  await up
  writeProcessTable(dir, { speed: markProcess(child.pid!) })
  await expect(clearLeftovers(dir, AbortSignal.timeout(150))).rejects.toThrow('timeout')
  expect(child.exitCode).toBeNull()
  child.kill('SIGKILL')
  await gone
})
