import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { InvariantError } from '../../schemas/errors/wattproofError.ts'
import type { Views } from '../../schemas/ports/views.ts'
import { openClickHouseViews } from '../engines/views/clickhouseViews.ts'
import { viewsUrlOf } from '../installation/addresses.ts'
import { readConfig } from '../installation/config.ts'
import { cpuSOf, listTree } from '../testing/processTree.ts'
import { meterOf, stepMs, storeInterval, storeMeters } from './enrolledFleet.ts'
import { isCount, load, print, printMachine, quantile } from './figures.ts'
import { measureMemory } from './processMemory.ts'
import { nameOfProcess } from './processNames.ts'
import { inFolder, startUp, stop } from './startUp.ts'

const metersARequest = 10_000
const asked = 20
const p95MsMax = 250

type Api = { readonly base: string; readonly token: string; readonly up: ChildProcess }

/**
 * An installation with many enrolled meters: what enrolling ten thousand takes at first and with
 * the fleet there already, a start, the memory of its processes, and what a reader waits for: pages
 * and programs ask these questions, one after another.
 *
 * Between the first and the last request the fleet goes straight into the store, as do its live
 * rows, sums and readings: of the layers' own work this says nothing.
 *
 * @param count meters.
 * @param intervals half-hours of live rows.
 * @returns a sentence for each question of which one in twenty takes above 250 ms.
 */
export async function printEnrolled(count = 50_000, intervals = 4): Promise<string[]> {
  const usage = 'enrolled [METERS] [HALF_HOURS]'
  if (!isCount(count, usage) || !isCount(intervals, usage)) return []
  return inFolder(async (dir) => {
    const startMs = Math.floor(Date.now() / stepMs - intervals - 1) * stepMs
    print(`${count} meters of half an hour, ${intervals} of them live; load ${load()}`)
    await withUp(dir, async (api) => {
      await fill(dir, api, { count, intervals, startMs })
      printMemory(api, count)
    })
    return withUp(dir, async (api) => {
      await timed(api, 'until nothing is behind', () => untilShown(api))
      printMemory(api, count)
      const problems: string[] = []
      const range = { startMs, endMs: startMs + intervals * stepMs }
      for (const each of questions(range)) problems.push(...(await ask(api, each, true)))
      for (const each of ['/groups', '/status']) problems.push(...(await ask(api, each, false)))
      await timed(api, 'one more meter', () => post(api, '/meters', [meterOf(count)]))
      await timed(api, '/groups after it', () => get(api, '/groups', true))
      problems.push(...(await ask(api, '/groups', true)))
      printMemory(api, count)
      printMachine()
      return problems
    })
  })
}

async function withUp<T>(dir: string, work: (api: Api) => Promise<T>): Promise<T> {
  const beganMs = performance.now()
  const { up, base } = await startUp(dir)
  print(`${'up'.padEnd(44)} ${((performance.now() - beganMs) / 1000).toFixed(1).padStart(7)} s`)
  const token = readFileSync(path.join(dir, 'token'), 'utf8').trim()
  try {
    return await work({ base, token, up })
  } finally {
    await stop(up)
  }
}

type Fleet = { readonly count: number; readonly intervals: number; readonly startMs: number }

async function fill(dir: string, api: Api, { count, intervals, startMs }: Fleet): Promise<void> {
  const first = Math.min(count, metersARequest)
  const last = Math.max(first, count - metersARequest)
  await timed(api, `the first ${first} enrolled by the API`, () => enrol(api, 0, first))
  const views = await openClickHouseViews({ url: viewsUrlOf(readConfig({ WATTPROOF_DIR: dir })) })
  try {
    await timed(api, `${last - first} more in the store`, () => storeMeters(views, first, last))
    await timed(api, `the last ${count - last} by the API`, () => enrol(api, last, count))
    await timed(api, 'live rows and readings in the store', () =>
      storeIntervals(views, { count, intervals, startMs }),
    )
  } finally {
    await views.close()
  }
}

async function storeIntervals(views: Views, { count, intervals, startMs }: Fleet): Promise<void> {
  for (let at = 0; at < intervals; at++) await storeInterval(views, count, startMs + at * stepMs)
}

async function timed(api: Api, name: string, act: () => Promise<unknown>): Promise<void> {
  const cpuS = () => listTree(api.up.pid!).reduce((sum, each) => sum + cpuSOf(each), 0)
  const [beganMs, beganS] = [performance.now(), cpuS()]
  await act()
  const tookS = ((performance.now() - beganMs) / 1000).toFixed(1)
  const usedS = (cpuS() - beganS).toFixed(1)
  print(`${name.padEnd(44)} ${tookS.padStart(7)} s ${usedS.padStart(7)} CPU-s`)
}

