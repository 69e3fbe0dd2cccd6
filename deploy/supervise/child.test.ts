import { mkdtempSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { superviseChild } from './child.ts'

/** Real processes that run, die and misbehave. */
const dir = mkdtempSync(path.join(os.tmpdir(), 'wattproof-child-'))
let count = 0

function start(source: string) {
  const file = path.join(dir, `child-${count++}.mjs`)
  writeFileSync(file, source)
  const lines: string[] = []
  const pids: (number | null)[] = []
  const child = superviseChild(
    { name: 'example', entry: [file], environment: process.env, init: { word: 'open sesame' } },
    {
      say: (_, line) => lines.push(line),
      pidChanged: (_, pid) => pids.push(pid),
    },
  )
  return { child, lines, pids }
}

const sayReady = "process.send({ type: 'ready' });"
const live = 'setInterval(() => {}, 1000);'

test('is ready when it says so, gets its secret by message, and stops', async () => {
  const source = "process.once('message', ({ word }) => { console.error(word); "
  const { child, lines } = start(`${source}${sayReady} });${live}`)
  await child.ready
  await expect.poll(() => lines).toContain('open sesame')
  expect(child.pid()).toBeGreaterThan(0)
  await child.stop()
  expect(child.pid()).toBeNull()
})

test('comes back after kill -9, with another pid', async () => {
  const { child, lines, pids } = start(`${sayReady}${live}`)
  await child.ready
  const first = child.pid()!
  process.kill(first, 'SIGKILL')
  await expect.poll(() => pids.length, { timeout: 10_000 }).toBe(3)
  expect(pids).toEqual([first, null, expect.any(Number)])
  expect(pids[2]).not.toBe(first)
  expect(lines).toContain('ended (SIGKILL); it is started again')
  await child.stop()
})

test('one that keeps dying is given up, with a reason', async () => {
  const { child, lines } = start('process.exit(3)')
  await expect(child.ready).rejects.toThrow('example ended too often, last by exit code 3.')
  expect((await child.givenUp).message).toContain('too often')
  expect(lines).toHaveLength(9)
}, 60_000)

test('one that ignores SIGTERM is killed', async () => {
  const { child } = start(`process.on('SIGTERM', () => {});${sayReady}${live}`)
  await child.ready
  const pid = child.pid()!
  await child.stop()
  expect(() => process.kill(pid, 0)).toThrow()
}, 30_000)
