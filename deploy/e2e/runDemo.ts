import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { projectRoot } from '../process/runtime.ts'
import type { DemoSummary } from '../simulate/summary.ts'

export type DemoRun = {
  readonly dir: string
  readonly process: ChildProcess
  /** Exit code, standard output and standard error. */
  readonly ended: Promise<{ code: number | null; summary: DemoSummary | null; said: string }>
}

export function temporaryDir(): string {
  return mkdtempSync(path.join(os.tmpdir(), 'wattproof-e2e-'))
}

/** `wattproof demo --once --json`, as a user starts it. */
export function startDemo(options: { dir: string; flags?: readonly string[] }): DemoRun {
  const flags = ['demo', '--once', '--json', '--port', '0', '--dir', options.dir]
  const child = spawn(
    process.execPath,
    ['deploy/wattproof.mjs', ...flags, ...(options.flags ?? [])],
    { cwd: projectRoot, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const ended = outputOf(child).then(({ code, answer, said }) => {
    const summary = code === 0 ? (JSON.parse(answer) as DemoSummary) : null
    return { code, summary, said }
  })
  return { dir: options.dir, process: child, ended }
}

/** Runs a demo to its end. @throws with its whole output when it fails. */
export async function runDemoOnce(flags: readonly string[] = [], dir = temporaryDir()) {
  const { code, summary, said } = await startDemo({ dir, flags }).ended
  if (!summary) throw new Error(`The demo ended with code ${code}:\n${said.slice(-4_000)}`)
  return { dir, summary, said }
}

/** Runs `wattproof …` to its end. */
export function runCommand(
  args: readonly string[],
  environment?: NodeJS.ProcessEnv,
): Promise<CommandOutput> {
  const child = spawn(process.execPath, ['deploy/wattproof.mjs', ...args], {
    cwd: projectRoot,
    ...(environment ? { env: environment } : {}),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return outputOf(child)
}

type CommandOutput = {
  readonly code: number | null
  /** Standard output. */
  readonly answer: string
  /** Standard error. */
  readonly said: string
}

function outputOf(child: ChildProcessByStdio<null, Readable, Readable>): Promise<CommandOutput> {
  let answer = ''
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    answer += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, answer, said }))
  })
}
