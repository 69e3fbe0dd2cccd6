import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { markProcess } from '../process/processMark.ts'
import { clearLeftovers, writeProcessTable } from './processTable.ts'

const newDir = () => mkdtempSync(path.join(os.tmpdir(), 'wattproof-table-'))

/** Looks like one of our processes: its command line contains our folder. */
function startSleeper() {
  const source = 'process.stdout.write("up"); setInterval(() => {}, 1000)'
  const child = spawn(process.execPath, ['-e', source, 'deploy/cli.ts'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return { child, up: once(child.stdout, 'data'), gone: once(child, 'exit') }
}

test('a folder in use by a running start is refused', async () => {
  const dir = newDir()
  writeProcessTable(dir, { supervisor: markProcess(process.pid) })
  await expect(clearLeftovers(dir)).rejects.toThrow(`is in use by process ${process.pid}`)
})

test('leftovers of a killed start are ended', async () => {
  const dir = newDir()
  const { child, up, gone } = startSleeper()
  await up
  writeProcessTable(dir, { speed: markProcess(child.pid!) })
  await clearLeftovers(dir)
  expect(await gone).toEqual([null, 'SIGKILL'])
}, 20_000)

test('another process that has reused a pid of ours is left alone', async () => {
  const dir = newDir()
  const { child, up, gone } = startSleeper()
  await up
  const mark = markProcess(child.pid!)
  const earlier = { ...mark, start: `${mark.start} of another life` }
  writeProcessTable(dir, { supervisor: earlier, speed: earlier, batch: earlier })
  const start = performance.now()
  await clearLeftovers(dir)
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
  await clearLeftovers(dir)
})
