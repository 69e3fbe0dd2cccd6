import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { InvariantError } from '../../schemas/errors/wattproofError.ts'
import { cpuSOf, listTree } from '../testing/processTree.ts'
import { isCount, load, print, quantile } from './figures.ts'
import { inFolder, startUp, stop } from './startUp.ts'

const metersARequest = 10_000
const metersAGroup = 1_000
const asked = 20
const stepMs = 1_800_000

type Api = { readonly base: string; readonly token: string; readonly up: ChildProcess }

/**
 * An installation with many enrolled meters: how long enrolment takes, one reading of each, and
 * what a reader waits for: pages and programs ask these questions, one after another.
 *
 * @param count meters.
 */
export async function printEnrolled(count = 50_000): Promise<void> {
  if (!isCount(count, 'enrolled [METERS]')) return
  await inFolder(async (dir) => {
    const { up, base } = await startUp(dir)
    const token = readFileSync(path.join(dir, 'token'), 'utf8').trim()
    try {
      await measure({ base, token, up }, count)
    } finally {
      await stop(up)
    }
  })
}

async function measure(api: Api, count: number): Promise<void> {
  const cpuS = () => listTree(api.up.pid!).reduce((sum, each) => sum + cpuSOf(each), 0)
  const timed = async (name: string, act: () => Promise<unknown>) => {
    const [beganMs, beganS] = [performance.now(), cpuS()]
    await act()
    const tookS = ((performance.now() - beganMs) / 1000).toFixed(1)
    const usedS = (cpuS() - beganS).toFixed(1)
    print(`${name.padEnd(44)} ${tookS.padStart(7)} s ${usedS.padStart(7)} CPU-s`)
  }
  print(`${count} meters of half an hour; load ${load()}`)
  await timed('enrolled', () => enrol(api, count))
  const startMs = Math.floor(Date.now() / stepMs - 4) * stepMs
  await timed('one reading of each, accepted', () => send(api, count, startMs))
  await timed('and in the merged view', () => untilShown(api, count))
  await timed('the next, accepted', () => send(api, count, startMs + stepMs))
  await timed('and in the merged view', () => untilShown(api, 2 * count))
  for (const path of questions(startMs)) await ask(api, path, true)
  await ask(api, '/groups', false)
  await ask(api, '/status', false)
  await timed('one more meter', () => post(api, '/meters', [meterOf(count)]))
  await ask(api, '/groups', true)
}

function questions(startMs: number): string[] {
  const [from, to] = [startMs, startMs + 2 * stepMs].map((ms) => new Date(ms).toISOString())
  const range = `from=${from}&to=${to}`
  return [
    ...['/groups', '/status', '/views', '/events', '/rejected', '/metrics'],
    ...['/meters?limit=1000', '/meters?group=g3&limit=1000', '/meters?meter=M000777'],
    `/views/group?group=g3&${range}`,
    `/views/group?${range}`,
    `/views/exceptions?${range}`,
    `/views/deviation?meter=M000777&${range}`,
    `/views/deviation?group=g3&limit=1000&${range}`,
    `/views/deviation?limit=1000&${range}`,
    `/views/readings?group=g3&limit=1000&${range}`,
  ]
}

function meterOf(index: number): object {
  const group = `g${Math.floor(index / metersAGroup)}`
  return {
    meter: idOf(index),
    zone: 'Europe/London',
    groups: { community: group },
    intervalS: 1800,
  }
}

function idOf(index: number): string {
  return `M${String(index).padStart(6, '0')}`
}

async function enrol(api: Api, count: number): Promise<void> {
  for (let from = 0; from < count; from += metersARequest) {
    const length = Math.min(metersARequest, count - from)
    await post(
      api,
      '/meters',
      Array.from({ length }, (_, index) => meterOf(from + index)),
    )
  }
}

async function send(api: Api, count: number, startMs: number): Promise<void> {
  const start = new Date(startMs).toISOString()
  for (let from = 0; from < count; from += metersARequest) {
    const length = Math.min(metersARequest, count - from)
    const readings = Array.from({ length }, (_, index) => {
      const energy_wh = 200 + (index % 100)
      return { meter: idOf(from + index), start, duration_s: 1800, energy_wh }
    })
    const { rejectedCount: rejected } = await post(api, '/readings', readings)
    if (rejected !== 0) throw new InvariantError(`${rejected} readings were rejected.`)
  }
}

async function untilShown(api: Api, readings: number): Promise<void> {
  for (;;) {
    const { speed } = (await (await get(api, '/status', true)).json()) as Status
    if (speed.accepted >= readings) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

type Status = { readonly speed: { readonly accepted: number } }

async function ask(api: Api, path: string, isTrusted: boolean): Promise<void> {
  const tookMs: number[] = []
  let bytes = 0
  for (let each = 0; each < asked; each++) {
    const beganMs = performance.now()
    const answer = await get(api, path, isTrusted)
    bytes = (await answer.arrayBuffer()).byteLength
    if (!answer.ok) throw new InvariantError(`${path} answers ${answer.status}.`)
    tookMs.push(performance.now() - beganMs)
  }
  const at = (share: number) => quantile(tookMs, share).toFixed(0).padStart(6)
  const who = isTrusted ? '' : ' (no token)'
  const name = `${path.replace(/&?from=.*/, '')}${who}`.padEnd(44)
  print(`${name} p50 ${at(0.5)} ms p95 ${at(0.95)} ms ${bytes} B`)
}

function get({ base, token }: Api, path: string, isTrusted: boolean): Promise<Response> {
  const headers = isTrusted ? { authorization: `Bearer ${token}` } : undefined
  const root = path === '/metrics' ? base : `${base}/api/v1`
  return fetch(`${root}${path}`, { ...(headers ? { headers } : {}) })
}

async function post({ base, token }: Api, path: string, body: unknown): Promise<Posted> {
  const answer = await fetch(`${base}/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  if (!answer.ok) throw new InvariantError(`${path}: ${answer.status} ${text.slice(0, 300)}`)
  return JSON.parse(text) as Posted
}

type Posted = { readonly rejectedCount?: number }
