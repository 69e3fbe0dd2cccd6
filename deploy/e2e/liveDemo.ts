import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Event } from '../../serving/shapes/events.ts'
import { projectRoot } from '../process/runtime.ts'

/** A demo that keeps its dashboard up and can be paused midway. */
export type LiveDemo = {
  readonly url: string
  readonly token: string
  /** Waits for a condition on the events and the simulated clock. */
  until(isThere: (events: readonly Event[], nowMs: number) => boolean, what: string): Promise<void>
  /** Stops the process that drives the clock; everything else keeps running. */
  hold(): void
  release(): void
  stop(): Promise<void>
}

const startMsMax = 180_000
const waitMsMax = 400_000

/** `wattproof demo`, as a user starts it to look at the pages. */
export async function startLiveDemo(options: {
  dir: string
  flags?: readonly string[]
}): Promise<LiveDemo> {
  const { dir, flags = [] } = options
  const child = spawn(
    process.execPath,
    ['deploy/wattproof.mjs', 'demo', '--port', '0', '--no-browser', '--dir', dir, ...flags],
    { cwd: projectRoot, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const alive = () => {
    if (child.exitCode === null && child.signalCode === null) return
    throw new Error(`The demo ended early:\n${said.slice(-4_000)}`)
  }
  const url = await waitFor(startMsMax, 'the dashboard', async () => {
    alive()
    return /Dashboard: (http:\/\/[^/\s]+)/.exec(said)?.[1]
  })
  return {
    url,
    token: readFileSync(path.join(dir, 'token'), 'utf8').trim(),
    async until(isThere, what) {
      await waitFor(waitMsMax, what, async () => {
        alive()
        const [{ events }, { now }] = await Promise.all([
          getJson<{ events: readonly Event[] }>(`${url}/api/v1/events`),
          getJson<{ now: string }>(`${url}/api/v1/status`),
        ])
        return isThere(events, Date.parse(now)) ? true : undefined
      })
    },
    hold: () => void child.kill('SIGSTOP'),
    release: () => void child.kill('SIGCONT'),
    async stop() {
      child.kill('SIGCONT')
      child.kill('SIGTERM')
      await closed
    },
  }
}

async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} answered ${response.status}.`)
  return (await response.json()) as T
}

async function waitFor<T>(
  milliseconds: number,
  what: string,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const until = performance.now() + milliseconds
  while (performance.now() < until) {
    const found = await look()
    if (found !== undefined) return found
    await sleep(60)
  }
  throw new Error(`Waited ${milliseconds / 1000} s for ${what}.`)
}
