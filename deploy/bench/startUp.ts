import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { InvariantError } from '../../schemas/errors/wattproofError.ts'
import { projectRoot } from '../process/runtime.ts'

type Starting = {
  readonly environment?: NodeJS.ProcessEnv
  /** Each line of its standard error until it is up. */
  readonly onLine?: (line: string) => void
}

/** `wattproof up` at a free port; `base` is where its API answers. Resolves once it is up. */
export async function startUp(
  dir: string,
  { environment = {}, onLine = () => {} }: Starting = {},
): Promise<{ up: ChildProcess; base: string }> {
  const flags = ['up', '--dir', dir, '--port', '0', '--no-browser']
  const up = spawn(process.execPath, ['deploy/wattproof.mjs', ...flags], {
    cwd: projectRoot,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  const base = await new Promise<string>((resolve, reject) => {
    // The listener stays, so that the pipe never fills.
    createInterface({ input: up.stderr }).on('line', (line) => {
      said = `${said}\n${line}`.slice(-4_000)
      onLine(line)
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? []
      if (line.startsWith('Up in ') && url) resolve(url)
    })
    up.once('exit', () => reject(new InvariantError(`\`up\` ended before it was up: ${said}`)))
  })
  return { up, base }
}

export async function stop(up: ChildProcess): Promise<void> {
  const exited = once(up, 'exit')
  up.kill('SIGTERM')
  await exited
}

/** A folder of its own for `work`, which other users may pass through, as PostgreSQL's does. */
export async function inFolder<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'wattproof-bench-'))
  chmodSync(dir, 0o755)
  try {
    return await work(dir)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
