import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import {
  ClickHouseFolderError,
  ClickHousePasswordError,
} from '../../../schemas/errors/installation.ts'
import { runProcess, sayReady } from '../../process/runtime.ts'
import { engineUser } from '../../sockets/enginePlaces.ts'
import { openClickHouseServer } from './server.ts'
import { createStatementGuard } from './statementGuard.ts'

/**
 * The process that owns the embedded ClickHouse.
 *
 *     node --import tsx deploy/embedded/clickhouse/main.ts --dir DIR [--allow FOLDER]
 *
 * The password comes as the IPC message `{ password }`, or, without a parent, as the first line of
 * standard input: other users can see arguments and environment. It sends `{ type: 'ready' }`, and
 * ends on SIGTERM or with its parent. `--allow` adds the queries of a folder (tests).
 */
const { values } = parseArgs({
  options: {
    dir: { type: 'string' },
    allow: { type: 'string' },
  },
})
const stopMsMax = 6_000
const passwordCharsMin = 16

await runProcess(async (signal) => {
  const { dir } = values
  if (dir === undefined) throw new ClickHouseFolderError()
  const stopped = untilStopped(signal)
  const password = await Promise.race([readPassword(), stopped])
  if (password === undefined) return
  const guard = createStatementGuard(readExtraQueries(values.allow))
  const api = await openClickHouseServer({ dir, guard, user: engineUser, password })
  if (process.connected) sayReady()
  else process.stdout.write(`${JSON.stringify({ type: 'ready' })}\n`)
  await stopped
  // A running read must not keep the process alive: ending loses nothing acknowledged.
  setTimeout(() => process.exit(0), stopMsMax).unref()
  await api.close()
})
process.exit(0)

function readPassword(): Promise<string> {
  return new Promise((resolve, reject) => {
    const take = (password: unknown) => {
      if (typeof password === 'string' && password.length >= passwordCharsMin) resolve(password)
      else reject(new ClickHousePasswordError({ charsMin: passwordCharsMin }))
    }
    if (process.send) {
      process.once('message', (message: { password?: unknown }) => take(message.password))
    } else createInterface({ input: process.stdin }).once('line', take)
  })
}

function untilStopped(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    const stop = () => resolve(undefined)
    signal.addEventListener('abort', stop)
    // Without IPC the parent keeps standard input open; when it closes, the parent has ended.
    if (!process.send) process.stdin.once('end', stop)
  })
}

function readExtraQueries(folder: string | undefined): string[] {
  if (folder === undefined) return []
  const files = readdirSync(folder).filter((each) => each.endsWith('.sql'))
  return files.map((each) => readFileSync(path.join(folder, each), 'utf8'))
}
