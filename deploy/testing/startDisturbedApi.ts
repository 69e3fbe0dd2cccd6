import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { projectRoot } from '../process/runtime.ts'
import type { Disturbance } from './disturbedApi.ts'
import { testProgramArgs } from './engineArgs.ts'

/** A process of the API for readings, which dies or dawdles where the test wants it. */
export type DisturbedApi = {
  /** Counts calls of ports anew. */
  disturb(how: Disturbance): Promise<void>
  /** The status and the body; status 0 where it died first. */
  post(route: string, given: PostedText): Promise<{ status: number; body: string }>
  isDead(): boolean
  stop(): Promise<void>
}

export type PostedText = {
  readonly type: string
  readonly text: string
  /** `Idempotency-Key`. */
  readonly key?: string
}

export async function startDisturbedApi(dir: string, url: string): Promise<DisturbedApi> {
  const program = await testProgramArgs('deploy/testing/disturbedApi.ts')
  const child = spawn(process.execPath, [...program, dir, url], {
    cwd: projectRoot,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const gone = once(child, 'exit')
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return {
    disturb: async (how) => {
      child.send(how)
      await once(child, 'message')
    },
    post: async (route, { type, text, key }) => {
      const headers = { 'content-type': type, ...(key ? { 'idempotency-key': key } : {}) }
      try {
        const init = { method: 'POST', headers, body: text }
        const answer = await fetch(`http://127.0.0.1:${port}${route}`, init)
        return { status: answer.status, body: await answer.text() }
      } catch {
        await gone
        return { status: 0, body: '' }
      }
    },
    isDead: () => child.signalCode === 'SIGKILL',
    stop: async () => {
      if (child.connected) child.disconnect()
      await gone
    },
  }
}
