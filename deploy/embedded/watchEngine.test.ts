import { mkdtempSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { freePorts } from '../installation/addresses.ts'
import { listDescendants } from '../process/threadState.ts'
import { isAlive } from '../testing/isAlive.ts'
import { startAnvil } from '../testing/startAnvil.ts'
import { startEmbeddedPostgres } from '../testing/startPostgres.ts'
import { postgresAnswers } from './postgresAnswers.ts'

const newDir = (name: string) => mkdtempSync(path.join(os.tmpdir(), `wattproof-${name}-`))

test.concurrent('an anvil that is stopped is killed, and its owner ends', async ({ expect }) => {
  const anvil = await startAnvil({ dir: newDir('anvil'), port: 0, chainId: 31_337 })
  process.kill(anvil.pid, 'SIGSTOP')
  await anvil.exited
  expect(() => process.kill(anvil.pid, 0)).toThrow()
})

test.concurrent('so does one of PostgreSQL, of which each process counts', async ({ expect }) => {
  const [port] = await freePorts(1)
  const options = { dir: newDir('postgres'), port: port!, password: 'a password', template: null }
  const postgres = await startEmbeddedPostgres(options)
  await postgresAnswers(port!)
  // It replaces one of its own that is killed; a server that ends takes its owner with it.
  const [backend] = listDescendants(postgres.pid)
  if (backend !== undefined) {
    process.kill(backend, 'SIGSTOP')
    await expect.poll(() => isAlive(backend), { timeout: 40_000 }).toBe(false)
  }
  process.kill(postgres.pid, 'SIGSTOP')
  expect(await postgres.exited).toContain(`process ${postgres.pid} was stopped for 10 s`)
})

test('a port where nobody answers is refused', async () => {
  const [port] = await freePorts(1)
  await expect(postgresAnswers(port!)).rejects.toThrow('ECONNREFUSED')
})
