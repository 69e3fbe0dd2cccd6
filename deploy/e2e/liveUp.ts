import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { projectRoot } from '../process/runtime.ts'

/** A running `wattproof up`, started by the command line. */
export type LiveUp = {
  readonly dir: string
  readonly url: string
  readonly token: string
  readonly process: ChildProcess
  /** Everything on standard error so far. */
  said(): string
  stop(): Promise<number | null>
}

/** @param inherited descriptors that it gets as 3 and on. */
export async function startLiveUp(
  dir: string,
  environment?: NodeJS.ProcessEnv,
  inherited: readonly number[] = [],
): Promise<LiveUp> {
  const flags = ['up', '--dir', dir, '--port', '0', '--no-browser', '--json']
  const up = spawn(process.execPath, ['deploy/wattproof.mjs', ...flags], {
    cwd: projectRoot,
    stdio: ['ignore', 'ignore', 'pipe', ...inherited],
    ...(environment ? { env: environment } : {}),
  })
  let said = ''
  const url = await new Promise<string>((resolve, reject) => {
    up.once('exit', () => reject(new Error(said)))
    up.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const [, found] = /Up in [\d.]+ s: (\S+)\n/.exec(said) ?? []
      if (found !== undefined) resolve(found)
    })
  })
  const token = readFileSync(path.join(dir, 'token'), 'utf8').trim()
  const ended = new Promise<number | null>((resolve) => up.once('exit', resolve))
  const stop = () => {
    up.kill('SIGTERM')
    return ended
  }
  return { dir, url, token, process: up, said: () => said, stop }
}

export type Answer = { readonly status: number; readonly ms: number; readonly body: string }

/** One request, however it ends: status 0 when there is no answer. */
export async function ask(
  { url, token }: Pick<LiveUp, 'url' | 'token'>,
  route: string,
  init: RequestInit = {},
): Promise<Answer> {
  const began = performance.now()
  const headers = { authorization: `Bearer ${token}`, ...init.headers }
  try {
    const signal = AbortSignal.timeout(60_000)
    const answer = await fetch(`${url}${route}`, { ...init, headers, signal })
    const isEndless = answer.headers.get('content-type')?.startsWith('text/event-stream') ?? false
    if (isEndless) await answer.body?.cancel()
    const body = isEndless ? '' : await answer.text()
    return { status: answer.status, ms: performance.now() - began, body }
  } catch (error) {
    return { status: 0, ms: performance.now() - began, body: String(error) }
  }
}
