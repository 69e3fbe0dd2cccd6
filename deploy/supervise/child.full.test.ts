import { mkdtempSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'vitest'
import { deferred } from '../process/runtime.ts'
import { type HeldPort, holdPort } from '../sockets/holdPort.ts'
import { superviseChild } from './child.ts'
import type { ChildSpec } from './startChild.ts'

/** Real processes that run, die and misbehave; side by side, since most of it is waiting. */
const dir = mkdtempSync(path.join(os.tmpdir(), 'wattproof-child-'))
let count = 0

function start(source: string, more: Pick<ChildSpec, 'held' | 'listensOn'> = {}) {
  const file = path.join(dir, `child-${count++}.mjs`)
  writeFileSync(file, source)
  const lines: string[] = []
  const pids: (number | null)[] = []
  const reasons: string[] = []
  const child = superviseChild(
    {
      name: 'example',
      entry: [file],
      environment: process.env,
      init: { word: 'open sesame' },
      ...more,
    },
    {
      say: (_, line) => lines.push(line),
      pidChanged: (_, pid) => pids.push(pid),
      replaced: (_, reason) => reasons.push(reason),
    },
  )
  return { child, lines, pids, reasons }
}

const sayReady = "process.send({ type: 'ready' });"
/** Ends with its parent, also when a test gives up on it. */
const live = "setInterval(() => {}, 1000);process.on('disconnect', () => process.exit());"

test.concurrent('is ready when it says so, gets its secret by message, and stops', async ({
  expect,
}) => {
  const source = "process.once('message', ({ word }) => { console.error(word); "
  const { child, lines } = start(`${source}${sayReady} });${live}`)
  await child.ready
  await expect.poll(() => lines).toContain('open sesame')
  expect(child.pid()).toBeGreaterThan(0)
  await child.stop()
  expect(child.pid()).toBeNull()
})

test.concurrent('one that is held loads, and goes on when released', async ({ expect }) => {
  const gate = deferred<void>()
  const source = `process.on('message', ({ type, word }) => {
    if (word) console.error('loaded')
    if (type === 'go') ${sayReady}
  });`
  const { child, lines, pids } = start(source, { held: gate.promise })
  await expect.poll(() => lines, { timeout: 20_000 }).toEqual(['loaded'])
  expect(await Promise.race([child.ready.then(() => 'ready'), sleep(200, 'held')])).toBe('held')
  gate.resolve()
  await child.ready
  process.kill(child.pid()!, 'SIGKILL')
  const loaded = () => lines.filter((line) => line === 'loaded')
  await expect.poll(loaded, { timeout: 20_000 }).toHaveLength(2)
  expect(pids).toHaveLength(3)
  await child.stop()
})

test.concurrent('comes back after kill -9, with another pid', async ({ expect }) => {
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

test.concurrent('one that is stopped by a signal is killed, and replaced with the reason', async ({
  expect,
}) => {
  const beat = "setInterval(() => process.send({ type: 'beat' }), 500);"
  const { child, lines, pids } = start(`${sayReady}${beat}${live}`)
  await child.ready
  process.kill(child.pid()!, 'SIGSTOP')
  await expect.poll(() => pids.length, { timeout: 40_000 }).toBe(3)
  expect(lines.join()).toMatch(/^ended \(it was stopped for \d+ s\); it is started again$/)
  await child.stop()
})

test.concurrent('one that is killed from outside is never given up', async ({ expect }) => {
  const source = "process.once('message', () => process.kill(process.pid, 'SIGKILL'));"
  const { child, lines } = start(`${sayReady}${source}${live}`)
  await expect.poll(() => lines.length, { timeout: 90_000 }).toBeGreaterThan(9)
  expect(await Promise.race([child.givenUp, sleep(500, 'still supervised')])).toBe(
    'still supervised',
  )
  await child.stop()
})

test.concurrent('one that was ready and keeps dying is kept, and works once it can', async ({
  expect,
}) => {
  const mended = path.join(dir, 'mended')
  const source = `import { existsSync } from 'node:fs'
    ${sayReady} if (!existsSync('${mended}')) process.exit(3); ${live}`
  const { child, lines, reasons, pids } = start(source)
  await child.ready
  const often = 'exit code 3; it keeps ending; the next start is in 15 s'
  await expect.poll(() => reasons.at(-1), { timeout: 90_000, interval: 20 }).toBe(often)
  // Eight short pauses, and then a long one.
  expect(reasons).toHaveLength(9)
  expect(lines.at(-1)).toBe('ended (exit code 3); it keeps ending; the next start is in 15 s')
  writeFileSync(mended, '')
  await expect.poll(() => pids.length, { timeout: 60_000 }).toBe(19)
  expect(await Promise.race([child.givenUp, sleep(500, 'still supervised')])).toBe(
    'still supervised',
  )
  expect(child.pid()).toBeGreaterThan(0)
  await child.stop()
})

test.concurrent('one that keeps dying before it is ready is given up, with a reason', async ({
  expect,
}) => {
  const { child, lines } = start('process.exit(3)')
  await expect(child.ready).rejects.toThrow('example ended too often, last by exit code 3.')
  expect((await child.givenUp).message).toContain('too often')
  expect(lines).toHaveLength(9)
})

test.concurrent('of two starts that hold one port one has it, and the other ends at once', async ({
  expect,
}) => {
  const source = `const server = (await import('node:http')).createServer()
    process.on('disconnect', () => process.exit())
    server.listen({ fd: 4 }, () => process.send({ type: 'ready' }))`
  const first = await holdPort({ host: '127.0.0.1', port: 0 })
  // Where neither listens yet the system lets both bind.
  const second = await holdPort({ host: '127.0.0.1', port: first.port })
  const starts = [first, second].map((listensOn: HeldPort) => start(source, { listensOn }))
  const outcomes = await Promise.allSettled(starts.map(({ child }) => child.ready))
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  const lost = outcomes.findIndex(({ status }) => status === 'rejected')
  expect((outcomes[lost] as PromiseRejectedResult).reason.message).toBe(
    `Port ${first.port} is already in use; give another --port (0 picks one).`,
  )
  expect(starts[lost]!.reasons).toEqual([])
  await Promise.all(starts.map(({ child }) => child.stop()))
  for (const each of [first, second]) each.close()
})

test.concurrent('one that ignores SIGTERM is killed', async ({ expect }) => {
  const { child } = start(`process.on('SIGTERM', () => {});${sayReady}${live}`)
  await child.ready
  const pid = child.pid()!
  await child.stop()
  expect(() => process.kill(pid, 0)).toThrow()
})
