import { mkdtempSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Readiness } from '../../serving/shapes/status.ts'
import { freePorts } from '../installation/addresses.ts'
import { startControl } from '../testing/controlProcess.ts'
import { testProgramArgs } from '../testing/engineArgs.ts'
import { superviseChild } from './child.ts'

/**
 * A supervised API, asked over HTTP all the time while the process beside it dies twenty times in a
 * row by its own fault: the store of its views, as far as readiness asks it.
 */
const deaths = 20
/** Beyond what the machine's other work costs, of which a process beside it tells. */
const answerMsMax = 2_000
const askEveryMs = 20

test('health is answered during twenty deaths of one process in a row', async () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'wattproof-health-'))
  const [apiPort = 0, storePort = 0] = await freePorts(2)
  const mended = path.join(dir, 'mended')
  const store = path.join(dir, 'store.mjs')
  writeFileSync(
    store,
    `import { existsSync } from 'node:fs'
    import { createServer } from 'node:http'
    process.on('disconnect', () => process.exit())
    createServer((_, reply) => reply.end('{}\\n')).listen(${storePort}, '127.0.0.1', () => {
      process.send({ type: 'ready' })
      if (!existsSync('${mended}')) setTimeout(() => process.exit(3), 50)
    })`,
  )
  const reasons: string[] = []
  // A hundredth of the usual ones: the deaths are what counts here, and not the time between them.
  const pauses = { first: 1, longest: 20, patient: 150 }
  const watcher = { say: () => {}, pidChanged: () => {} }
  const dying = superviseChild(
    { name: 'store', entry: [store], environment: process.env },
    { ...watcher, replaced: (_, reason) => reasons.push(reason) },
    pauses,
  )
  const file = (await testProgramArgs('deploy/testing/healthApi.ts')).at(-1)!
  const api = superviseChild(
    {
      name: 'api',
      entry: [file, String(apiPort), `http://127.0.0.1:${storePort}`],
      environment: process.env,
    },
    { ...watcher, replaced: (_, reason) => reasons.push(`the API: ${reason}`) },
  )
  const control = await startControl(5)
  try {
    await Promise.all([dying.ready, api.ready])
    const asked: { readonly live: Answer; readonly ready: Answer; readonly loadMs: number }[] = []
    while (reasons.length < deaths) {
      const [live, ready, loadMs] = await Promise.all([
        get(apiPort, '/livez'),
        get(apiPort, '/readyz'),
        control.measureMs(),
        sleep(askEveryMs),
      ])
      asked.push({ live, ready, loadMs })
    }
    writeFileSync(mended, '')
    expect(reasons.filter((each) => !each.startsWith('exit code 3'))).toEqual([])
    expect(asked.length).toBeGreaterThan(deaths)
    expect(asked.filter(({ live }) => live.status !== 200)).toEqual([])
    // It has neither log nor chain, and says so.
    expect(asked.filter(({ ready }) => ready.status !== 503 || !ready.body.parts)).toEqual([])
    const slow = asked.filter(({ live, ready, loadMs }) => {
      return Math.max(live.ms, ready.ms) > answerMsMax + loadMs
    })
    expect(slow).toEqual([])
    const isReady = async () => (await get(apiPort, '/readyz')).body.parts.views.isReady
    await expect.poll(isReady, { timeout: 10_000 }).toBe(true)
  } finally {
    control.stop()
    await Promise.all([api.stop(), dying.stop()])
  }
}, 120_000)

type Answer = {
  readonly status: number
  readonly ms: number
  readonly body: Readiness
}

async function get(port: number, route: string): Promise<Answer> {
  const beganMs = performance.now()
  const answer = await fetch(`http://127.0.0.1:${port}${route}`)
  const body = (await answer.json()) as Readiness
  return { status: answer.status, ms: performance.now() - beganMs, body }
}