/** Own pages of each process, and of how many bytes a meter that is. */
function printMemory(api: Api, count: number): void {
  const tree = listTree(api.up.pid!)
  const { ownMb } = measureMemory(tree)
  const byName = new Map<string, number>()
  for (const each of tree) {
    const name = nameOfProcess(each)
    byName.set(name, (byName.get(name) ?? 0) + (ownMb.get(each.pid) ?? 0))
  }
  const cells = [...byName].map(([name, mb]) => {
    return `${name} ${mb.toFixed(0)} MB, ${((mb * 1e6) / count).toFixed(0)} B`
  })
  print(`own memory, and a meter: ${cells.join('; ')}`)
}

function questions({ startMs, endMs }: { startMs: number; endMs: number }): string[] {
  const range = `from=${new Date(startMs).toISOString()}&to=${new Date(endMs).toISOString()}`
  const one = 'meter=M0000777'
  return [
    ...['/groups', '/status', '/views', '/events', '/rejected', '/metrics', '/jobs', '/models'],
    ...['/meters?limit=1000', '/meters?group=g3&limit=1000', `/meters?${one}`],
    ...['/meters?after=M0009000&limit=1000', '/points', '/occupancies', '/forecasts'],
    `/views/group?group=g3&${range}`,
    `/views/group?limit=20000&${range}`,
    `/views/exceptions?limit=2000&${range}`,
    '/views/exceptions?limit=2000',
    `/views/exceptions?group=g3&${range}`,
    `/views/deviation?${one}&${range}`,
    `/views/deviation?group=g3&limit=1000&${range}`,
    `/views/deviation?limit=1000&${range}`,
    `/views/readings?${one}&${range}`,
    `/views/readings?group=g3&limit=1000&${range}`,
    ...[`/views/baseline?limit=1000&${range}`, `/views/forecast?limit=1000&${range}`],
    ...['/sources', '/ingests'],
  ]
}

async function enrol(api: Api, from: number, end: number): Promise<void> {
  for (let at = from; at < end; at += metersARequest) {
    const length = Math.min(metersARequest, end - at)
    const meters = Array.from({ length }, (_, index) => meterOf(at + index))
    await post(api, '/meters', meters)
  }
}

/** The speed layer and the archive have read what there is, and the layer shows all enrolments. */
async function untilShown(api: Api): Promise<void> {
  for (;;) {
    const { isEnrolmentShown } = (await (await get(api, '/status', true)).json()) as Status
    if (isEnrolmentShown) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

type Status = { readonly isEnrolmentShown: boolean }

async function ask(api: Api, question: string, isTrusted: boolean): Promise<string[]> {
  const tookMs: number[] = []
  const statuses = new Set<number>()
  let bytes = 0
  for (let each = 0; each < asked; each++) {
    const beganMs = performance.now()
    const answer = await get(api, question, isTrusted)
    bytes = (await answer.arrayBuffer()).byteLength
    statuses.add(answer.status)
    tookMs.push(performance.now() - beganMs)
  }
  const at = (share: number) => quantile(tookMs, share).toFixed(0)
  const name = `${question.replace(/[?&]?from=.*/, '')}${isTrusted ? '' : ' (no token)'}`
  const said = [...statuses].join(' ')
  print(
    `${name.padEnd(44)} p50 ${at(0.5).padStart(6)} ms p95 ${at(0.95).padStart(6)} ms` +
      ` ${bytes} B ${said === '200' ? '' : said}`,
  )
  if (said !== '200') return [`${question} answers ${said}.`]
  if (quantile(tookMs, 0.95) <= p95MsMax) return []
  return [`${name}: p95 ${at(0.95)} ms; at most ${p95MsMax} is the aim.`]
}

function get({ base, token }: Api, question: string, isTrusted: boolean): Promise<Response> {
  const headers = isTrusted ? { authorization: `Bearer ${token}` } : undefined
  const root = question === '/metrics' ? base : `${base}/api/v1`
  return fetch(`${root}${question}`, { ...(headers ? { headers } : {}) })
}

async function post({ base, token }: Api, at: string, body: unknown): Promise<void> {
  const answer = await fetch(`${base}/api/v1${at}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  if (!answer.ok) throw new InvariantError(`${at}: ${answer.status} ${text.slice(0, 300)}`)
}
