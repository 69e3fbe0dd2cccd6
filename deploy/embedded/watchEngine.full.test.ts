import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listDescendants } from '../process/threadState.ts'
import { postgresData, postgresSocket } from '../sockets/enginePlaces.ts'
import { isAlive } from '../testing/isAlive.ts'
import { startAnvil } from '../testing/startAnvil.ts'
import { startEmbeddedPostgres } from '../testing/startPostgres.ts'
import {
  copyWhole,
  postgresRoot,
  startTestPostgres,
  testPassword,
} from '../testing/testPostgres.ts'
import { postgresAnswers } from './postgresAnswers.ts'

let made: string
beforeAll(async () => {
  made = path.join(postgresRoot(), 'postgres')
  await startTestPostgres(made, null)
})
afterAll(() => rmSync(path.dirname(made), { recursive: true, force: true }))

const newDir = (name: string) => mkdtempSync(path.join(os.tmpdir(), `wattproof-${name}-`))

test.concurrent('an anvil that is stopped is killed, and its owner ends', async ({ expect }) => {
  const anvil = await startAnvil({ dir: newDir('anvil'), chainId: 31_337 })
  process.kill(anvil.pid, 'SIGSTOP')
  await anvil.exited
  expect(() => process.kill(anvil.pid, 0)).toThrow()
})

test.concurrent('so does one of PostgreSQL', async ({ expect }) => {
  const postgres = await startPostgres()
  // A server that ends takes its owner with it.
  process.kill(postgres.pid, 'SIGSTOP')
  expect(await postgres.exited).toContain(`process ${postgres.pid} was stopped for 10 s`)
})

test.concurrent('each process of PostgreSQL counts', async ({ expect }) => {
  const postgres = await startPostgres()
  // The server replaces one of its own that is killed.
  const backends = listDescendants(postgres.pid)
  // Other systems do not tell whose child a process is.
  expect(backends.length > 0).toBe(process.platform === 'linux')
  for (const backend of backends.slice(0, 1)) {
    process.kill(backend, 'SIGSTOP')
    await expect.poll(() => isAlive(backend), { timeout: 40_000 }).toBe(false)
  }
  expect(isAlive(postgres.pid)).toBe(true)
  await postgres.stop()
})

test('a socket where nobody answers is refused', async () => {
  const socket = postgresSocket(newDir('empty'))
  await expect(postgresAnswers(socket)).rejects.toThrow('ENOENT')
})

async function startPostgres() {
  const dir = path.join(postgresRoot(), 'postgres')
  copyWhole(made, dir)
  const server = await startEmbeddedPostgres({ dir, password: testPassword, template: null })
  await postgresAnswers(postgresSocket(postgresData(dir)))
  return server
}
