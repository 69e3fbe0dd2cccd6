import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { markProcess } from '../process/processMark.ts'
import { clearLeftovers, writeProcessTable } from './processTable.ts'

const newDir = () => mkdtempSync(path.join(os.tmpdir(), 'wattproof-table-'))

/** Lives as one of ours does: its command line holds our folder. */
function startSleeper() {
  const source = 'process.stdout.write("up"); setInterval(() => {}, 1000)'
  const child = spawn(process.execPath, ['-e', source, 'deploy/cli.ts'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return { child, up: once(child.stdout, 'data'), gone: once(child, 'exit') }
}

test('a folder in use by a start that lives is refused', async () => {
  const dir = newDir()
  writeProcessTable(dir, { supervisor: markProcess(process.pid) })
  await expect(clearLeftovers(dir)).rejects.toThrow(`is in use by process ${process.pid}`)
})

test('what a killed start left behind is ended', async () => {
  const dir = newDir()
  const { child, up, gone } = startSleeper()
  await up
  writeProcessTable(dir, { speed: markProcess(child.pid!) })
  await clearLeftovers(dir)
  expect(await gone).toEqual([null, 'SIGKILL'])
}, 20_000)

test('whoever was given the number of one of ours since is left alone', async () => {
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

test('a process that ended is not running, though nobody has taken note', async () => {
  const dir = newDir()
  const { child, up, gone } = startSleeper()
  await up
  writeProcessTable(dir, { speed: markProcess(child.pid!) })
  child.kill('SIGKILL')
  await gone
  await clearLeftovers(dir)
})
