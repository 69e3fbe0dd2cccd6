import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { listDescendants } from '../process/threadState.ts'
import { readProcessTable, readReplacements } from '../supervise/processTable.ts'
import { type Control, startControl } from '../testing/controlProcess.ts'
import { isAlive } from '../testing/isAlive.ts'
import { bodyOf, listRoutes, type Route } from '../testing/routeRequests.ts'
import { type Answer, ask, type LiveUp, startLiveUp } from './liveUp.ts'
import { temporaryDir } from './runDemo.ts'
import { startTrickle, trickleMeter } from './trickle.ts'

/**
 * Each process of an installation is stopped in turn while readings arrive: every route answers,
 * the process is replaced, and nothing that was acknowledged is lost.
 */
const victims = ['clickhouse', 'postgres', 'chain', 'speed', 'batch', 'validators', 'serve']
/** Nothing in what they are asked is wrong. */
const plainReads = [
  ...['/livez', '/readyz', '/api/v1/status', '/api/v1/anchors', '/api/v1/validators'],
  ...['/api/v1/jobs', '/api/v1/events', '/api/v1/groups', '/api/v1/views/group'],
].map((path) => `GET ${path}`)
/** On an idle machine; CI has other work, of which a process beside them tells. */
const answerMsMax = 2_000
const replacedMsMax = 120_000

type Asked = Answer & {
  /** Method and path. */
  readonly route: string
  readonly victim: string
  /** By how much the machine's other work may delay this answer. */
  readonly loadMs: number
}

test('each process that is stopped is replaced, and no route waits for it', async () => {
  const up = await startLiveUp(temporaryDir())
  const trickle = await startTrickle(up)
  const control = await startControl(100)
  const asked: Asked[] = []
  try {
    const routes = await readRoutes(up)
    const usualMs = await measureUsual(up, routes)
    const look = (victim: string) => askAll(up, { routes, victim, usualMs, control })
    for (const victim of victims) {
      const { pid } = readProcessTable(up.dir)[victim]!
      process.kill(pid, 'SIGSTOP')
      // Nobody can answer for the process of the API itself.
      if (victim !== 'serve') asked.push(...(await look(victim)))
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
      asked.push(...(await look(victim)))
      await expect.poll(() => isAlive(engine!), { timeout: replacedMsMax }).toBe(false)
      const reason = () => readReplacements(up.dir)[victim]?.reason
      // The owner ends like its engine, which was killed.
      await expect.poll(reason, { timeout: replacedMsMax }).toBe('SIGKILL')
      await untilFresh(up)
    }
    const slow = asked.filter(({ ms, loadMs }) => ms > answerMsMax + loadMs)
    expect(slow, up.said().slice(-4_000)).toEqual([])
    expect(asked.filter((each) => !isTyped(each))).toEqual([])
    const read = asked.filter(({ route }) => plainReads.includes(route))
    expect(read.filter(({ status }) => status !== 200 && status !== 503)).toEqual([])
    const old = asked.filter(({ route, body }) => {
      return route === 'GET /api/v1/status' && JSON.parse(body).oldSince !== null
    })
    expect(old.map(({ victim }) => victim)).toContain('clickhouse')

    await trickle.stop()
    const sent = trickle.acknowledged()
    await expect
      .poll(async () => countersOf(await ask(up, '/api/v1/status')), { timeout: replacedMsMax })
      .toEqual({ archive: sent.length + 1, speed: sent.length + 1 })
    const from = new Date(Date.now() - 6 * 86_400_000).toISOString()
    const query = `meter=${trickleMeter}&from=${from}&to=${new Date().toISOString()}&limit=50000`
    const kept = await ask(up, `/api/v1/views/readings?${query}`)
    const rows = (JSON.parse(kept.body) as { rows: Record<string, unknown>[] }).rows
    expect(rows.map(energyOf)).toEqual(sent)
  } finally {
    control.stop()
    up.process.kill('SIGTERM')
  }
}, 900_000)

/** What an installation answers to, as its own document says. */
async function readRoutes(up: LiveUp): Promise<readonly Route[]> {
  const { body } = await ask(up, '/api/v1/openapi.json')
  const routes = listRoutes(JSON.parse(body))
  expect(routes.length).toBeGreaterThan(35)
  expect(routes.map(nameOf)).toEqual(expect.arrayContaining([...plainReads, 'GET /metrics']))
  // Its meter first: the reading is then taken in each round.
  const enrol = routes.find((each) => nameOf(each) === 'POST /api/v1/meters')!
  expect(await send(up, enrol)).toMatchObject({ status: 200 })
  return [...routes, { method: 'GET', path: '/' }]
}

function nameOf({ method, path }: Route): string {
  return `${method} ${path}`
}

function send(up: LiveUp, route: Route): Promise<Answer> {
  const body = bodyOf(route)
  // One reading, however often it is sent.
  const headers = { 'content-type': 'application/json', 'idempotency-key': 'once' }
  return ask(up, route.path, body === null ? {} : { method: 'POST', headers, body })
}

/** An answer, or a problem that says of which kind it is. */
function isTyped({ route, status, body }: Asked): boolean {
  if (status >= 200 && status < 300) return true
  if (route === 'GET /readyz' && status === 503) return body.includes('does not answer')
  return status >= 400 && /"urn:wattproof:problem:[a-z-]+"/.test(body)
}

type Asking = {
  readonly routes: readonly Route[]
  readonly victim: string
  readonly usualMs: ReadonlyMap<string, number>
  readonly control: Control
}

/** All routes at once, twice: with the first silence and within it. */
async function askAll(up: LiveUp, { routes, victim, usualMs, control }: Asking): Promise<Asked[]> {
  const all: Asked[] = []
  for (let round = 0; round < 2; round++) {
    const [answers, controlMs] = await Promise.all([sendAll(up, routes), control.measureMs()])
    for (const answer of answers) {
      const loadMs = controlMs + (usualMs.get(answer.route) ?? 0)
      all.push({ victim, loadMs, ...answer })
    }
    await sleep(1_000)
  }
  return all
}

function sendAll(up: LiveUp, routes: readonly Route[]) {
  return Promise.all(
    routes.map(async (route) => ({ route: nameOf(route), ...(await send(up, route)) })),
  )
}

/** How long each route takes while nothing is stopped, all at once, ms. */
async function measureUsual(
  up: LiveUp,
  routes: readonly Route[],
): Promise<ReadonlyMap<string, number>> {
  const usual = new Map<string, number>()
  for (let round = 0; round < 3; round++) {
    for (const { route, ms } of await sendAll(up, routes)) {
      usual.set(route, Math.max(ms, usual.get(route) ?? 0))
    }
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
