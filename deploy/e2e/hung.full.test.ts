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
/** 2 s on an idle machine; CI has other work. */
const answerMsMax = 10_000
const replacedMsMax = 120_000

type Asked = Answer & { readonly route: string; readonly victim: string }

test('each process that is stopped is replaced, and no route waits for it', async () => {
  const up = await startLiveUp(temporaryDir())
  const trickle = await startTrickle(up)
  const asked: Asked[] = []
  try {
    for (const victim of victims) {
      const { pid } = readProcessTable(up.dir)[victim]!
      process.kill(pid, 'SIGSTOP')
      // Nobody can answer for the process of the API itself.
      if (victim !== 'serve') asked.push(...(await askAll(up, victim)))
      const pidNow = () => readProcessTable(up.dir)[victim]?.pid
      await expect.poll(() => pidNow() ?? pid, { timeout: replacedMsMax }).not.toBe(pid)
      await untilFresh(up)
    }
    // Behind a live owner.
    for (const victim of ['chain', 'postgres']) {
      const [engine] = listDescendants(readProcessTable(up.dir)[victim]!.pid)
      process.kill(engine!, 'SIGSTOP')
      asked.push(...(await askAll(up, victim)))
      await expect.poll(() => isAlive(engine!), { timeout: replacedMsMax }).toBe(false)
      await untilFresh(up)
    }
    const slow = asked.filter(({ ms }) => ms > answerMsMax)
    expect(slow, up.said().slice(-4_000)).toEqual([])
    expect(asked.filter(({ status }) => status !== 200 && status !== 503)).toEqual([])
    const old = asked.filter(({ route, body }) => {
      return route === '/api/v1/status' && JSON.parse(body).oldSince !== null
    })
    expect(old.map(({ victim }) => victim)).toContain('clickhouse')
    for (const victim of victims) {
      expect(readReplacements(up.dir)[victim]?.reason, victim).toMatch(
        /stopped for \d+ s|exit code/,
      )
    }

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
async function askAll(up: LiveUp, victim: string): Promise<Asked[]> {
  const all: Asked[] = []
  for (let round = 0; round < 2; round++) {
    const answers = routes.map(async (route) => ({ route, victim, ...(await ask(up, route)) }))
    all.push(...(await Promise.all(answers)))
    await sleep(1_000)
  }
  return all
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
