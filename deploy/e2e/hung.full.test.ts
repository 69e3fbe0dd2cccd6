import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { listDescendants } from '../process/threadState.ts'
import { readProcessTable, readReplacements } from '../supervise/processTable.ts'
import { isAlive } from '../testing/isAlive.ts'
import { type Answer, ask, type LiveUp, startLiveUp } from './liveUp.ts'
import { temporaryDir } from './runDemo.ts'
import { startTrickle, trickleMeter } from './trickle.ts'

/**
 * Each process of an installation is stopped in turn while readings arrive: every route answers,
 * the process is replaced, and nothing that was acknowledged is lost.
 */
const victims = ['clickhouse', 'postgres', 'chain', 'speed', 'batch', 'validators', 'serve']
const routes = [
  ...['/livez', '/readyz', '/api/v1/status', '/api/v1/anchors', '/api/v1/validators'],
  ...['/api/v1/jobs', '/api/v1/events', '/api/v1/groups', '/api/v1/views/deviation'],
]
/** On an idle machine; CI has other work, of which the requests beside it tell. */
const answerMsMax = 2_000
const replacedMsMax = 120_000

type Asked = Answer & {
  readonly route: string
  readonly victim: string
  /** By how much the machine's other work may delay this answer. */
  readonly loadMs: number
}

test('each process that is stopped is replaced, and no route waits for it', async () => {
  const up = await startLiveUp(temporaryDir())
  const trickle = await startTrickle(up)
  const asked: Asked[] = []
  try {
    const usualMs = await measureUsual(up)
    for (const victim of victims) {
      const { pid } = readProcessTable(up.dir)[victim]!
      process.kill(pid, 'SIGSTOP')
      // Nobody can answer for the process of the API itself.
      if (victim !== 'serve') asked.push(...(await askAll(up, victim, usualMs)))
      const pidNow = () => readProcessTable(up.dir)[victim]?.pid
      await expect.poll(() => pidNow() ?? pid, { timeout: replacedMsMax }).not.toBe(pid)
      const { reason } = readReplacements(up.dir)[victim]!
      expect(reason, victim).toMatch(/^it was stopped for \d+ s$/)
      await untilFresh(up)
    }
    // Behind a live owner.
    for (const victim of ['chain', 'postgres']) {
      const [engine] = listDescendants(readProcessTable(up.dir)[victim]!.pid)
      process.kill(engine!, 'SIGSTOP')
      asked.push(...(await askAll(up, victim, usualMs)))
      await expect.poll(() => isAlive(engine!), { timeout: replacedMsMax }).toBe(false)
      const reason = () => readReplacements(up.dir)[victim]?.reason
      // The owner ends like its engine, which was killed.
      await expect.poll(reason, { timeout: replacedMsMax }).toBe('SIGKILL')
      await untilFresh(up)
    }
    const slow = asked.filter(({ ms, loadMs }) => ms > answerMsMax + loadMs)
    expect(slow, up.said().slice(-4_000)).toEqual([])
    expect(asked.filter(({ status }) => status !== 200 && status !== 503)).toEqual([])
    const old = asked.filter(({ route, body }) => {
      return route === '/api/v1/status' && JSON.parse(body).oldSince !== null
    })
    expect(old.map(({ victim }) => victim)).toContain('clickhouse')

    await trickle.stop()
    const sent = trickle.acknowledged()
    await expect
      .poll(async () => countersOf(await ask(up, '/api/v1/status')), { timeout: replacedMsMax })
      .toEqual({ archive: sent.length, speed: sent.length })
    const from = new Date(Date.now() - 6 * 86_400_000).toISOString()
    const query = `meter=${trickleMeter}&from=${from}&to=${new Date().toISOString()}&limit=50000`
    const kept = await ask(up, `/api/v1/views/readings?${query}`)
    const rows = (JSON.parse(kept.body) as { rows: Record<string, unknown>[] }).rows
    expect(rows.map(energyOf)).toEqual(sent)
  } finally {
    up.process.kill('SIGTERM')
  }
}, 900_000)

/** All routes at once, twice: with the first silence and within it. */
async function askAll(
  up: LiveUp,
  victim: string,
  usualMs: ReadonlyMap<string, number>,
): Promise<Asked[]> {
  const all: Asked[] = []
  for (let round = 0; round < 2; round++) {
    const answers = await Promise.all(routes.map(async (route) => [route, await ask(up, route)]))
    // `/livez` waits for nothing but a processor.
    const [, control] = answers[0] as [string, Answer]
    for (const [route, answer] of answers as [string, Answer][]) {
      const loadMs = control.ms + (usualMs.get(route) ?? 0)
      all.push({ route, victim, loadMs, ...answer })
    }
    await sleep(1_000)
  }
  return all
}

/** How long each route takes while nothing is stopped, all at once, ms. */
async function measureUsual(up: LiveUp): Promise<ReadonlyMap<string, number>> {
  const usual = new Map<string, number>()
  for (let round = 0; round < 3; round++) {
    const answers = await Promise.all(
      routes.map(async (route) => ({ route, ...(await ask(up, route)) })),
    )
    for (const { route, ms } of answers) usual.set(route, Math.max(ms, usual.get(route) ?? 0))
  }
  return usual
}

async function untilFresh(up: LiveUp): Promise<void> {
  const state = async () => {
    const { status, body } = await ask(up, '/readyz')
    const now = await ask(up, '/api/v1/status')
    return { isReady: status === 200, oldSince: oldSinceOf(now), body }
  }
  await expect
    .poll(state, { timeout: replacedMsMax, interval: 500 })
    .toMatchObject({ isReady: true, oldSince: null })
}

function oldSinceOf({ status, body }: Answer): string | null {
  return status === 200 ? (JSON.parse(body) as { oldSince: string | null }).oldSince : 'no answer'
}

function countersOf({ status, body }: Answer): unknown {
  if (status !== 200) return null
  const { readings, speed } = JSON.parse(body)
  return { archive: readings.accepted, speed: speed.accepted }
}

function energyOf(row: Record<string, unknown>): number {
  return Number(row.energyMwh) / 1000
}
