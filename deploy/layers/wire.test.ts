import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { superviseChild } from '../supervise/child.ts'

/** A layer as `up` runs it: a separate process with an IPC channel to its parent. */
function startLayer(name: string, environment: NodeJS.ProcessEnv, held?: Promise<void>) {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'wattproof-layer-'))
  const lines: string[] = []
  const flags = held ? ['--held'] : []
  const child = superviseChild(
    {
      name,
      entry: [path.join(import.meta.dirname, '../cli.ts'), name, '--dir', dir, ...flags],
      environment: { ...process.env, ...environment },
      ...(held ? { held } : {}),
    },
    { say: (_, line) => lines.push(line), pidChanged: () => {} },
  )
  return { child, lines }
}

test('a layer that fails at each start ends each time, with its reason printed', async () => {
  const { child, lines } = startLayer('speed', { VIEWS_URL: 'ftp://nowhere/' })
  let wasReady = false
  child.ready.then(
    () => {
      wasReady = true
    },
    () => {},
  )
  // That it is given up in the end is tested with smaller programs, in supervise/.
  const isEnd = (line: string) => line === 'ended (exit code 2); it is started again'
  await expect.poll(() => lines.filter(isEnd).length, { timeout: 30_000 }).toBe(2)
  await child.stop()
  expect(lines.filter((line) => line.startsWith('wattproof: '))).toHaveLength(2)
  expect(wasReady).toBe(false)
})

test('a held layer opens nothing before it is released, and stops while it waits', async () => {
  const { child, lines } = startLayer(
    'speed',
    { VIEWS_URL: 'ftp://nowhere/' },
    new Promise(() => {}),
  )
  await sleep(2_000)
  const pid = child.pid()!
  await child.stop()
  expect(() => process.kill(pid, 0)).toThrow()
  expect(lines).toEqual([])
})

test('a layer that fails while running ends and is restarted', async () => {
  // A substitute for a store that accepts every user and has lost its tables.
  const store = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(404, { 'X-ClickHouse-Exception-Code': '60' })
      response.end('Code: 60. DB::Exception: There is no such table. (UNKNOWN_TABLE)')
    })
  })
  await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve))
  const { port } = store.address() as AddressInfo
  const url = `http://user:password@127.0.0.1:${port}/?database=wattproof`
  const { child, lines } = startLayer('speed', { VIEWS_URL: url })
  await child.ready
  const isStartedAgain = () => lines.some((line) => line.endsWith('it is started again'))
  await expect.poll(isStartedAgain, { timeout: 20_000 }).toBe(true)
  expect(lines.find((line) => line.startsWith('wattproof: '))).toContain('The tables are missing')
  await child.stop()
  store.close()
})
